"""The data set of a video object, all but its pixel data: the modules of PS3.3 A.32.5 to A.32.7, A.7 and A.41.

Nothing in it depends on when it is made: the same file, metadata and policy give the same bytes again.
"""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.core.version import VERSION
from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path
from apps.video.objects import moments
from apps.video.objects.checking import checked
from apps.video.objects.image import image
from apps.video.objects.lossiness import lossiness
from apps.video.objects.metadata import Code, Metadata
from apps.video.objects.presets import Preset, resolved
from apps.video.objects.privacy import privacy
from apps.video.objects.sequences import coded, item, referenced
from apps.video.objects.specialities import speciality
from apps.video.objects.synchronizing import synchronization
from apps.video.objects.uids import instance_uid, series_uid, study_uid

UTF_8: Final = "ISO_IR 192"
_PROCEDURE_STEP: Final = "1.2.840.10008.3.1.2.3.3"
_PROCESSING: Final = Code("109102", "DCM", "Processing Equipment")  # CID 7005
# What was done with the stream, in the words of Contribution Description.
_DONE: Final = {
    Path.PASSTHROUGH: "Video file taken unchanged into a DICOM object",
    Path.REMUX: "Video stream taken unchanged into another container and a DICOM object",
    Path.RELABEL: "Video stream with corrected profile or level, its pictures unchanged, taken into a DICOM object",
    Path.WRAP_JPEG: "JPEG pictures taken unchanged into a DICOM object",
    Path.TRANSCODE: "Video encoded anew and taken into a DICOM object",
}


def dataset(metadata: Metadata, stream: Stream) -> Dataset:
    """Everything of the object but File Meta Information, lengths and Pixel Data.

    Raises Refused (BAD_METADATA) for what attributes can't hold, and ValueError where there is neither a seed nor a
    UID.
    """
    preset = resolved(checked(metadata))
    made = Dataset()
    made.SpecificCharacterSet = UTF_8
    made.SOPClassUID, made.SOPInstanceUID = preset.sop_class_uid, instance_uid(metadata)
    _patient(made, metadata)
    _study(made, metadata)
    _series(made, metadata, preset)
    _requested(made, metadata)
    _equipment(made, metadata, stream)
    _acquisition(made, metadata)
    image(made, stream, preset)
    lossiness(made, metadata, stream)
    privacy(made, metadata, stream, preset)
    speciality(made, metadata, preset)
    synchronization(made, metadata, preset)
    _references(made, metadata)
    return made


def _set(made: Dataset, **attributes: object) -> None:
    """These attributes, where there is something to say: Type 3."""
    for keyword, value in attributes.items():
        if value not in ("", None, ()):
            setattr(made, keyword, value)


def _patient(made: Dataset, metadata: Metadata) -> None:
    """The Patient module (C.7.1.1)."""
    patient = metadata.patient
    made.PatientName, made.PatientID = patient.name, patient.id
    made.PatientBirthDate, made.PatientSex = moments.day(patient.birth_date), patient.sex.value
    _set(made, IssuerOfPatientID=patient.issuer, PatientComments=patient.comments)


def _study(made: Dataset, metadata: Metadata) -> None:
    """The General Study module (C.7.2.1)."""
    study, started = metadata.study, moments.started(metadata)
    made.StudyInstanceUID, made.StudyID = study_uid(metadata), study.id
    made.StudyDate, made.StudyTime = moments.day(started), moments.clock(started)
    made.AccessionNumber, made.ReferringPhysicianName = study.accession_number, study.referring_physician
    _set(made, StudyDescription=study.description)
    if study.procedures:
        made.ProcedureCodeSequence = coded(*study.procedures)


def _series(made: Dataset, metadata: Metadata, preset: Preset) -> None:
    """The General Series module (C.7.3.1)."""
    series, acquired = metadata.series, metadata.acquired
    made.Modality, made.SeriesInstanceUID, made.SeriesNumber = preset.modality, series_uid(metadata), series.number
    _set(
        made,
        SeriesDate=moments.day(acquired),
        SeriesTime=moments.clock(acquired),
        SeriesDescription=series.description,
        ProtocolName=series.protocol,
        BodyPartExamined=series.body_part,
        PerformingPhysicianName=series.performing_physician,
        OperatorsName=list(series.operators) or None,
    )


def _requested(made: Dataset, metadata: Metadata) -> None:
    """Request Attributes Sequence (0040,0275) and what was performed (C.7.3.1, 10.6)."""
    asked = metadata.requested
    request = item(
        RequestedProcedureID=asked.procedure_id,
        RequestedProcedureDescription=asked.procedure_description,
        ScheduledProcedureStepID=asked.step_id,
        ScheduledProcedureStepDescription=asked.step_description,
        ScheduledProtocolCodeSequence=coded(*asked.step_codes) or None,
        StudyInstanceUID=asked.study_uid,
        AccessionNumber=metadata.study.accession_number,
    )
    if asked.procedure_id or asked.step_id:
        made.RequestAttributesSequence = Sequence([request])
    if asked.performed_step_uid:
        step = item(ReferencedSOPClassUID=_PROCEDURE_STEP, ReferencedSOPInstanceUID=asked.performed_step_uid)
        made.ReferencedPerformedProcedureStepSequence = Sequence([step])


def _equipment(made: Dataset, metadata: Metadata, stream: Stream) -> None:
    """General Equipment (C.7.5.1): what made the pictures. Contributing Equipment (C.12.1): what made the object."""
    device = metadata.equipment
    made.Manufacturer = device.manufacturer
    _set(
        made,
        ManufacturerModelName=device.model,
        DeviceSerialNumber=device.serial_number,
        SoftwareVersions=device.software,
        StationName=device.station,
        InstitutionName=device.institution,
        InstitutionalDepartmentName=device.department,
    )
    contributed = item(
        PurposeOfReferenceCodeSequence=coded(_PROCESSING),
        Manufacturer="Fovea",
        ManufacturerModelName="Fovea",
        SoftwareVersions=VERSION,
        ContributionDescription=_DONE[stream.plan.path],
    )
    made.ContributingEquipmentSequence = Sequence([contributed])


def _acquisition(made: Dataset, metadata: Metadata) -> None:
    """General Acquisition and General Image (C.7.10.1, C.7.6.1)."""
    acquired = metadata.acquired
    made.InstanceNumber = metadata.instance_number
    made.PatientOrientation = list(metadata.orientation or ())
    _set(
        made,
        ContentDate=moments.day(acquired),
        ContentTime=moments.clock(acquired),
        AcquisitionDate=moments.day(acquired),
        AcquisitionTime=moments.clock(acquired),
        AcquisitionDateTime=moments.stamp(acquired),
        TimezoneOffsetFromUTC=moments.offset(acquired or metadata.study.started),
    )


def _references(made: Dataset, metadata: Metadata) -> None:
    sources = [each for each in metadata.references if each.is_source]
    others = [each for each in metadata.references if not each.is_source]
    if sources:
        made.SourceImageSequence = referenced(sources)
    if others:
        made.ReferencedImageSequence = referenced(others)
