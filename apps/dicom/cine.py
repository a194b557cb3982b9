"""How a multi-frame image is played (PS3.3 C.7.6.5), and its frames as they are drawn one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.dicom.attributes import Attributes, number, numbers
from apps.dicom.description import PixelDescription
from apps.dicom.grayscale import window_of
from apps.dicom.render import draw_frame
from apps.dicom.rendering import Rendering
from apps.dicom.viewport import Viewport
from apps.dicom.windowing import Window

MAX_SIDE: Final = 1920
MAX_GIF_SIDE: Final = 640
_SLOWEST, _FASTEST, _USUAL = 0.5, 60.0, 10.0
# Recommended Display Frame Rate, Cine Rate.
_RATES: Final = ("00082144", "00180040")
_FRAME_TIME, _FRAME_TIME_VECTOR = "00181063", "00181065"

Decode = Callable[[int], NDArray[Any]]


def frame_rate(attributes: Attributes) -> float:
    """Frames per second, 0.5 to 60: as recommended, else as taken (Cine Rate, Frame Time or its vector), else 10."""
    rates = [number(attributes, tag) for tag in _RATES]
    times = [time for time in numbers(attributes, _FRAME_TIME_VECTOR)[1:] if time > 0]
    frame_time = number(attributes, _FRAME_TIME) or (sum(times) / len(times) if times else None)
    rates.append(1000 / frame_time if frame_time and frame_time > 0 else None)
    rate = next((rate for rate in rates if rate and rate > 0), _USUAL)
    return min(max(rate, _SLOWEST), _FASTEST)


def duration(attributes: Attributes, frames: int) -> float:
    """How many seconds so many frames take, by their own times (Frame Time or its vector); else at `frame_rate`."""
    frame_time = number(attributes, _FRAME_TIME)
    if frame_time and frame_time > 0:
        return frames * frame_time / 1000
    times = [time for time in numbers(attributes, _FRAME_TIME_VECTOR)[1:] if time > 0]
    return frames * sum(times) / len(times) / 1000 if times else frames / frame_rate(attributes)


def drawn_frames(
    decode: Decode, attributes: Attributes, description: PixelDescription, count: int, rendering: Rendering
) -> Iterator[NDArray[np.uint8]]:
    """Draw `count` frames in turn, all in the same size and, without windows of their own, the same window.

    `decode` gives a frame by its number, as decode_frame does. Raises what it and draw_frame raise.
    """
    samples = {number: decode(number) for number in (1, (count + 1) // 2, count)}
    windows = [window_of(frame, attributes, description, number) for number, frame in samples.items()]
    steady = _steady(rendering, windows)
    for frame_number in range(1, count + 1):
        frame = decode(frame_number)
        yield np.asarray(draw_frame(frame, attributes, description, frame_number, steady))


def bounded(rendering: Rendering, rows: int, columns: int, most: int) -> Rendering:
    """The rendering with a viewport of at most `most` pixels a side; smaller images keep their size."""
    asked = rendering.viewport
    if asked is None:
        return replace(rendering, viewport=Viewport(min(columns, most), min(rows, most), enlarge=False))
    return replace(rendering, viewport=replace(asked, vw=min(asked.vw, most), vh=min(asked.vh, most)))


def _steady(rendering: Rendering, windows: list[Window | None]) -> Rendering:
    """The rendering with one window over these, where frames have none of their own: a movie must not flicker."""
    known = [window for window in windows if window is not None]
    if rendering.window is not None or not known:
        return rendering
    lowest = min(window.center - window.width / 2 for window in known)
    highest = max(window.center + window.width / 2 for window in known)
    return replace(rendering, window=Window.spanning(lowest, highest))
