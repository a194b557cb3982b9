"""Work on a frame in bands of rows that fit the processor's cache: faster, and without large copies."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

BAND_PIXELS = 2**17


def through_bands(
    frame: NDArray[Any], convert: Callable[[NDArray[Any]], NDArray[np.uint8]], channels: tuple[int, ...] = ()
) -> NDArray[np.uint8]:
    """Return `convert` of each band of a frame (rows, columns), joined to (rows, columns, *channels)."""
    rows, columns = frame.shape
    step = max(1, BAND_PIXELS // columns)
    converted = np.empty((rows, columns, *channels), np.uint8)
    for start in range(0, rows, step):
        converted[start : start + step] = convert(frame[start : start + step])
    return converted
