"""Which transfer syntaxes an image can be given in, and the form that its pixels then have (PS3.5 8.2, PS3.18 8.7.3).

Only reversible encodings are targets: a lossy one would make another image, with a SOP Instance UID of its own
(PS3.3 C.12.1.1.1). Who wants a picture asks for a rendered one.
"""

from dataclasses import replace
from typing import Final

from apps.dicom.description import PixelDescription
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, is_video

RLE: Final = "1.2.840.10008.1.2.5"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
HTJ2K: Final = "1.2.840.10008.1.2.4.201"
# In the order in which they are given to who takes any of several.
ENCODED: Final = (JPEG_LS, JPEG_2000, HTJ2K, RLE, JPEG_LOSSLESS)
TARGETS: Final = (EXPLICIT_VR_LITTLE_ENDIAN, *ENCODED)

_JPEG: Final = "1.2.840.10008.1.2.4"
# The processes that code by cosine transform, in luminance and chrominance.
LOSSY_JPEG: Final = frozenset(f"{_JPEG}.{process}" for process in (*range(50, 57), *range(59, 65)))
JPEG_XL: Final = frozenset(f"{_JPEG}.{kind}" for kind in (110, 111, 112))
_DECODABLE: Final = frozenset(
    {
        *NATIVE,
        *(f"{_JPEG}.{number}" for number in (*range(50, 67), 70, 80, 81, *range(90, 94))),
        *JPEG_XL,
        *(f"{_JPEG}.{number}" for number in (201, 202, 203)),
        RLE,
        "1.2.840.10008.1.2.1.98",
        "1.2.840.10008.1.2.8.1",
    }
)
_TRANSFORMED: Final = ("YBR_RCT", "YBR_ICT", "XYB")


def targets_of(transfer_syntax_uid: str) -> tuple[str, ...]:
    """The transfer syntaxes that images in this one may be had in besides: none for video, and what no codec reads."""
    if is_video(transfer_syntax_uid) or transfer_syntax_uid not in _DECODABLE:
        return ()
    return tuple(target for target in TARGETS if target != transfer_syntax_uid)


def form_in(description: PixelDescription, source: str, target: str) -> PixelDescription | None:
    """The form that pixels stored as `description` in `source` have in `target`, None where they can't be had in it.

    Colours stay in their space where nothing is lost by it; what a lossy JPEG holds becomes RGB, as does what only
    JPEG 2000 and JPEG XL know. Encoders transform RGB themselves (YBR_RCT).
    """
    if target == EXPLICIT_VR_LITTLE_ENDIAN and source in NATIVE:
        return description
    form = replace(
        description,
        photometric_interpretation=_untransformed(description, source),
        planar_configuration=0,
        pixel_vr="OW" if description.bits_allocated > 8 else "OB",
    )
    if target == EXPLICIT_VR_LITTLE_ENDIAN:
        return form
    if form.float_kind is not None or form.bits_allocated == 1:
        return None
    if target == RLE:
        return form
    if form.bits_allocated > 16 or form.bits_stored < 2:
        return None
    is_transformed = target in (JPEG_2000, HTJ2K) and form.photometric_interpretation == "RGB"
    space = "YBR_RCT" if is_transformed else form.photometric_interpretation
    return replace(form, photometric_interpretation=space, high_bit=form.bits_stored - 1)


def frame_form_in(description: PixelDescription, source: str, target: str) -> PixelDescription | None:
    """The form of a frame that goes out by itself: as near as can be to the metadata that its reader goes by.

    A native frame is just what the metadata say, be the chrominance shared or the samples in planes; only what has no
    native form (YBR_RCT, YBR_ICT, XYB) is RGB. In an encoded one the colours stay in their family. None where the
    pixels can't be had in `target`.
    """
    form = form_in(description, source, target)
    if target == EXPLICIT_VR_LITTLE_ENDIAN:
        return description
    if form is not None and description.photometric_interpretation.startswith("YBR_FULL"):
        return replace(form, photometric_interpretation="YBR_FULL")
    return form


def _untransformed(description: PixelDescription, source: str) -> str:
    stored = description.photometric_interpretation
    if stored in _TRANSFORMED or (source in LOSSY_JPEG | JPEG_XL and stored.startswith("YBR_FULL")):
        return "RGB"
    return "YBR_FULL" if stored == "YBR_FULL_422" else stored
