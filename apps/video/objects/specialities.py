"""What only some IODs have: Visible Light (C.8.12.1), Ultrasound (C.8.5.6), Ophthalmic Photography (C.8.17)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.video.objects.metadata import Code, Laterality, Metadata
from apps.video.objects.presets import OPHTHALMIC_8_BIT, ULTRASOUND_MULTI_FRAME, Preset
from apps.video.objects.sequences import coded

_CAMERA: Final = Code("409903006", "SCT", "External camera")  # CID 4202
# Type 2 of C.8.17.3 and C.8.17.4: what a video file doesn't tell.
_UNKNOWN_OF_EYES: Final = (
    "PatientEyeMovementCommanded",
    "HorizontalFieldOfView",
    "EmmetropicMagnification",
    "IntraOcularPressure",
    "PupilDilated",
    "DetectorType",
)
_UNKNOWN_SEQUENCES_OF_EYES: Final = (
    "RefractiveStateSequence",
    "IlluminationTypeCodeSequence",
    "LightPathFilterTypeStackCodeSequence",
    "ImagePathFilterTypeStackCodeSequence",
    "LensesCodeSequence",
)


def speciality(dataset: Dataset, metadata: Metadata, preset: Preset) -> None:
    """Write the region that is seen, its side, and what the IOD asks for besides."""
    dataset.AnatomicRegionSequence = coded(preset.anatomy)
    if metadata.anatomy_modifiers:
        dataset.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = coded(*metadata.anatomy_modifiers)
    _side(dataset, preset.laterality)
    if preset.sop_class_uid != ULTRASOUND_MULTI_FRAME:
        dataset.AcquisitionContextSequence = Sequence()
    if preset.sop_class_uid == OPHTHALMIC_8_BIT:
        _eye(dataset, metadata)


def _side(dataset: Dataset, side: Laterality) -> None:
    """Image Laterality (0020,0062); where it is not known, an empty Laterality (0020,0060) says so."""
    if side is Laterality.UNKNOWN:
        dataset.Laterality = ""
    else:
        dataset.ImageLaterality = side.value


def _eye(dataset: Dataset, metadata: Metadata) -> None:
    dataset.AcquisitionDeviceTypeCodeSequence = coded(metadata.equipment.kind or _CAMERA)
    for keyword in _UNKNOWN_OF_EYES:
        setattr(dataset, keyword, None)
    for keyword in _UNKNOWN_SEQUENCES_OF_EYES:
        setattr(dataset, keyword, Sequence())
