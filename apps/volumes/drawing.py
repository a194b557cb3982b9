"""Images out of volumes as files: windowed to 8 bits (PNG, JPEG) to look at, or their numbers to reckon with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.dicom.attributes import text
from apps.dicom.bands import through_bands
from apps.dicom.functional_groups import functional_group
from apps.dicom.grayscale import FRAME_VOI_LUT
from apps.dicom.png import encode_png
from apps.dicom.windowing import Window
from apps.volumes.geometry.voxels import Voxels

QUALITY: Final = 90
PHOTOMETRIC_INTERPRETATION: Final = "00280004"
# So many voxels, evenly spread, tell how bright a volume is.
LOOKED_AT: Final = 100_000
# Percent of them that are left black, and white at the other end: noise, and metal.
LEFT_OUT: Final = 0.5
INT16: Final = np.iinfo(np.int16)


class NumberType(StrEnum):
    """How the numbers of an image are written, little endian."""

    FLOAT32 = "float32"
    INT16 = "int16"


@dataclass(frozen=True, slots=True)
class Look:
    """How the headers want a volume shown: its window (PS3.3 C.11.2), None where they say none, and its polarity."""

    window: Window | None
    is_inverted: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """An image's numbers row after row, little endian: a value is a number times `slope` plus `intercept`."""

    data: bytes
    type: NumberType
    slope: float
    intercept: float


def look_of(header: Mapping[str, Any]) -> Look:
    """The look that the header of one of its instances asks for; of a multi-frame one its first frame's."""
    group = functional_group(header, 1, FRAME_VOI_LUT)
    window = (Window.from_attributes(group) if group is not None else None) or Window.from_attributes(header)
    return Look(window, text(header, PHOTOMETRIC_INTERPRETATION) == "MONOCHROME1")


def window_spanning(voxels: Voxels) -> Window:
    """The window for a volume whose headers have none: it spans what there is but for the outermost values."""
    values = voxels.values.reshape(-1)
    some = np.asarray(values[:: max(1, values.size // LOOKED_AT)], np.float64)
    present = some[np.isfinite(some)] * voxels.slope + voxels.intercept
    if not present.size:
        return Window.spanning(0, 0)
    lowest, highest = np.percentile(present, [LEFT_OUT, 100 - LEFT_OUT])
    return Window.spanning(float(lowest), float(highest))


def in_window(image: NDArray[np.float32], window: Window, *, is_inverted: bool = False) -> NDArray[np.uint8]:
    """Values (rows, columns) as display values, 0 to 255; what isn't a number is black."""

    def convert(band: NDArray[np.float32]) -> NDArray[np.uint8]:
        display = np.nan_to_num(np.rint(window.display(band))).astype(np.uint8)
        return 255 - display if is_inverted else display

    return through_bands(image, convert)


def png(display: NDArray[np.uint8]) -> bytes:
    """Display values (rows, columns) as a PNG file."""
    return encode_png(np.ascontiguousarray(display))


def jpeg(display: NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """Display values (rows, columns) as a JPEG file of a quality from 1 to 100."""
    stream = BytesIO()
    Image.fromarray(display).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def numbers(image: NDArray[np.float32], voxels: Voxels, kind: NumberType) -> Numbers:
    """The values (rows, columns) of an image as numbers of this type.

    As int16 they are rounded to the volume's own steps where it is kept as whole numbers, and else to one part in
    65,535 of the image's range.
    """
    if kind is NumberType.FLOAT32:
        return Numbers(image.astype("<f4").tobytes(), kind, 1.0, 0.0)
    slope, intercept = _steps(image, voxels)
    rounded = np.rint((image.astype(np.float64) - intercept) / slope)
    kept = np.clip(np.nan_to_num(rounded), INT16.min, INT16.max).astype("<i2")
    return Numbers(kept.tobytes(), kind, slope, intercept)


def _steps(image: NDArray[np.float32], voxels: Voxels) -> tuple[float, float]:
    if voxels.values.dtype.kind == "i":
        return voxels.slope, voxels.intercept
    finite = image[np.isfinite(image)]
    lowest, highest = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    slope = (highest - lowest) / (INT16.max - INT16.min) or 1.0
    return slope, lowest - INT16.min * slope
