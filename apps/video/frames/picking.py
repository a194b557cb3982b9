"""Single pictures out of a stored video, decoded and written as RGB; for the errands' process. Pure."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from apps.dicom.frames import Span
from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.frames.timeline import Tell, Timeline, opened, timeline

MOST_PICTURES: Final = 60
MOST_PIXELS: Final = 8192 * 4320
# Containers whose pictures have times, by which they can be sought.
_TIMED: Final = frozenset({"mp4", "mpegts", "mpeg"})


def pictures(
    *, path: str, spans: Sequence[Span], container: str, wanted: dict[str, Any], folder: str, tell: Tell
) -> dict[str, Any]:
    """Write the wanted pictures into `folder`: RGB, a file each.

    `wanted` has `frames` (numbers), `times` (seconds from the start) and `keys` (how many key frames, spread over the
    film). Returns for each its file, rows, columns, number and seconds. Raises Refused.
    """
    with opened(path, spans, container) as stream:
        known = timeline(stream, tell)
    chosen = _chosen(known, wanted["frames"], wanted["times"], wanted["keys"])
    is_timed = container in _TIMED
    with opened(path, spans, container) as stream:
        picked = _picked(stream, known, chosen, Path(folder), tell, is_timed=is_timed)
    return {"pictures": picked, "frames": len(known.shown), "seconds": known.seconds}


def _chosen(known: Timeline, frames: Sequence[int], times: Sequence[float], keys: int) -> list[int]:
    """The numbers of the frames that are wanted, rising, each once."""
    found = {known.frame_of(known.time_of(frame)) for frame in frames} | {known.frame_at(time) for time in times}
    if keys:
        every = known.key_frames()
        count = min(keys, len(every))
        found |= {every[number * len(every) // count] for number in range(count)}
    return sorted(found)[:MOST_PICTURES]


def _picked(
    stream: Any, known: Timeline, wanted: list[int], folder: Path, tell: Tell, *, is_timed: bool
) -> list[dict[str, Any]]:
    """Decode from the key picture before each; a stream without times from its beginning, once."""
    pictures = stream.streams.video[0]
    pictures.thread_type = "AUTO"
    picked: list[dict[str, Any]] = []
    counted = enumerate(stream.decode(pictures), 1)
    for number, frame in enumerate(wanted):
        time = known.time_of(frame)
        picture = _at(stream, pictures, time) if is_timed else _counted(counted, frame)
        if picture is None:
            raise Refused(Code.DAMAGED, say("Frame {frame} can't be decoded.", frame=frame))
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused(Code.TOO_LARGE, say("The video's pictures are larger than the server handles."))
        file = folder / f"{frame}.rgb"
        file.write_bytes(picture.to_ndarray(format="rgb24").tobytes())
        picked.append(
            {
                "file": file.name,
                "rows": picture.height,
                "columns": picture.width,
                "frame": frame,
                "seconds": known.second(time),
            }
        )
        tell(number + 1, len(wanted))
    return picked


def _counted(pictures: Iterator[tuple[int, Any]], frame: int) -> Any:
    """The picture of this number, which is not yet behind."""
    return next((picture for number, picture in pictures if number == frame), None)


def _at(stream: Any, pictures: Any, time: int) -> Any:
    """The picture that is shown at this time; none where the decoder doesn't give it."""
    stream.seek(time, stream=pictures, backward=True)
    for picture in stream.decode(pictures):
        if picture.pts is not None and picture.pts >= time:
            return picture if picture.pts == time else None
    return None
