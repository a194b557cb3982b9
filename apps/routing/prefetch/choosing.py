"""Which of an archive's studies are fetched for a patient: certainly theirs, not here, relevant, and not too many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.dicom.names import fold
from apps.remotes.found import FoundStudy, Have
from apps.worklist.identity import Likeness, Person, contradiction, ids, is_confirmed

# Shorter words of a description (of, re, li) say nothing about the body.
SHORTEST_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is expected, for what, and the bounds. Empty `only` takes studies of any modality."""

    person: Person
    modalities: frozenset[str]
    words: frozenset[str]
    only: frozenset[str]
    most_studies: int
    most_instances: int
    not_these: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """The Study Instance UIDs to fetch, the most relevant first; and how many were not chosen, and why."""

    studies: tuple[str, ...]
    found: int
    differing: int
    here: int
    left_out: int


def choose(wanted: Wanted, found: Sequence[FoundStudy]) -> Choice:
    """What of that is fetched."""
    own = [study for study in found if is_of(wanted.person, study)]
    lacking = [study for study in own if study.study_instance_uid not in wanted.not_these and not _is_here(study)]
    relevant = sorted((study for study in lacking if _is_asked_for(wanted, study)), key=_newest, reverse=True)
    relevant.sort(key=lambda study: not is_relevant(wanted, study))
    chosen = tuple(_within(wanted, relevant))
    return Choice(
        studies=chosen,
        found=len(found),
        differing=len(found) - len(own),
        here=len(own) - len(lacking),
        left_out=len(lacking) - len(chosen),
    )


def is_of(person: Person, study: FoundStudy) -> bool:
    """Whether it is certain that the study is the person's: the same ID, and name or birth date agree and none differs.

    The same number may be somebody else's in another archive.
    """
    other = Person(study.patient_id, "", study.patient_name, study.patient_birth_date)
    return ids(person, other) is Likeness.SAME and not contradiction(person, other) and is_confirmed(person, other)


def is_relevant(wanted: Wanted, study: FoundStudy) -> bool:
    """Whether it has a modality that is planned, or a word that says the same part of the body."""
    return bool(wanted.modalities & set(study.modalities) or wanted.words & words_of(study.description))


def words_of(*texts: str) -> frozenset[str]:
    """The words of descriptions by which they are compared: folded, without numbers and short ones."""
    words = {word.strip(".,;:()/-") for text in texts for word in fold(text).replace("^", " ").split()}
    return frozenset(word for word in words if len(word) >= SHORTEST_WORD and not word.isdigit())


def _is_here(study: FoundStudy) -> bool:
    """All of it or, where the archive doesn't tell how much that is, something of it."""
    return study.have is Have.ALL or (study.have is Have.PART and study.instance_count is None)


def _is_asked_for(wanted: Wanted, study: FoundStudy) -> bool:
    return not (wanted.only and study.modalities) or bool(wanted.only & set(study.modalities))


def _newest(study: FoundStudy) -> tuple[str, str]:
    return study.study_date, study.study_time


def _within(wanted: Wanted, studies: Iterable[FoundStudy]) -> Iterator[str]:
    """Those within the bounds; one that is too large leaves room for others."""
    taken = instances = 0
    for study in studies:
        count = study.instance_count or 0
        if taken < wanted.most_studies and instances + count <= wanted.most_instances:
            taken, instances = taken + 1, instances + count
            yield study.study_instance_uid
