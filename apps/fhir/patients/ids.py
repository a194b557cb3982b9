"""The ids of Patients: leads' and images' patients have keys of two tables."""

import re
from dataclasses import dataclass
from typing import Final

LEAD: Final = "lead-"
IMAGES: Final = "images-"
KIND: Final = "Patient"
_ID: Final = re.compile(rf"({LEAD}|{IMAGES})(\d{{1,18}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonId:
    """Which table (LEAD or IMAGES), and the key in it."""

    prefix: str
    key: int


def read(text: str) -> PersonId | None:
    """The parts of an id; None for what is none."""
    match = _ID.fullmatch(text)
    return PersonId(match[1], int(match[2])) if match else None
