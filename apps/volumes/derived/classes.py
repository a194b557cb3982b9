"""What derived images are: of their source's class where they can be that honestly (PS3.3 A.3, A.4, A.8, A.21).

An enhanced source has images of the classic class. Where what such a class asks for is not known, and for all other
modalities, they are Secondary Captures (A.8) with the same geometry.
"""

from dataclasses import dataclass
from typing import Any, Final

from apps.dicom.attributes import Attributes, text, values
from apps.volumes.derived.heritage import flattened

CT: Final = "1.2.840.10008.5.1.4.1.1.2"
MR: Final = "1.2.840.10008.5.1.4.1.1.4"
PT: Final = "1.2.840.10008.5.1.4.1.1.128"
CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_OF_SOURCE: Final = {
    CT: CT,
    f"{CT}.1": CT,  # Enhanced CT
    f"{CT}.2": CT,  # Legacy Converted Enhanced CT
    MR: MR,
    f"{MR}.1": MR,  # Enhanced MR
    f"{MR}.4": MR,  # Legacy Converted Enhanced MR
    PT: PT,
    f"{PT}.1": PT,  # Legacy Converted Enhanced PET
    "1.2.840.10008.5.1.4.1.1.130": PT,  # Enhanced PET
}
_MODALITY: Final = {CT: "CT", MR: "MR", PT: "PT"}
# Type 1 attributes that can't be made up (C.8.3.1, C.8.9.1, C.8.9.4).
_NEEDED: Final = {
    MR: ("00180020", "00180021"),
    PT: ("00080021", "00080031", "00541001", "00541002", "00541000", "00541102", "00541300"),
}
# Other types of PET series have images by gate, time or projection, which planes through a volume are not.
_PLAIN_PET: Final = {"STATIC", "WHOLE BODY"}
_SERIES_TYPE, _DECAY_CORRECTION, _DECAY_FACTOR = "00541000", "00541102", "00541321"
_SEQUENCE, _VARIANT = "00180020", "00180021"
_PULSES: Final = {"SPIN": ("SE",), "GRADIENT": ("GR",), "BOTH": ("SE", "GR")}
# Segmented k-space, Magnetization Transfer, Steady State, Spoiled: the attribute, and what it says of none.
_VARIANTS: Final = (
    ("SK", "00189033", "SINGLE"),
    ("MTC", "00189020", "NONE"),
    ("SS", "00189017", "NONE"),
    ("SP", "00189016", "NONE"),
)


@dataclass(frozen=True, slots=True)
class ImageClass:
    """`header` is the source's as one object with one image would have it."""

    sop_class_uid: str
    modality: str
    header: Attributes


def class_of(header: Attributes) -> ImageClass:
    """What images derived of this source are; of a multi-frame one that isn't flattened yet, its first frame counts."""
    wanted = _OF_SOURCE.get(text(header, "00080016"), CAPTURE)
    flat = flattened(header)
    if wanted == MR:
        flat = _pulses(flat)
    if wanted == CAPTURE or not _has_needed(flat, wanted):
        return ImageClass(CAPTURE, text(header, "00080060") or "OT", flat)
    return ImageClass(wanted, _MODALITY[wanted], flat)


def _has_needed(flat: Attributes, wanted: str) -> bool:
    if not all(values(flat, tag) for tag in _NEEDED.get(wanted, ())):
        return False
    if wanted != PT:
        return True
    has_factor = text(flat, _DECAY_CORRECTION) == "NONE" or bool(values(flat, _DECAY_FACTOR))
    return has_factor and text(flat, _SERIES_TYPE) in _PLAIN_PET


def _pulses(flat: dict[str, Any]) -> dict[str, Any]:
    """With Scanning Sequence and Sequence Variant (C.8.3.1.1) of what an enhanced object says instead (C.8.13.4)."""
    pulses = _PULSES.get(text(flat, "00189008"))
    if pulses is None or values(flat, _SEQUENCE):
        return flat
    pulses += ("IR",) * _is(flat, "00189009", "YES") + ("EP",) * _is(flat, "00189018", "YES")
    variants = [name for name, tag, nothing in _VARIANTS if text(flat, tag) not in ("", nothing)] or ["NONE"]
    return flat | {_SEQUENCE: {"vr": "CS", "Value": list(pulses)}, _VARIANT: {"vr": "CS", "Value": variants}}


def _is(flat: Attributes, tag: str, value: str) -> bool:
    return text(flat, tag) == value
