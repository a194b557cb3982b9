"""What all documents that are made here have in common: patient, study, series, equipment, evidence, and the file."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian

from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, VERSION
from apps.dicom.attributes import Attributes
from apps.volumes.derived import codes, heritage

# Patient, General Study, Patient Study and the request (C.7.1.1, C.7.2.1, C.7.2.2, C.17.2): what a document shares with
# the images. The rest of what images inherit is of acquisitions.
_SHARED: Final = (
    "SpecificCharacterSet", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "PatientComments", "OtherPatientIDsSequence", "PatientIdentityRemoved", "DeidentificationMethod",
    "DeidentificationMethodCodeSequence", "PatientAge", "PatientSize", "PatientWeight", "StudyInstanceUID", "StudyDate",
    "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription", "ProcedureCodeSequence",
    "TimezoneOffsetFromUTC",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportSeries:
    """The names of the report and of its series. `description` is Series Description (at most 64 characters)."""

    series_uid: str
    sop_instance_uid: str
    description: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """An object that a document refers to, and where it belongs."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uid: str


def begun(header: Attributes, series: ReportSeries, modality: str, contribution: str) -> Dataset:
    """Patient, study, series (C.7.3.1, C.17.1) and equipment: the program that made the document.

    `header` is that of an object of the study as it leaves the archive (DICOM JSON). `contribution` says what the
    program has done (Contribution Description).
    """
    inherited = heritage.inherited(heritage.flattened(header), "")
    made = Dataset()
    for keyword in _SHARED:
        if keyword in inherited:
            made[keyword] = inherited[keyword]
    made.Modality, made.SeriesInstanceUID, made.SeriesNumber = modality, series.series_uid, series.number
    made.SeriesDescription, made.ReferencedPerformedProcedureStepSequence = series.description[:64], Items()
    made.SOPInstanceUID, made.InstanceNumber = series.sop_instance_uid, 1
    made.Manufacturer = made.ManufacturerModelName = "Fovea"
    # A program has no serial number; which one it is, its Implementation Class UID says.
    made.DeviceSerialNumber, made.SoftwareVersions = IMPLEMENTATION_CLASS_UID, VERSION
    made.ContributingEquipmentSequence = Items([codes.processing("Fovea", VERSION, contribution)])
    return made


def refer_to(made: Dataset, evidence: Iterable[Evidence]) -> None:
    """Name the evidence: that of the document's study, and that of others (C.17.2.3)."""
    named = tuple(dict.fromkeys(evidence))
    own = [each for each in named if each.study_uid == made.StudyInstanceUID]
    others = [each for each in named if each.study_uid != made.StudyInstanceUID]
    if own:
        made.CurrentRequestedProcedureEvidenceSequence = hierarchy(own)
    if others:
        made.PertinentOtherEvidenceSequence = hierarchy(others)


def hierarchy(evidence: Iterable[Evidence]) -> Items:
    """Hierarchical SOP Instance Reference (C.17.2.1): studies, their series, their objects."""
    studies: dict[str, dict[str, list[Evidence]]] = {}
    for each in evidence:
        studies.setdefault(each.study_uid, {}).setdefault(each.series_uid, []).append(each)
    return Items(_study(uid, series) for uid, series in studies.items())


def reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """SOP Instance Reference (table 10-11)."""
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = sop_class_uid, sop_instance_uid
    return made


def written(made: Dataset) -> bytes:
    """The file (PS3.10), in Explicit VR Little Endian."""
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    made.file_meta = meta
    target = io.BytesIO()
    dcmwrite(target, made, enforce_file_format=True)
    return target.getvalue()


def _study(study_uid: str, series: dict[str, list[Evidence]]) -> Dataset:
    made = Dataset()
    made.StudyInstanceUID = study_uid
    made.ReferencedSeriesSequence = Items(_series(uid, objects) for uid, objects in series.items())
    return made


def _series(series_uid: str, objects: Iterable[Evidence]) -> Dataset:
    made = Dataset()
    made.SeriesInstanceUID = series_uid
    made.ReferencedSOPSequence = Items(reference(each.sop_class_uid, each.sop_instance_uid) for each in objects)
    return made
