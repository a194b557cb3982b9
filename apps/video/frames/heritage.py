"""What an object that is made of another takes over: the patient, the study, the device, what was seen. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from pydicom.dataset import Dataset

from apps.video.objects.metadata import (
    BurnedIn,
    Code,
    Equipment,
    Laterality,
    Metadata,
    Patient,
    Series,
    Sex,
    Study,
)

# The modules Patient, General Study, Patient Study and General Equipment (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2, C.7.5.1).
KEPT: Final = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientComments",
    "OtherPatientIDsSequence", "PatientIdentityRemoved", "DeidentificationMethod", "PatientAge", "StudyInstanceUID",
    "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription",
    "ProcedureCodeSequence", "Manufacturer", "InstitutionName", "StationName", "InstitutionalDepartmentName",
    "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions", "RequestAttributesSequence",
    "AnatomicRegionSequence", "Laterality", "ImageLaterality", "BodyPartExamined", "PatientOrientation",
    "BurnedInAnnotation", "TimezoneOffsetFromUTC", "LossyImageCompressionRatio", "LossyImageCompressionMethod",
    "AcquisitionContextSequence", "PerformingPhysicianName", "OperatorsName", "SpecimenDescriptionSequence",
    "ContainerIdentifier", "IssuerOfTheContainerIdentifierSequence", "ContainerTypeCodeSequence",
)  # fmt: skip
# UIDs of the header that are no references, and what its file alone says.
_LEFT_OUT: Final = frozenset({"7FE00010", "7FE00003"})
_MOST_DIGITS: Final = 6


def read(attributes: Mapping[str, Any]) -> Dataset:
    """The header, of DICOM JSON, without what is bulk data."""
    inner = {tag: each for tag, each in attributes.items() if tag not in _LEFT_OUT and "BulkDataURI" not in each}
    return Dataset.from_json(dict(inner), bulk_data_uri_handler=lambda *_: b"")


def inherited(header: Dataset) -> Dataset:
    """A data set that begins with what is the same as in the object."""
    made = Dataset()
    for keyword in KEPT:
        if keyword in header:
            made[keyword] = header[keyword]
    return made


def metadata(header: Dataset) -> Metadata:
    """The same as metadata of another video of the same procedure."""
    return Metadata(
        sop_class_uid=str(header.SOPClassUID),
        modality=_text(header, "Modality"),
        patient=_patient(header),
        study=_study(header),
        series=Series(
            body_part=_text(header, "BodyPartExamined"),
            performing_physician=_text(header, "PerformingPhysicianName"),
        ),
        equipment=Equipment(
            manufacturer=_text(header, "Manufacturer"),
            model=_text(header, "ManufacturerModelName"),
            serial_number=_text(header, "DeviceSerialNumber"),
            station=_text(header, "StationName"),
            institution=_text(header, "InstitutionName"),
            department=_text(header, "InstitutionalDepartmentName"),
        ),
        anatomy=_code(header, "AnatomicRegionSequence"),
        laterality=_one_of(Laterality, _text(header, "ImageLaterality") or _text(header, "Laterality")),
        acquired=acquired(header),
        burned_in=_one_of(BurnedIn, _text(header, "BurnedInAnnotation")),
    )


def acquired(header: Dataset) -> datetime | None:
    """Acquisition DateTime (0008,002A), with its zone where it has one; None where it says less than the second."""
    text = _text(header, "AcquisitionDateTime")
    moment, sign, zone = text[:-5], text[-5:-4], text[-4:]
    if sign not in ("+", "-"):
        moment, sign, zone = text, "", ""
    whole, _, fraction = moment.partition(".")
    try:
        found = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    found = found.replace(microsecond=int(fraction[:_MOST_DIGITS].ljust(_MOST_DIGITS, "0") or 0))
    if not zone:
        return found.replace(tzinfo=None)
    offset = timedelta(hours=int(zone[:2]), minutes=int(zone[2:]))
    return found.replace(tzinfo=timezone(-offset if sign == "-" else offset))


def later(moment: datetime | None, seconds: float) -> datetime | None:
    return None if moment is None else moment + timedelta(seconds=seconds)


def _patient(header: Dataset) -> Patient:
    return Patient(
        id=_text(header, "PatientID"),
        issuer=_text(header, "IssuerOfPatientID"),
        name=_text(header, "PatientName"),
        birth_date=_day(_text(header, "PatientBirthDate")),
        sex=_one_of(Sex, _text(header, "PatientSex")),
    )


def _study(header: Dataset) -> Study:
    started = _text(header, "StudyDate") + (_text(header, "StudyTime").partition(".")[0] or "000000")
    try:
        moment = datetime.strptime(started, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the study's own clock
    except ValueError:
        moment = None
    return Study(
        uid=str(header.StudyInstanceUID),
        id=_text(header, "StudyID"),
        started=moment,
        accession_number=_text(header, "AccessionNumber"),
        description=_text(header, "StudyDescription"),
        referring_physician=_text(header, "ReferringPhysicianName"),
    )


def _text(header: Dataset, keyword: str) -> str:
    """The first value as text."""
    value = header.get(keyword)
    if value is None or value == "":
        return ""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value)
    values = [str(value)] if keyword.endswith("Name") else [str(each) for each in value]
    return values[0] if values else ""


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _code(header: Dataset, keyword: str) -> Code | None:
    for item in header.get(keyword) or ():
        code = Code(_text(item, "CodeValue"), _text(item, "CodingSchemeDesignator"), _text(item, "CodeMeaning"))
        return code if code.value and code.scheme and code.meaning else None
    return None


def _one_of(kind: Any, text: str) -> Any:
    """The member of an enumeration; the empty one for a text that it doesn't have."""
    return kind(text) if text in set(kind) else kind("")
