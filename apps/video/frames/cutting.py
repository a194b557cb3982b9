"""A part of a stored video as a file of its own, cut where it can be without encoding anew. Pure.

It begins at a key picture and ends before one. Pictures that are coded behind the first key picture and shown before
it (an open group of pictures) need what is not in the part: they are left out, and so is a group's end that needs the
next key picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apps.dicom.frames import Span
from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.frames.timeline import Tell, Timeline, opened, timeline

if TYPE_CHECKING:
    from av.container import OutputContainer

# The container of the part, by the coding of its pictures: what the conversion takes without encoding.
_CONTAINERS: Final = {"mpeg2video": "mpegts"}
_SOUNDS: Final = frozenset({"aac", "mp3"})


@dataclass(frozen=True, slots=True)
class Borders:
    """Which pictures of the stream make the part: [first, end) in coded order, shown from `since` to before `until`."""

    first: int
    end: int
    since: int
    until: int


def cut(
    *, path: str, spans: Sequence[Span], container: str, since: float, until: float, target: str, tell: Tell
) -> dict[str, Any]:
    """Write the part that holds [since, until) seconds into `target`. Returns what it holds. Raises Refused."""
    with opened(path, spans, container) as stream:
        known = timeline(stream, tell)
    borders = _borders(known, since, until)
    with opened(path, spans, container) as stream:
        frames = _write(stream, known, borders, Path(target), tell)
    first = known.frame_of(borders.since)
    return {
        "from": known.second(borders.since),
        "to": _second(known, borders.until),
        "firstFrame": first,
        "lastFrame": first + frames - 1,
        "frames": frames,
    }


def _second(known: Timeline, time: int) -> float:
    return min(known.second(time), known.seconds)


def _borders(known: Timeline, since: float, until: float) -> Borders:
    """The key picture at or before the beginning, and the first border at or behind the end."""
    if not 0 <= since < until or since >= known.seconds:
        raise Refused(
            Code.UNSUPPORTED,
            say(
                "Give a beginning and a later end, in seconds from the start; the video is {seconds:.3f} seconds long.",
                seconds=known.seconds,
            ),
        )
    keys = [number for number, shot in enumerate(known.shots) if shot.is_key]
    wanted = known.time_of(known.frame_at(since))
    before = [number for number in keys if known.shots[number].shown <= wanted]
    if not before:
        raise Refused(Code.UNSUPPORTED, say("The video begins without a key picture: it can't be cut there."))
    first = max(before, key=lambda number: known.shots[number].shown)
    last = known.shown[0] + (until - 0.0005) / float(known.unit)
    for number in keys:
        if number > first and (border := _shown_until(known, number)) > last:
            return Borders(first, number, known.shots[first].shown, border)
    return Borders(first, len(known.shots), known.shots[first].shown, known.shown[-1] + _step(known))


def _shown_until(known: Timeline, number: int) -> int:
    """When the first picture is shown that is coded at or behind this key: what comes before needs none."""
    key = known.shots[number].shown
    earliest = key
    for shot in known.shots[number + 1 :]:
        if shot.is_key:
            break
        earliest = min(earliest, shot.shown)
    return earliest


def _step(known: Timeline) -> int:
    return max(1, round(1 / (known.rate * known.unit)))


def _write(stream: Any, known: Timeline, borders: Borders, target: Path, tell: Tell) -> int:
    """Copy the packets; how many pictures they are."""
    import av

    pictures = stream.streams.video[0]
    sounds = [each for each in stream.streams.audio[:1] if each.codec_context.name in _SOUNDS]
    form = _CONTAINERS.get(pictures.codec_context.name, "mp4")
    options = {"movflags": "faststart", "use_editlist": "0"} if form == "mp4" else {}
    with av.open(str(target), "w", format=form, options=options) as output:
        copy = _Copy(known, borders, output, [pictures, *sounds])
        for packet in stream.demux([pictures, *sounds]):
            if packet.size and not copy.take(packet):
                break
            tell(copy.number, borders.end)
    if not copy.count:
        raise Refused(Code.NO_PICTURES, say("There is no picture between these times."))
    return copy.count


class _Copy:
    """What of a stream's packets belongs to the part, and their new times."""

    def __init__(self, known: Timeline, borders: Borders, output: "OutputContainer", kept: list[Any]) -> None:
        self._known, self._borders, self._output, self._pictures = known, borders, output, kept[0]
        self._streams = {each.index: output.add_stream_from_template(each) for each in kept}
        self._start = known.shots[borders.first].decoded
        self.number = self.count = 0

    def take(self, packet: Any) -> bool:
        """Copy the packet where it belongs to the part; whether more may come."""
        if packet.stream is not self._pictures:
            self._take_sound(packet)
            return True
        number, self.number = self.number, self.number + 1
        borders = self._borders
        shot = self._known.shots[number]
        if borders.first <= number < borders.end and borders.since <= shot.shown < borders.until:
            packet.pts, packet.dts = shot.shown - self._start, shot.decoded - self._start
            packet.stream = self._streams[self._pictures.index]
            self._output.mux(packet)
            self.count += 1
        return self.number < borders.end

    def _take_sound(self, packet: Any) -> None:
        time = packet.pts
        if time is None:
            return
        seconds = time * packet.stream.time_base
        unit = self._known.unit
        if self._borders.since * unit <= seconds < self._borders.until * unit:
            moved = int(self._start * unit / packet.stream.time_base)
            packet.pts = packet.dts = time - moved
            packet.stream = self._streams[packet.stream.index]
            self._output.mux(packet)
