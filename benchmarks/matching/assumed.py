"""What is assumed where the learning sets say nothing: sex, telephones, e-mails, nicknames, initials, second names."""

from typing import Final

from apps.practice.matching.comparing import Field
from apps.practice.matching.levels import Level
from apps.practice.matching.weights import Chances, Weights

# Levels that the learning sets don't have, or only by accident.
UNTAUGHT: Final = frozenset(
    {
        (Field.FAMILY, Level.PARTIAL),
        (Field.GIVEN, Level.PARTIAL),
        (Field.GIVEN, Level.NICKNAME),
        (Field.GIVEN, Level.INITIAL),
        (Field.BIRTH_DATE, Level.SWAPPED),
        (Field.BIRTH_DATE, Level.ALIKE),
        (Field.IDENTIFIER, Level.SHORT),
        (Field.IDENTIFIER, Level.NEIGHBOUR),
        (Field.IDENTIFIER, Level.OTHER),
    }
)
CHANCES: Final = {
    Field.FAMILY: {
        Level.EXACT: Chances(0.86, 0.004),
        Level.CLOSE: Chances(0.07, 0.002),
        Level.PARTIAL: Chances(0.01, 0.002),
        Level.ALIKE: Chances(0.02, 0.01),
        Level.DIFFERENT: Chances(0.04, 0.982),
    },
    Field.GIVEN: {
        Level.EXACT: Chances(0.84, 0.008),
        Level.PARTIAL: Chances(0.01, 0.001),
        Level.NICKNAME: Chances(0.01, 0.002),
        Level.CLOSE: Chances(0.07, 0.003),
        Level.INITIAL: Chances(0.01, 0.05),
        Level.ALIKE: Chances(0.02, 0.01),
        Level.DIFFERENT: Chances(0.04, 0.926),
    },
    Field.ORDER: {
        Level.STRAIGHT: Chances(0.97, 0.97),
        Level.SWAPPED: Chances(0.03, 0.03),
    },
    Field.BIRTH_DATE: {
        Level.EXACT: Chances(0.93, 4e-05),
        Level.SWAPPED: Chances(0.005, 2e-05),
        Level.CLOSE: Chances(0.04, 0.001),
        Level.ALIKE: Chances(0.015, 0.015),
        Level.DIFFERENT: Chances(0.01, 0.984),
    },
    Field.SEX: {
        Level.EXACT: Chances(0.99, 0.5),
        Level.DIFFERENT: Chances(0.01, 0.5),
    },
    Field.IDENTIFIER: {
        Level.EXACT: Chances(0.9, 1e-06),
        Level.SHORT: Chances(0.9, 0.001),
        Level.CLOSE: Chances(0.07, 1e-05),
        Level.NEIGHBOUR: Chances(0.01, 1e-05),
        Level.OTHER: Chances(0.6, 0.99),
        Level.DIFFERENT: Chances(0.02, 0.99),
    },
    Field.PHONE: {
        Level.EXACT: Chances(0.7, 0.0002),
        Level.DIFFERENT: Chances(0.3, 0.9998),
    },
    Field.EMAIL: {
        Level.EXACT: Chances(0.75, 2e-05),
        Level.DIFFERENT: Chances(0.25, 0.99998),
    },
    Field.STREET: {
        Level.EXACT: Chances(0.8, 0.0005),
        Level.PARTIAL: Chances(0.08, 0.003),
        Level.DIFFERENT: Chances(0.12, 0.9965),
    },
    Field.POSTCODE: {
        Level.EXACT: Chances(0.85, 0.002),
        Level.CLOSE: Chances(0.07, 0.01),
        Level.DIFFERENT: Chances(0.08, 0.988),
    },
    Field.CITY: {
        Level.EXACT: Chances(0.8, 0.01),
        Level.CLOSE: Chances(0.1, 0.01),
        Level.DIFFERENT: Chances(0.1, 0.98),
    },
    Field.REGION: {
        Level.EXACT: Chances(0.88, 0.25),
        Level.CLOSE: Chances(0.02, 0.02),
        Level.DIFFERENT: Chances(0.1, 0.73),
    },
}
ASSUMED: Final = Weights("assumed", CHANCES)
