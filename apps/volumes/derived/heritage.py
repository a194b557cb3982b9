"""What a derived image takes over of its sources: the patient, the study, the device, how the images were made.

Of enhanced objects the functional groups are looked through for it (PS3.3 C.7.6.16). Nothing of the geometry is taken
over, and nothing private.
"""

from typing import Any, Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from apps.dicom.attributes import Attributes, items, numbers, values
from apps.dicom.functional_groups import PER_FRAME, SHARED
from apps.volumes.derived.encoding import decimal

# Patient, General Study, Patient Study, General Series, Frame of Reference, General Equipment, General Acquisition,
# General Image (PS3.3 C.7.1 to C.7.6.1), Contrast/Bolus (C.7.6.4), VOI LUT (C.11.2).
_COMMON: Final = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientComments",
    "OtherPatientIDsSequence", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "PatientAge", "PatientSize", "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName", "StudyDescription", "ProcedureCodeSequence", "SeriesNumber",
    "Laterality", "BodyPartExamined", "PatientPosition", "ProtocolName", "PerformingPhysicianName", "OperatorsName",
    "RequestAttributesSequence", "AnatomicRegionSequence", "ImageLaterality", "FrameOfReferenceUID",
    "PositionReferenceIndicator", "Manufacturer", "InstitutionName", "StationName", "InstitutionalDepartmentName",
    "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions", "TimezoneOffsetFromUTC", "AcquisitionDate",
    "AcquisitionTime", "AcquisitionDateTime", "AcquisitionNumber", "ContentDate", "ContentTime", "BurnedInAnnotation",
    "RecognizableVisualFeatures", "LossyImageCompression", "LossyImageCompressionRatio",
    "LossyImageCompressionMethod", "ContrastBolusAgent", "ContrastBolusRoute", "WindowCenter", "WindowWidth",
    "WindowCenterWidthExplanation",
)  # fmt: skip
_CT: Final = (
    "KVP", "ScanOptions", "ConvolutionKernel", "FilterType", "ExposureTime", "XRayTubeCurrent", "Exposure",
    "DataCollectionDiameter",
)  # fmt: skip
_MR: Final = (
    "ScanningSequence", "SequenceVariant", "ScanOptions", "MRAcquisitionType", "RepetitionTime", "EchoTime",
    "EchoTrainLength", "InversionTime", "TriggerTime", "SequenceName", "MagneticFieldStrength", "EchoNumbers",
    "FlipAngle", "NumberOfAverages", "ImagingFrequency", "ImagedNucleus",
)  # fmt: skip
_PT: Final = (
    "SeriesDate", "SeriesTime", "Units", "CountsSource", "SeriesType", "CorrectedImage", "DecayCorrection",
    "CollimatorType", "RandomsCorrectionMethod", "AttenuationCorrectionMethod", "ScatterCorrectionMethod",
    "ReconstructionMethod", "RadiopharmaceuticalInformationSequence", "FrameReferenceTime", "ActualFrameDuration",
    "DecayFactor", "SUVType", "PatientOrientationCodeSequence", "PatientGantryRelationshipCodeSequence",
)  # fmt: skip
_OF_MODALITY: Final = {"CT": _CT, "MR": _MR, "PT": _PT}
# Type 2 attributes of which the source may say nothing.
_ALWAYS: Final = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName", "Manufacturer", "SeriesNumber",
)  # fmt: skip
_WHERE: Final = ("Laterality", "ImageLaterality", "BodyPartExamined", "AnatomicRegionSequence")
_ECHO_TIME, _EFFECTIVE_ECHO_TIME = "00180081", "00189082"


def inherited(flat: Attributes, modality: str) -> Dataset:
    """A data set that begins with what is the same as in an object whose header, `flattened`, this is."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in (*_COMMON, *_OF_MODALITY.get(modality, ())):
        _take(made, keyword, flat)
    for keyword in _ALWAYS:
        if keyword not in made:
            setattr(made, keyword, None if keyword == "SeriesNumber" else "")
    if not any(keyword in made for keyword in _WHERE):
        # Of what might be one of a pair (C.7.3.1).
        made.Laterality = ""
    return made


def flattened(header: Attributes, frame: int = 1) -> dict[str, Any]:
    """A header (DICOM JSON, as it leaves the archive) with what its functional groups say of a frame beside the rest.

    Frames count from 1.
    """
    groups: dict[str, Any] = {}
    frames = values(header, PER_FRAME)
    shared = next(items(header, SHARED), {})
    own = frames[frame - 1] if 0 < frame <= len(frames) and isinstance(frames[frame - 1], dict) else {}
    for group in (shared, own):
        for sequence in group:
            groups |= next(items(group, sequence), {})
    flat = groups | {tag: element for tag, element in header.items() if tag not in (SHARED, PER_FRAME)}
    if _EFFECTIVE_ECHO_TIME in flat:
        times = [decimal(each) for each in numbers(flat, _EFFECTIVE_ECHO_TIME)]
        flat.setdefault(_ECHO_TIME, {"vr": "DS", "Value": times})
    return flat


def _take(made: Dataset, keyword: str, flat: Attributes) -> None:
    """Take over one attribute; one that is no value of its kind, or bulk data, is left out."""
    tag = f"{tag_for_keyword(keyword):08X}"
    element = flat.get(tag)
    if element is None or "BulkDataURI" in element:
        return
    try:
        made.update(Dataset.from_json({tag: element}))
    except (ValueError, TypeError, KeyError, OverflowError):
        # What a stranger's header says wrongly is not said again.
        return
