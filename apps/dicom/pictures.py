"""Pictures of other kinds (JPEG, PNG, TIFF) on their way into a DICOM object: what they are, their pixels, lossless.

Both functions decode what strangers send: have them called in a child process (`apps.dicom.isolation`).
"""

import warnings
from base64 import b64encode
from io import BytesIO
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.dicom.description import MAX_SIDE, PixelDescription
from apps.dicom.encoders import encode_jpeg_ls
from apps.saying import say

FORMATS: Final = ("JPEG", "PNG", "TIFF")
# The largest picture of a telephone, and four times the largest panoramic radiograph.
MAX_PIXELS: Final = 110_000_000
MAX_ICC_BYTES: Final = 1 << 20
# By how much the colours of a grey picture differ at the most, after a JPEG has had them.
GREY_TOLERANCE: Final = 12
# What share of pixels may differ by more: dust, and the edge of a mark.
COLOURED_SHARE: Final = 0.002
_ORIENTATION, _TAKEN, _OFFSET, _EXIF = 0x0112, 0x9003, 0x9011, 0x8769
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_WIDE: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
GREY, EIGHT = "grey", "eight"
_UINT16: Final = 0xFFFF


class NotAPicture(ValueError):
    """The bytes can't become an image; the text says why in words for the person who sent them."""


def examine(data: bytes | memoryview) -> bytes:
    """Return what a picture says of itself, as JSON, without decoding its pixels.

    format, columns, rows, pages, orientation (EXIF, 1 to 8), taken and offset (EXIF, "" where absent), icc (base64).
    Raises NotAPicture for another kind of file, and for one larger than MAX_PIXELS.
    """
    picture = _open(data)
    exif = _exif(picture)
    icc = picture.info.get("icc_profile") or b""
    return orjson.dumps(
        {
            "format": picture.format,
            "columns": picture.width,
            "rows": picture.height,
            "pages": getattr(picture, "n_frames", 1),
            "orientation": exif["orientation"],
            "taken": exif["taken"],
            "offset": exif["offset"],
            "icc": b64encode(icc if len(icc) <= MAX_ICC_BYTES else b"").decode(),
        }
    )


def recoded(data: bytes | memoryview, *wanted: str) -> bytes:
    """Return the pixels upright in JPEG-LS, lossless: 8 or 16 bits of grey, or RGB of 8 bits.

    Wanted `grey`, RGB whose colours hardly differ becomes grey (its luminance); wanted `eight`, 16 bits become 8.
    What is transparent lies on black. Raises NotAPicture.
    """
    picture = _open(data)
    try:
        values = _values(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(say("The picture ends early, or is damaged. Send it again.")) from error
    if EIGHT in wanted and values.dtype == np.uint16:
        values = (values >> 8).astype(np.uint8)
    if GREY in wanted and values.ndim == 3 and _is_grey(values):
        values = np.asarray(Image.fromarray(values).convert("L"))
    return encode_jpeg_ls(np.ascontiguousarray(values), _form(values))


def _open(data: bytes | memoryview) -> Image.Image:
    """The picture, with nothing of its pixels read. Raises NotAPicture."""
    with warnings.catch_warnings():
        # The bound is checked here, in words.
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None
        try:
            picture = Image.open(BytesIO(data), formats=FORMATS)
            pages = getattr(picture, "n_frames", 1)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise NotAPicture(say("This is no JPEG, PNG or TIFF picture that can be read.")) from error
    if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
        size = f"{picture.width} x {picture.height}"
        raise NotAPicture(
            say(
                "The picture has {size} pixels; {max_pixels} million are the most.",
                size=size,
                max_pixels=MAX_PIXELS // 1000000,
            )
        )
    if pages > 1 and picture.format != "MPO":
        raise NotAPicture(say("The picture has {pages} pages. Send each of them as a file of its own.", pages=pages))
    return picture


def _exif(picture: Image.Image) -> dict[str, Any]:
    """Orientation and date; what can't be read counts as not there."""
    try:
        exif = picture.getexif()
        inner = exif.get_ifd(_EXIF)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return {"orientation": 1, "taken": "", "offset": ""}
    orientation = exif.get(_ORIENTATION)
    return {
        "orientation": orientation if orientation in range(1, 9) else 1,
        "taken": str(inner.get(_TAKEN) or ""),
        "offset": str(inner.get(_OFFSET) or ""),
    }


def _values(picture: Image.Image) -> NDArray[Any]:
    """(rows, columns) of 8 or 16 bits, or (rows, columns, 3) of 8, upright."""
    inverted = picture.mode in _WIDE and _is_white_zero(picture)
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in _WIDE or upright.mode == "I":
        wide = np.clip(np.asarray(upright), 0, _UINT16).astype(np.uint16)
        return _UINT16 - wide if inverted else wide
    if upright.mode == "F":
        raise NotAPicture(say("The picture has floating-point pixels. Send it with 8 or 16 bits."))
    return np.asarray(_flat(upright))


def _flat(picture: Image.Image) -> Image.Image:
    """The picture in grey or RGB: palettes, CMYK, single bits and transparency resolved."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("LA", "La"):
        return _on_black(picture.convert("LA"), "L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        return _on_black(picture.convert("RGBA"), "RGB")
    return picture.convert("RGB")


def _on_black(picture: Image.Image, mode: str) -> Image.Image:
    ground = Image.new(mode, picture.size)
    ground.paste(picture.convert(mode), mask=picture.getchannel("A"))
    return ground


def _is_white_zero(picture: Image.Image) -> bool:
    tags = getattr(picture, "tag_v2", {})
    return bool(tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def _is_grey(values: NDArray[Any]) -> bool:
    """Whether hardly a pixel has a colour."""
    spread = values.max(axis=2) - values.min(axis=2)
    return float(np.mean(spread > GREY_TOLERANCE)) <= COLOURED_SHARE


def _form(values: NDArray[Any]) -> PixelDescription:
    bits = values.dtype.itemsize * 8
    samples = 3 if values.ndim == 3 else 1
    rows, columns = values.shape[:2]
    space = "RGB" if samples == 3 else "MONOCHROME2"
    return PixelDescription(rows, columns, samples, space, bits, bits, bits - 1, 0, 0, 1)
