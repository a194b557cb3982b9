"""Animated GIF (GIF89a) of drawn frames."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Browsers show frames of a shorter time slowly.
SHORTEST_MS: Final = 20


def write_gif(frames: Iterable[NDArray[np.uint8]], rate: float, target: Path) -> None:
    """Write frames, (rows, columns) or (rows, columns, 3) in RGB, as a GIF that repeats, `rate` a second.

    GIF knows times of whole hundredths of a second alone.
    """
    images = _images(frames)
    first = next(images)
    duration = max(SHORTEST_MS, round(100 / rate) * 10)
    first.save(target, "GIF", save_all=True, append_images=images, duration=duration, loop=0)


def _images(frames: Iterable[NDArray[np.uint8]]) -> Iterator[Image.Image]:
    return (Image.fromarray(frame) for frame in frames)
