"""The sound of a film as samples of one channel, few enough to be compared. Pure; for the errands' process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.saying import say
from apps.video.cameras.correlation import RATE, Samples
from apps.video.errors import Code, Refused

# Seconds of each film that are listened to: half an hour is 29 MB of samples.
LONGEST: Final = 1800


def heard(file: Path, tell: Callable[[int, int], None]) -> tuple[Samples, float]:
    """What the film's first sound is like, and how many seconds after the first picture it begins. Raises Refused."""
    import av

    try:
        with file.open("rb") as source, av.open(source, io_open=_nothing_else, metadata_errors="replace") as film:
            if not film.streams.audio:
                raise Refused(Code.UNSUPPORTED, say("A camera has no sound: say when each of them began."))
            sound = film.streams.audio[0]
            pieces, began = _samples(film, sound, tell)
            pictures = film.streams.video[0] if film.streams.video else None
            shown = float((pictures.start_time or 0) * pictures.time_base) if pictures and pictures.time_base else 0.0
    except av.FFmpegError as error:
        raise Refused(Code.DAMAGED, say("A camera's sound can't be read: say when each of them began.")) from error
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return samples, began - shown


def _samples(film: Any, sound: Any, tell: Callable[[int, int], None]) -> tuple[list[Samples], float]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    pieces: list[Samples] = []
    began, count = 0.0, 0
    for frame in film.decode(sound):
        if not count:
            began = float(frame.time or 0.0)
        for made in resampler.resample(frame):
            pieces.append(made.to_ndarray()[0].astype(np.float32))
            count += made.samples
        tell(count, LONGEST * RATE)
        if count >= LONGEST * RATE:
            break
    return pieces, began


def _nothing_else(url: str, _flags: int, _options: dict[str, Any]) -> Any:
    raise ValueError(f"the film refers to {url[:80]}")
