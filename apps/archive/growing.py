"""Studies and series as the store makes them grow: what their rows hold, and what objects that come in add to it.

What came first stays: an object fills in what those before it did not tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from apps.archive import attributes as index
from apps.archive.attributes import Attributes
from apps.archive.models import TEXT_LENGTH
from apps.archive.statements import SeriesRow, StudyRow

MODALITY: Final = "00080060"
PATIENT_GROUP: Final = "0010"
PATIENT_NAME: Final = "00100010"
_OF_STUDY: Final = tuple(tag for tag, _, _ in index.STUDY_ANSWER)
_OF_SERIES: Final = tuple(tag for tag, _, _ in index.SERIES_ANSWER)

Told = dict[str, Any]


def modalities_text(modalities: Iterable[str]) -> str:
    r"""The column's text, such as \CT\PT\: every modality stands between two backslashes."""
    inside = "\\".join(sorted(modalities))
    return f"\\{inside}\\"[:TEXT_LENGTH] if inside else ""


def modalities_of(column: str) -> set[str]:
    return {modality for modality in column.split("\\") if modality}


def with_study_counts(answer: dict[str, Any], modalities: str, series: int, instances: int) -> dict[str, Any]:
    """A study's answer with what is computed from its series: PS3.18 10.6.3.3.1."""
    return answer | {
        index.MODALITIES_IN_STUDY: index.value("CS", *sorted(modalities_of(modalities))),
        index.STUDY_SERIES: index.value("IS", series),
        index.STUDY_INSTANCES: index.value("IS", instances),
    }


def with_series_count(answer: dict[str, Any], instances: int) -> dict[str, Any]:
    """A series' answer with how many instances it has: PS3.18 10.6.3.3.2."""
    return answer | {index.SERIES_INSTANCES: index.value("IS", instances)}


@dataclass(slots=True)
class GrowingSeries:
    """A series: its row, and its answer as a dictionary.

    `told` is what the last object said of it, `has_changed` whether its answer has become another; `has_requests`
    whether the requests that it answers can be searched.
    """

    row: SeriesRow
    answer: dict[str, Any]
    has_requests: bool
    told: Told = field(default_factory=dict)
    has_changed: bool = False
    is_touched: bool = False

    @classmethod
    def of(cls, row: SeriesRow) -> "GrowingSeries":
        answer = index.unpack(row.found)
        return cls(row, answer, index.REQUEST_ATTRIBUTES in answer)

    def take(self, attributes: Attributes) -> None:
        """Fill in what an object says of its series; most say what the one before them said."""
        told = {tag: attributes.get(tag) for tag in _OF_SERIES}
        if told == self.told:
            return
        self.told = told
        answer = index.filled_in(self.answer, index.series_answer(attributes))
        self.has_changed |= answer != self.answer
        self.answer = answer

    def columns(self, stamp: Any) -> dict[str, Any]:
        """What is to be written of it."""
        row = self.row
        searched = index.series_columns(self.answer) if self.has_changed else {}
        return searched | {
            "instance_count": row.instance_count,
            "size": row.size,
            "updated_at": stamp,
            "found": index.pack(with_series_count(self.answer, row.instance_count)),
        }

    def written(self, stamp: Any) -> None:
        """Its row is as `columns` said."""
        self.row.version += 1
        self.row.updated_at = stamp
        self.has_changed = self.is_touched = False


@dataclass(slots=True)
class GrowingStudy:
    """A study: its row, its answer as a dictionary, and its series that have been asked for.

    `has_name` says whether its Patient Name can be found fuzzily; `patient` is the patient's pseudonym on the record,
    empty where only the database can tell.
    """

    row: StudyRow
    answer: dict[str, Any]
    has_name: bool
    patient: str
    series: dict[str, GrowingSeries] = field(default_factory=dict)
    told: Told = field(default_factory=dict)
    has_changed: bool = False
    is_touched: bool = False

    @classmethod
    def of(cls, row: StudyRow, patient: str) -> "GrowingStudy":
        answer = index.unpack(row.found)
        return cls(row, answer, index.first(answer, PATIENT_NAME) is not None, patient)

    def take(self, attributes: Attributes) -> None:
        """Fill in what an object says of its study; of the patient only if it is the same."""
        told = {tag: attributes.get(tag) for tag in _OF_STUDY}
        if told == self.told:
            return
        self.told = told
        is_same = index.patient_columns(attributes).identity == self.row.identity
        self.row.has_other_patient |= not is_same
        later = index.study_answer(attributes)
        if not is_same:
            later = {tag: element for tag, element in later.items() if not tag.startswith(PATIENT_GROUP)}
        answer = index.filled_in(self.answer, later)
        self.has_changed |= answer != self.answer
        self.answer = answer

    def add_series(self, uid: str, series: GrowingSeries, modality: str) -> None:
        row = self.row
        self.series[uid] = series
        row.series_count += 1
        row.modalities = modalities_text(modalities_of(row.modalities) | ({modality} - {""}))

    def columns(self, stamp: Any) -> dict[str, Any]:
        """What is to be written of it."""
        row = self.row
        counted = with_study_counts(self.answer, row.modalities, row.series_count, row.instance_count)
        found = index.pack(counted)
        searched = index.study_columns(self.answer) if self.has_changed else {}
        return searched | {
            "has_other_patient": row.has_other_patient,
            "modalities": row.modalities,
            "series_count": row.series_count,
            "instance_count": row.instance_count,
            "size": row.size,
            "updated_at": stamp,
            "found": found,
            **({"original_found": found} if row.is_corrected else {}),
        }

    def written(self, stamp: Any) -> None:
        """Its row is as `columns` said."""
        self.row.version += 1
        self.row.updated_at = stamp
        self.has_changed = self.is_touched = False
