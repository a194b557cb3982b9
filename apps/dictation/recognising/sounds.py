"""Sounds as samples: what a browser has recorded, decoded and resampled to what recognisers take."""

from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.dictation.recognising.formats import HEAD, format_of

RATE: Final = 16_000
LONGEST_SECONDS: Final = 120
Samples = NDArray[np.int16]


def samples(path: Path) -> Samples:
    """The sound of a file: shape (count,), 16,000 samples a second of one channel, at most LONGEST_SECONDS.

    Raises Unanswerable: `no sound` for what can't be decoded, `too long` with `seconds` (how long it may be).
    """
    with path.open("rb") as file:
        known = format_of(file.read(HEAD))
    if known is None:
        raise Unanswerable("no sound")
    try:
        with av.open(str(path), format=known) as container:
            return _decoded(container)
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise Unanswerable("no sound") from error


def _decoded(container: Any) -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces: list[Samples] = []
    count = 0
    for frame in container.decode(container.streams.audio[0]):
        frame.pts = None
        count += _take(resampler.resample(frame), pieces)
        if count > LONGEST_SECONDS * RATE:
            raise Unanswerable("too long", seconds=LONGEST_SECONDS)
    _take(resampler.resample(None), pieces)
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


def _take(frames: list[Any], pieces: list[Samples]) -> int:
    """Add the samples of these frames; gives how many they are."""
    arrays = [frame.to_ndarray().reshape(-1) for frame in frames]
    pieces.extend(arrays)
    return sum(map(len, arrays))
