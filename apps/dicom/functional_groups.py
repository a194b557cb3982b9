"""Functional groups of multi-frame images: what holds for one frame, else for all (PS3.3 C.7.6.16)."""

from apps.dicom.attributes import Attributes, items, values

PER_FRAME = "52009230"
SHARED = "52009229"


def functional_group(attributes: Attributes, frame_number: int, sequence: str) -> Attributes | None:
    """Return the item of the functional group macro `sequence` for the frame (counted from 1), or None."""
    frames = values(attributes, PER_FRAME)
    if 0 < frame_number <= len(frames) and isinstance(frames[frame_number - 1], dict):
        item = next(items(frames[frame_number - 1], sequence), None)
        if item is not None:
            return item
    shared = next(items(attributes, SHARED), None)
    return None if shared is None else next(items(shared, sequence), None)
