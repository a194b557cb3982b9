"""Patients on the record: a pseudonym that whoever knows the Patient ID can find again, and nobody can read.

The archive tells whose a study is (`Archive`); the record lies below it and knows no patients of its own.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from apps.audit import chain

Place = tuple[int, str]


class Archive(Protocol):
    """What the record asks the archive."""

    def patients_of(self, studies: Collection[Place], /) -> Mapping[Place, str]:
        """The patients' identities, by practice and Study Instance UID; without those that aren't there."""
        ...

    def identities(self, patient_id: str, /) -> Collection[Place]:
        """The practices and identities that a Patient ID may stand for, of patients that are gone too."""
        ...

    def studies_of(self, patient_id: str, /) -> Collection[str]:
        """Study Instance UIDs of patients with this Patient ID."""
        ...


_archives: list[Archive] = []


def register(archive: Archive) -> None:
    """Ask this one from now on."""
    _archives[:] = [archive]


def pseudonym(practice_id: int, identity: str) -> str:
    """The patient's pseudonym in this practice: 32 hexadecimal digits."""
    return chain.keyed("patient", str(practice_id), identity)[:32]


def pseudonyms_of(studies: Collection[Place]) -> dict[Place, str]:
    """The pseudonyms of the patients whose studies these are, as far as the archive knows them."""
    if not studies or not _archives:
        return {}
    return {place: pseudonym(place[0], identity) for place, identity in _archives[0].patients_of(studies).items()}


def pseudonyms_for(patient_id: str) -> set[str]:
    """The pseudonyms under which a patient with this Patient ID may be on record."""
    return {pseudonym(*place) for archive in _archives for place in archive.identities(patient_id)}


def studies_for(patient_id: str) -> set[str]:
    """Study Instance UIDs of this patient, which events before a merge or move are found by."""
    return {uid for archive in _archives for uid in archive.studies_of(patient_id)}
