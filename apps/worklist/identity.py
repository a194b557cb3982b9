"""Whether two records are of one person: the images and their appointment, an archive's answer and who was asked for.

Nothing here guesses: what is not said on both sides tells nothing, and what differs is a contradiction for people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from apps.dicom.likeness import sound
from apps.dicom.names import fold

# The alphabetic, ideographic and phonetic groups of a PN (PS3.5 6.2.1.2).
GROUPS: Final = 3


class Likeness(Enum):
    """What the comparison of one fact says."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as DICOM says it: Patient ID with its issuer, name (PN), birth date (DA)."""

    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""


def ids(one: Person, other: Person) -> Likeness:
    """By Patient ID; two IDs of different issuers tell nothing about each other."""
    mine, theirs = one.patient_id.strip(), other.patient_id.strip()
    if not (mine and theirs):
        return Likeness.UNKNOWN
    issuers = {each for each in (one.issuer.strip(), other.issuer.strip()) if each}
    if len(issuers) > 1:
        return Likeness.UNKNOWN
    return Likeness.SAME if mine == theirs else Likeness.OTHER


def births(one: Person, other: Person) -> Likeness:
    """By birth date; what is no date of eight digits tells nothing."""
    mine, theirs = one.birth_date.strip(), other.birth_date.strip()
    if not (_is_date(mine) and _is_date(theirs)):
        return Likeness.UNKNOWN
    return Likeness.SAME if mine == theirs else Likeness.OTHER


def names(one: Person, other: Person) -> Likeness:
    """By family and given name, in any group that both have, without regard to case, accents and order.

    An initial, a missing given name and another spelling of the same sound are no contradiction, and no proof.
    """
    found = {_compared(mine, theirs) for mine, theirs in zip(_groups(one.name), _groups(other.name), strict=True)}
    for likeness in (Likeness.SAME, Likeness.OTHER):
        if likeness in found:
            return likeness
    return Likeness.UNKNOWN


def contradiction(one: Person, other: Person) -> str:
    """In which of name and birth date the two differ, in words; empty where in neither."""
    differing = [word for word, compare in _FACTS if compare(one, other) is Likeness.OTHER]
    return " and ".join(differing)


def is_confirmed(one: Person, other: Person) -> bool:
    """Whether name or birth date says that they are one, and neither that they are two."""
    found = {compare(one, other) for _, compare in _FACTS}
    return Likeness.SAME in found and Likeness.OTHER not in found


_FACTS: Final = (("name", names), ("birth date", births))


def _is_date(text: str) -> bool:
    return len(text) == 8 and text.isdigit()


def _groups(name: str) -> Iterator[tuple[str, ...]]:
    """Family and given name of each group, folded."""
    groups = name.split("=")[:GROUPS]
    for group in [*groups, *[""] * (GROUPS - len(groups))]:
        parts = [fold(part).strip() for part in (*group.split("^"), "")][:2]
        yield tuple(part for part in parts if part)


def _compared(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    if not (mine and theirs):
        return Likeness.UNKNOWN
    if sorted(" ".join(mine).split()) == sorted(" ".join(theirs).split()):
        return Likeness.SAME
    is_near = _alike(mine[0], theirs[0]) and all(map(_alike, mine[1:], theirs[1:]))
    return Likeness.UNKNOWN if is_near else Likeness.OTHER


def _alike(mine: str, theirs: str) -> bool:
    """The same word, its beginning, or the same sound."""
    sounds = sound(mine)
    return mine.startswith(theirs) or theirs.startswith(mine) or bool(sounds and sounds == sound(theirs))
