"""What is known of the person whose score it is: said by who asks, else by the header of the images."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from apps.calcium.scoring import risk
from apps.calcium.scoring.risk import Ethnicity, Person, Sex
from apps.dicom.attributes import Attributes, text

_AGE, _SEX, _BIRTH_DATE, _STUDY_DATE = "00101010", "00100040", "00100030", "00080020"
_YEARS: Final = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
# What the risk takes besides age, sex and ethnicity: by their names in the parameters.
_NUMBERS: Final = ("total_cholesterol", "hdl_cholesterol", "systolic_pressure")
_ANSWERS: Final = {
    "diabetes": "has_diabetes",
    "smoker": "smokes",
    "lipid_medication": "takes_lipid_medication",
    "pressure_medication": "takes_pressure_medication",
    "family_history": "has_family_history",
}


@dataclass(frozen=True, slots=True)
class Known:
    """`age` in years; None for what nobody says. `asked` are the parameters."""

    age: float | None
    sex: Sex | None
    ethnicity: Ethnicity | None
    asked: Mapping[str, Any]

    @classmethod
    def of(cls, asked: Mapping[str, Any], header: Attributes) -> Self:
        """Of the parameters and a header of the images (DICOM JSON)."""
        sex = asked.get("sex") or text(header, _SEX).upper()
        ethnicity = asked.get("ethnicity")
        return cls(
            age=asked["age"] if "age" in asked else _age_of(header),
            sex=Sex(sex) if sex in list(Sex) else None,
            ethnicity=Ethnicity(ethnicity) if ethnicity else None,
            asked=asked,
        )

    @property
    def missing(self) -> list[str]:
        """The names of the parameters that the risk takes, and nobody says."""
        three = {"age": self.age, "sex": self.sex, "ethnicity": self.ethnicity}
        more = {name: self.asked.get(name) for name in (*_NUMBERS, *_ANSWERS)}
        return [name for name, value in {**three, **more}.items() if value is None]

    def ten_years(self, agatston: float) -> float | None:
        """The risk (`risk.ten_years`) in percent; None where something is missing, or beyond what the study knows."""
        if self.age is None or self.sex is None or self.ethnicity is None or self.missing:
            return None
        if not risk.AGES[0] <= self.age <= risk.AGES[1]:
            return None
        numbers = {name: float(self.asked[name]) for name in _NUMBERS}
        answers = {of_person: self.asked[name] == "yes" for name, of_person in _ANSWERS.items()}
        person = Person(age=self.age, sex=self.sex, ethnicity=self.ethnicity, **numbers, **answers)  # type: ignore[arg-type]
        return risk.ten_years(person, agatston)


def _age_of(header: Attributes) -> float | None:
    """Patient's Age (AS, such as 064Y), else from birth to the study."""
    said = text(header, _AGE)
    if said[:-1].isdecimal() and said[-1:] in _YEARS:
        return int(said[:-1]) * _YEARS[said[-1]]
    try:
        born, studied = (date.fromisoformat(text(header, tag)) for tag in (_BIRTH_DATE, _STUDY_DATE))
    except ValueError:
        return None
    years = studied.year - born.year - ((studied.month, studied.day) < (born.month, born.day))
    return float(years) if years >= 0 else None
