"""What is found at a remote, whichever way it was asked: read from the DICOM JSON model (PS3.18 F.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from apps.dicom.attributes import integer, text, values
from apps.dicom.uids import is_valid_uid

TEXT_LENGTH: Final = 200
MODALITIES: Final = 20

Attributes = Mapping[str, Mapping[str, Any]]


class Have(Enum):
    """How much of a study the practice's own archive has."""

    NONE = "none"
    PART = "part"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study at a remote. Dates are as DICOM writes them (YYYYMMDD); counts None where the remote tells none.

    `ours` is how many of its instances the practice's archive has.
    """

    study_instance_uid: str
    patient_name: str = ""
    patient_id: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    study_date: str = ""
    study_time: str = ""
    accession_number: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    series_count: int | None = None
    instance_count: int | None = None
    ours: int = 0

    @property
    def have(self) -> Have:
        """Without the remote's count, what is here may be a part."""
        if not self.ours:
            return Have.NONE
        return Have.ALL if self.instance_count is not None and self.ours >= self.instance_count else Have.PART


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A series of a study at a remote."""

    series_instance_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    instance_count: int | None = None


@dataclass(frozen=True, slots=True)
class FoundInstance:
    """An instance at a remote; its SOP class is empty where the remote doesn't tell it."""

    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The studies that were found; not complete where there are more than are listed, or the time was over."""

    studies: tuple[FoundStudy, ...]
    is_complete: bool = True


def studies_in(answers: Iterable[Attributes]) -> tuple[FoundStudy, ...]:
    """The studies of these answers, each once; what has no valid UID can't be fetched, and is left out."""
    found = {study.study_instance_uid: study for study in map(_study, answers)}
    return tuple(study for uid, study in found.items() if is_valid_uid(uid))


def series_in(answers: Iterable[Attributes]) -> tuple[FoundSeries, ...]:
    found = {series.series_instance_uid: series for series in map(_series, answers)}
    return tuple(series for uid, series in found.items() if is_valid_uid(uid))


def instance_in(attributes: Attributes, series_instance_uid: str = "") -> FoundInstance | None:
    """The instance of an answer, of this series where it doesn't say itself; None for one without valid UIDs."""
    series = text(attributes, "0020000E") or series_instance_uid
    instance = FoundInstance(series, text(attributes, "00080018"), text(attributes, "00080016"))
    return instance if is_valid_uid(series) and is_valid_uid(instance.sop_instance_uid) else None


def _study(attributes: Attributes) -> FoundStudy:
    return FoundStudy(
        study_instance_uid=text(attributes, "0020000D"),
        patient_name=_name(attributes, "00100010"),
        patient_id=_text(attributes, "00100020"),
        patient_birth_date=_text(attributes, "00100030"),
        patient_sex=_text(attributes, "00100040"),
        study_date=_text(attributes, "00080020"),
        study_time=_text(attributes, "00080030"),
        accession_number=_text(attributes, "00080050"),
        description=_text(attributes, "00081030"),
        modalities=tuple(sorted({str(code) for code in values(attributes, "00080061")[:MODALITIES] if code})),
        series_count=integer(attributes, "00201206"),
        instance_count=integer(attributes, "00201208"),
    )


def _series(attributes: Attributes) -> FoundSeries:
    return FoundSeries(
        series_instance_uid=text(attributes, "0020000E"),
        modality=_text(attributes, "00080060"),
        number=integer(attributes, "00200011"),
        description=_text(attributes, "0008103E"),
        instance_count=integer(attributes, "00201209"),
    )


def _text(attributes: Attributes, tag: str) -> str:
    return text(attributes, tag)[:TEXT_LENGTH]


def _name(attributes: Attributes, tag: str) -> str:
    """All component groups of a name, as DICOM writes them (PS3.5 6.2.1.2)."""
    first = next(iter(values(attributes, tag)), "")
    if isinstance(first, Mapping):
        groups = (str(first.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic"))
        return "=".join(groups).rstrip("=")[:TEXT_LENGTH]
    return str(first).strip()[:TEXT_LENGTH]
