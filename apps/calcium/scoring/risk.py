"""The risk of coronary heart disease within ten years, from the calcium and what else is known (MESA, 2015).

McClelland RL, et al. J Am Coll Cardiol 2015;66:1643-1653, the model with coronary artery calcium. The events are heart
attacks, resuscitated cardiac arrest, death of coronary heart disease, and revascularisation with angina.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from typing import Final

SOURCE: Final = "MESA: McClelland RL et al. J Am Coll Cardiol 2015;66:1643-1653"
# Of the people that it was found with, in years.
AGES: Final = (45, 85)


class Sex(StrEnum):
    """As Patient's Sex (0010,0040) names them."""

    FEMALE = "F"
    MALE = "M"


class Ethnicity(StrEnum):
    """The groups of the study; it knows no others."""

    WHITE = "white"
    CHINESE = "chinese"
    BLACK = "black"
    HISPANIC = "hispanic"


@dataclass(frozen=True, slots=True)
class Person:
    """Age in years, cholesterol (total, HDL) in mg/dL, systolic blood pressure in mmHg. `has_family_history` is of a
    heart attack in parents, siblings or children."""

    age: float
    sex: Sex
    ethnicity: Ethnicity
    total_cholesterol: float
    hdl_cholesterol: float
    systolic_pressure: float
    has_diabetes: bool
    smokes: bool
    takes_lipid_medication: bool
    takes_pressure_medication: bool
    has_family_history: bool


_SURVIVAL: Final = 0.99833
_ETHNICITIES: Final = {
    Ethnicity.WHITE: 0.0,
    Ethnicity.CHINESE: -0.3475,
    Ethnicity.BLACK: 0.0353,
    Ethnicity.HISPANIC: -0.0222,
}


def ten_years(person: Person, agatston: float) -> float:
    """The risk in percent. Raises ValueError for an age beyond AGES, and for less than no calcium."""
    if not AGES[0] <= person.age <= AGES[1] or agatston < 0:
        raise ValueError("The study tells nothing of that.")
    return 100 * (1 - _SURVIVAL ** exp(_traditional(person) + 0.2743 * log(agatston + 1)))


def _traditional(person: Person) -> float:
    return (
        0.0172 * person.age
        + 0.4079 * (person.sex is Sex.MALE)
        + _ETHNICITIES[person.ethnicity]
        + 0.3892 * person.has_diabetes
        + 0.3717 * person.smokes
        + 0.0043 * person.total_cholesterol
        - 0.0114 * person.hdl_cholesterol
        + 0.1206 * person.takes_lipid_medication
        + 0.0066 * person.systolic_pressure
        + 0.2278 * person.takes_pressure_medication
        + 0.3239 * person.has_family_history
    )
