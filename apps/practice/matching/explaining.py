"""What each field says, in words for who looks through the matches. No values: those stand beside it."""

from typing import Final

from apps.practice.matching.comparing import Field
from apps.practice.matching.levels import Level

_FIELDS: Final = {
    Field.FAMILY: "Family name",
    Field.GIVEN: "Given name",
    Field.ORDER: "Order of the names",
    Field.BIRTH_DATE: "Birth date",
    Field.SEX: "Sex",
    Field.IDENTIFIER: "Number",
    Field.PHONE: "Telephone",
    Field.EMAIL: "E-mail",
    Field.STREET: "Street",
    Field.POSTCODE: "Postcode",
    Field.CITY: "City",
    Field.REGION: "Region",
}
_LEVELS: Final = {
    Level.EXACT: "the same",
    Level.PARTIAL: "a part of it is the same",
    Level.NICKNAME: "a short form of the same name",
    Level.CLOSE: "the same but for one letter or digit",
    Level.INITIAL: "the same initial",
    Level.ALIKE: "similar",
    Level.STRAIGHT: "the usual one",
    Level.SWAPPED: "in the other order",
    Level.SHORT: "the same, but too short to tell people apart",
    Level.NEIGHBOUR: "the next one, as twins have",
    Level.OTHER: "different, perhaps of different kinds",
    Level.DIFFERENT: "different",
    Level.MISSING: "not known on both sides",
}
_SPECIAL: Final = {
    (Field.FAMILY, Level.CLOSE): "Family name: the same but for the spelling",
    (Field.GIVEN, Level.CLOSE): "Given name: the same but for the spelling",
    (Field.BIRTH_DATE, Level.CLOSE): "Birth date: one digit is different",
    (Field.BIRTH_DATE, Level.ALIKE): "Birth date: two digits are different",
    (Field.BIRTH_DATE, Level.SWAPPED): "Birth date: day and month have changed places",
    (Field.ORDER, Level.SWAPPED): "Family and given name have changed places",
    (Field.STREET, Level.PARTIAL): "Street: the same, another house number",
}


def words_for(field: Field, level: Level) -> str:
    """One line about one field, in English."""
    return _SPECIAL.get((field, level)) or f"{_FIELDS[field]}: {_LEVELS[level]}"
