"""How a volume is shown where nobody says otherwise, remembered: each of a drag's hundred images asks for it."""

from functools import lru_cache
from typing import Final

from apps.dicom.windowing import Window
from apps.volumes.cache import opened
from apps.volumes.drawing import Look, look_of, window_spanning
from apps.volumes.models import Volume
from apps.volumes.slices import first_header

MOST_REMEMBERED: Final = 256


def look_at(volume: Volume) -> Look:
    """The window and the polarity that the header of one of its instances names."""
    return _look(volume, volume.inputs)


def window_of(volume: Volume) -> Window:
    """The headers' window, else one that spans the values."""
    return look_at(volume).window or _spanning(volume, volume.inputs)


# What it is made of tells a volume from what its row was before: it is a key here, and nothing else.
@lru_cache(maxsize=MOST_REMEMBERED)
def _look(volume: Volume, inputs: str) -> Look:
    return look_of(first_header(volume))


@lru_cache(maxsize=MOST_REMEMBERED)
def _spanning(volume: Volume, inputs: str) -> Window:
    return window_spanning(opened(volume))
