"""The grayscale pipeline: stored values to display values (PS3.4 N.2.1)."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from apps.dicom.attributes import Attributes, integer, items, number, text
from apps.dicom.bands import through_bands
from apps.dicom.description import PixelDescription
from apps.dicom.functional_groups import functional_group
from apps.dicom.lut import MODALITY_LUT_SEQUENCE, VOI_LUT_SEQUENCE, LookupTable, first_table
from apps.dicom.windowing import Window, WindowFunction

PIXEL_VALUE_TRANSFORMATION = "00289145"
FRAME_VOI_LUT = "00289132"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Rescale Slope and Intercept (PS3.3 C.11.1.1.2)."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        """Return stored values in the modality's units."""
        return stored * np.float64(self.slope) + self.intercept


ModalityTransform: TypeAlias = Rescale | LookupTable
VoiTransform: TypeAlias = Window | LookupTable


@dataclass(frozen=True, slots=True)
class GrayscalePipeline:
    """Modality transform, VOI transform and polarity of one frame; equal ones share their table."""

    modality: ModalityTransform
    voi: VoiTransform
    is_inverted: bool

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Return stored values as display values, 0 to 255; what isn't a number is black."""
        display = np.rint(self.voi.display(self.modality.apply(stored)))
        if self.is_inverted:
            display = 255 - display
        return np.nan_to_num(display, copy=False).astype(np.uint8)


def pipeline_of(
    frame: NDArray[Any],
    attributes: Attributes,
    description: PixelDescription,
    frame_number: int,
    window: Window | None = None,
) -> GrayscalePipeline:
    """Return the pipeline for a frame (rows, columns), counted from 1.

    The VOI is the `window` asked for, else the VOI LUT, the frame's window, the image's, else the range of
    the frame's values without its padding.
    """
    modality = _modality(attributes, description, frame_number)
    voi = window or _voi(attributes, description, frame_number, modality)
    if voi is None:
        voi = _spanning(frame, attributes, description, modality)
    is_inverted = description.photometric_interpretation == "MONOCHROME1" or text(attributes, "20500020") == "INVERSE"
    return GrayscalePipeline(modality, voi, is_inverted)


def window_of(
    frame: NDArray[Any], attributes: Attributes, description: PixelDescription, frame_number: int
) -> Window | None:
    """Return the window that spans a frame's values where its header has neither window nor VOI LUT; else None."""
    modality = _modality(attributes, description, frame_number)
    if not description.photometric_interpretation.startswith("MONOCHROME"):
        return None
    if _voi(attributes, description, frame_number, modality) is not None:
        return None
    return _spanning(frame, attributes, description, modality)


def _modality(attributes: Attributes, description: PixelDescription, frame_number: int) -> ModalityTransform:
    if description.float_kind is None:
        table = first_table(attributes, MODALITY_LUT_SEQUENCE, is_signed=description.is_signed)
        if table is not None:
            return table
    source = functional_group(attributes, frame_number, PIXEL_VALUE_TRANSFORMATION) or attributes
    return Rescale(number(source, "00281053") or 1.0, number(source, "00281052") or 0.0)


def _voi(
    attributes: Attributes, description: PixelDescription, frame_number: int, modality: ModalityTransform
) -> VoiTransform | None:
    is_signed = isinstance(modality, Rescale) and (description.is_signed or modality.intercept < 0)
    table = first_table(attributes, VOI_LUT_SEQUENCE, is_signed=is_signed)
    if table is not None:
        return table
    group = functional_group(attributes, frame_number, FRAME_VOI_LUT)
    window = (Window.from_attributes(group) if group is not None else None) or Window.from_attributes(attributes)
    if window is not None and description.float_kind is not None and window.function is WindowFunction.LINEAR:
        # The function "linear" is made for whole numbers: of values from 0 to 1 it would leave black and white.
        return replace(window, function=WindowFunction.LINEAR_EXACT)
    return window


def _spanning(
    frame: NDArray[Any], attributes: Attributes, description: PixelDescription, modality: ModalityTransform
) -> Window:
    lowest, highest = _stored_range(frame, attributes, description)
    if isinstance(modality, LookupTable):
        outputs = modality.apply(np.arange(int(lowest), int(highest) + 1))
    else:
        outputs = modality.apply(np.array([lowest, highest]))
    return Window.spanning(float(outputs.min()), float(outputs.max()))


def _stored_range(frame: NDArray[Any], attributes: Attributes, description: PixelDescription) -> tuple[float, float]:
    """Return the range of stored values to show: of a segmentation all possible, else those present."""
    if description.bits_stored == 1:
        return 0, 1
    maximum_fraction = integer(attributes, "0062000E")
    if maximum_fraction:
        return 0, maximum_fraction
    if text(attributes, "00620001") == "LABELMAP":
        return 0, max((integer(segment, "00620004") or 0 for segment in items(attributes, "00620002")), default=0)
    if description.float_kind is not None:
        present = frame[np.isfinite(frame)]
        padding = number(attributes, "00280122" if description.float_kind == "float" else "00280123")
        present = present if padding is None else present[present != frame.dtype.type(padding)]
    else:
        present = _without_padding(frame, attributes, description)
    return (float(present.min()), float(present.max())) if present.size else (0, 0)


def _without_padding(frame: NDArray[Any], attributes: Attributes, description: PixelDescription) -> NDArray[Any]:
    """Leave out the Pixel Padding Value or Range (PS3.3 C.7.5.1.1.2)."""
    value = _stored(integer(attributes, "00280120"), description)
    if value is None:
        return frame
    limit = _stored(integer(attributes, "00280121"), description)
    low, high = sorted((value, value if limit is None else limit))
    kept = frame[(frame < low) | (frame > high)]
    return kept if kept.size else frame


def _stored(value: int | None, description: PixelDescription) -> int | None:
    if value is not None and description.is_signed and value > 0x7FFF and description.bits_allocated == 16:
        return value - 0x10000
    return value


def to_display(frame: NDArray[Any], pipeline: GrayscalePipeline, description: PixelDescription) -> NDArray[np.uint8]:
    """Return a frame (rows, columns) of stored values as display values, 0 to 255, of the same shape."""
    if frame.dtype.kind == "f" or frame.dtype.itemsize > 2:
        return through_bands(frame, pipeline.apply)
    table = _table(pipeline, frame.dtype.itemsize, description.bits_stored, frame.dtype.kind == "i")
    unsigned = frame.view(f"u{frame.dtype.itemsize}")
    return through_bands(unsigned, lambda band: table.take(band, mode="clip"))


@lru_cache(maxsize=64)
def _table(pipeline: GrayscalePipeline, itemsize: int, bits_stored: int, is_signed: bool) -> NDArray[np.uint8]:
    """Return the display value for each bit pattern that a pixel may have."""
    patterns = np.arange(1 << (8 * itemsize if is_signed else bits_stored)).astype(f"u{itemsize}")
    return pipeline.apply(patterns.view(f"i{itemsize}") if is_signed else patterns)
