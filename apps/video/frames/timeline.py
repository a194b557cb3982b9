"""When the pictures of a stored video are shown: by reading its packets, without decoding any. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apps.dicom.frames import Span
from apps.dicom.spans import SpanFile
from apps.saying import say
from apps.video.errors import Code, Refused

if TYPE_CHECKING:
    from av.container import InputContainer

MOST_PACKETS: Final = 12_000_000

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A coded picture in the order of the stream: when it is shown and decoded, in the stream's units."""

    shown: int
    decoded: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All pictures of a stream. Frames count from 1, in the order in which they are shown; seconds from the first."""

    shots: tuple[Shot, ...]
    unit: Fraction  # seconds
    rate: Fraction  # pictures a second
    shown: tuple[int, ...]  # sorted

    def second(self, time: int) -> float:
        return float((time - self.shown[0]) * self.unit)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.second(self.shown[-1]) + float(1 / self.rate)

    def frame_at(self, seconds: float) -> int:
        """The number of the frame that is to be seen then. Raises Refused beyond the end."""
        if not 0 <= seconds <= self.seconds:
            raise Refused(Code.UNSUPPORTED, say("The video is {seconds:.3f} seconds long.", seconds=self.seconds))
        # A time that was written with three digits means the frame, not the one before.
        time = self.shown[0] + (seconds + 0.0005) / float(self.unit)
        return max(1, bisect_right(self.shown, time))

    def time_of(self, frame: int) -> int:
        """When a frame is shown. Raises Refused for one that isn't there."""
        if not 1 <= frame <= len(self.shown):
            raise Refused(Code.UNSUPPORTED, say("The video has {count} frames.", count=len(self.shown)))
        return self.shown[frame - 1]

    def frame_of(self, time: int) -> int:
        return bisect_right(self.shown, time)

    def key_frames(self) -> list[int]:
        """The numbers of the key pictures."""
        return sorted(self.frame_of(shot.shown) for shot in self.shots if shot.is_key)


@contextmanager
def opened(path: str, spans: Sequence[Span], container: str) -> Iterator["InputContainer"]:
    """The stream that lies in these parts of a file, opened as this container and nothing else. Raises Refused."""
    import av

    with SpanFile(Path(path), [(offset, length) for offset, length in spans]) as source:
        try:
            with av.open(source, "r", format=container, io_open=_nothing_else) as stream:
                yield stream
        except av.FFmpegError as error:
            raise Refused(Code.DAMAGED, say("The stored video can't be read.")) from error


def timeline(stream: "InputContainer", tell: Tell) -> Timeline:
    """Read all packets of the pictures. Raises Refused where there are none, or too many."""
    pictures: Any = stream.streams.video[0]
    shots: list[Shot] = []
    for packet in stream.demux(pictures):
        if not packet.size:
            continue
        shots.append(_shot(packet, len(shots), pictures))
        if len(shots) > MOST_PACKETS:
            raise Refused(Code.TOO_LONG, say("The video is too long."))
        tell(len(shots), max(pictures.frames, len(shots)))
    if not shots:
        raise Refused(Code.NO_PICTURES, say("The video holds no pictures."))
    rate = Fraction(pictures.average_rate or pictures.guessed_rate or 25)
    return Timeline(tuple(shots), Fraction(pictures.time_base), rate, tuple(sorted(shot.shown for shot in shots)))


def _shot(packet: Any, number: int, pictures: Any) -> Shot:
    """A bare stream has no times: then pictures follow each other as they are coded."""
    step = round(1 / (Fraction(pictures.average_rate or pictures.guessed_rate or 25) * pictures.time_base))
    decoded = packet.dts if packet.dts is not None else packet.pts
    shown = packet.pts if packet.pts is not None else decoded
    at = number * step
    return Shot(at if shown is None else shown, at if decoded is None else decoded, bool(packet.is_keyframe))


def _nothing_else(url: str, _flags: int, _options: dict[str, Any]) -> Any:
    raise ValueError(f"the stream refers to {url[:80]}")
