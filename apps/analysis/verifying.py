"""A structured report that a person stands for: the same content in a new document (PS3.3 C.17.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import UID

from apps.analysis.uids import uid

VERIFIED: Final = "VERIFIED"
# How a report's Series Description ends (LO, 64 characters) until somebody stands for it.
_UNVERIFIED: Final = " (unverified)"
_LONGEST: Final = 64


def unverified(description: str) -> str:
    """The Series Description of a report that nobody stands for yet."""
    return f"{description[: _LONGEST - len(_UNVERIFIED)].rstrip()}{_UNVERIFIED}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who stands for a report: their name (PN), where they belong to (LO), and when they said so (with a zone)."""

    name: str
    organization: str
    at: datetime


def verified(file: bytes, verifier: Verifier) -> bytes | None:
    """The file of the verified report that follows this one; None where this one is verified already.

    Its SOP Instance UID follows from this one's, so that a second attempt gives the same document.
    """
    report = dcmread(BytesIO(file))
    if report.get("VerificationFlag") == VERIFIED:
        return None
    report.PredecessorDocumentsSequence = Sequence([_reference(report)])
    report.SOPInstanceUID = report.file_meta.MediaStorageSOPInstanceUID = UID(
        uid(str(report.SOPInstanceUID), "verified")
    )
    report.SeriesDescription = report.get("SeriesDescription", "").removesuffix(_UNVERIFIED)
    report.VerificationFlag, report.PreliminaryFlag = VERIFIED, "FINAL"
    report.VerifyingObserverSequence = Sequence([_observer(verifier)])
    made = BytesIO()
    dcmwrite(made, report, enforce_file_format=True)
    return made.getvalue()


def _reference(report: Dataset) -> Dataset:
    """The document itself, as another refers to it (PS3.3 table 10-11b and C.17-3)."""
    instance = _item({"ReferencedSOPClassUID": report.SOPClassUID, "ReferencedSOPInstanceUID": report.SOPInstanceUID})
    series = _item({"SeriesInstanceUID": report.SeriesInstanceUID, "ReferencedSOPSequence": Sequence([instance])})
    return _item({"StudyInstanceUID": report.StudyInstanceUID, "ReferencedSeriesSequence": Sequence([series])})


def _observer(verifier: Verifier) -> Dataset:
    return _item(
        {
            "VerifyingOrganization": verifier.organization,
            "VerificationDateTime": verifier.at.strftime("%Y%m%d%H%M%S%z"),
            "VerifyingObserverName": verifier.name,
            "VerifyingObserverIdentificationCodeSequence": Sequence([]),
        }
    )


def _item(values: Mapping[str, object]) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made
