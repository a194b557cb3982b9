"""What was done so that the pictures don't say who the patient is (PS3.3 C.7.1.1, C.7.6.1; PS3.15 E.3.1)."""

from typing import Final

from pydicom.dataset import Dataset

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path
from apps.video.objects.metadata import BurnedIn, Code, Metadata
from apps.video.objects.presets import OPHTHALMIC_8_BIT, Preset
from apps.video.objects.sequences import coded

_CLEAN_PIXELS: Final = Code("113101", "DCM", "Clean Pixel Data Option")  # CID 7050
_MASKED_ALL: Final = "Burned-in text painted over, at all places of the device"
_MASKED_SOME: Final = "Some places painted over"
_CLEAN_STREAM: Final = "Container's metadata and stream's user data removed"
_NO_SOUND: Final = "Sound removed"


def privacy(dataset: Dataset, metadata: Metadata, stream: Stream, preset: Preset) -> None:
    """Write Burned In Annotation where it is known, and by which methods something personal was taken out.

    The object has the patient's name all the same, so Patient Identity Removed is NO.
    """
    burned_in = burned_in_annotation(metadata, stream)
    if burned_in is BurnedIn.UNKNOWN and preset.sop_class_uid == OPHTHALMIC_8_BIT:
        burned_in = BurnedIn.YES  # Type 1 there (C.8.17.2): what nobody has looked at is not called clean
    if burned_in is not BurnedIn.UNKNOWN:
        dataset.BurnedInAnnotation = burned_in.value
    if methods := _methods(metadata, stream):
        dataset.PatientIdentityRemoved = "NO"
        dataset.DeidentificationMethod = methods
    if _MASKED_ALL in methods:
        dataset.DeidentificationMethodCodeSequence = coded(_CLEAN_PIXELS)


def burned_in_annotation(metadata: Metadata, stream: Stream) -> BurnedIn:
    """NO where painted masks cover every place, or somebody has said so; masks over some places prove nothing.

    A person's NO stands, and so does their YES unless the masks cover all.
    """
    return BurnedIn.NO if _covers_all(metadata, stream) else metadata.burned_in


def _is_masked(stream: Stream) -> bool:
    return "mask" in stream.plan.steps


def _covers_all(metadata: Metadata, stream: Stream) -> bool:
    return _is_masked(stream) and metadata.masks_cover_all


def _methods(metadata: Metadata, stream: Stream) -> list[str]:
    had_sound = stream.probe is not None and bool(stream.probe.sounds)
    done = {
        _MASKED_ALL: _covers_all(metadata, stream),
        _MASKED_SOME: _is_masked(stream) and not metadata.masks_cover_all,
        _CLEAN_STREAM: metadata.is_user_data_removed or _lost_its_container(stream),
        _NO_SOUND: had_sound and stream.sound is None,
    }
    return [method for method, is_done in done.items() if is_done]


def _lost_its_container(stream: Stream) -> bool:
    is_rewrapped = stream.plan.path is not Path.PASSTHROUGH
    return is_rewrapped and stream.probe is not None and bool(stream.probe.wrapping.metadata)
