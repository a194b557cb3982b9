"""The written object opened again, as whoever gets it will: do stream and attributes say the same, and is it so?

Its fragments are read as one file. The stream's head is probed, its pictures are counted, and in windows (all of them,
where the film is short) they are decoded; where the pictures were to stay, so are the source's, and their digests must
be the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from mmap import ACCESS_READ, mmap
from pathlib import Path as File
from typing import Any, BinaryIO, Final

import av
from av import FFmpegError, Packet
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from apps.dicom.attributes import integer, number, numbers, text
from apps.dicom.errors import Unreadable
from apps.dicom.frames import FrameIndex, index_frames
from apps.dicom.header import Header
from apps.dicom.reader import read
from apps.dicom.spans import SpanFile
from apps.saying import Sentence, say
from apps.video.conversion import windows
from apps.video.conversion.outcome import Stream, Verification
from apps.video.conversion.plan import Path
from apps.video.conversion.syntaxes import HEVC_MAIN10_51, JPEG_BASELINE
from apps.video.conversion.windows import Seen
from apps.video.errors import Code, Refused
from apps.video.streams.facts import Pictures
from apps.video.streams.heads import pictures_of
from apps.video.streams.opening import TABLES_ALONE, glanced
from apps.video.streams.reading import reader_of
from apps.video.streams.scanning import chosen
from apps.video.streams.telling import Tell, quiet

STAGE: Final = "verify"
_TOLERANCE: Final = 0.001  # of Frame Time (0018,1063)
_HEAD_PACKETS: Final = 4
_EVERY: Final = 256
_SEEKABLE: Final = frozenset({"mp4", "matroska"})


def verify(
    target: File, fragments: Sequence[tuple[int, int]], stream: Stream, source: File, tell: Tell = quiet
) -> Verification:
    """What was found in the object `target`, whose stream is in `fragments` (offset and length without padding).

    Raises `Refused` (MISMATCH) where anything is not as it was planned or as the attributes say.
    """
    tell(STAGE, 0, stream.frames)
    header, index = _read(target)
    _check_fragments(target, index, fragments, stream)
    _check_attributes(header, stream)
    found = _jpegs(target, fragments, stream) if _is_jpeg(stream) else _film(target, fragments, stream, tell)
    _check_head(found.pictures, stream)
    _check_frames(found, stream)
    if stream.plan.path in (Path.REMUX, Path.RELABEL, Path.WRAP_JPEG):
        _compare(found, source, stream)
    tell(STAGE, stream.frames, stream.frames)
    return Verification(
        frames=found.frames,
        profile=found.pictures.profile,
        level=found.pictures.level,
        columns=found.pictures.columns,
        rows=found.pictures.rows,
        rate=f"{stream.plan.rate.numerator}/{stream.plan.rate.denominator}",
        is_whole=found.is_whole,
        quality=stream.quality,
        lost_frames=stream.lost_frames,
        digest=found.first.digest if stream.plan.path.is_exact else "",
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the object's own stream holds."""

    pictures: Pictures
    frames: int
    is_whole: bool
    first: Seen
    last: Seen | None  # from the last key picture on


def _wrong(reason: Sentence) -> Refused:
    return Refused(Code.MISMATCH, reason)


# The file ------------------------------------------------------------------------------------------------------------


def _read(target: File) -> tuple[Header, FrameIndex]:
    try:
        with target.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            header = read(data)
            return header, index_frames(data, header)
    except Unreadable as error:
        raise _wrong(say("The object can't be read again.")) from error


def _check_fragments(target: File, index: FrameIndex, fragments: Sequence[tuple[int, int]], stream: Stream) -> None:
    """They lie where they were written, each of an even length, with a zero after what is odd (PS3.5 A.4)."""
    items = [span for frame in range(1, index.count + 1) for span in index.spans(frame)]
    # The lengths of frames of JPEG are told without padding (7FE0,0002).
    written = [(offset, size if _is_jpeg(stream) else size + size % 2) for offset, size in fragments]
    if items != written or sum(size for _, size in fragments) != stream.size:
        raise _wrong(say("The object's fragments are not as they were written."))
    with target.open("rb") as file:
        for offset, size in (fragments[0], fragments[-1]):
            file.seek(offset + size)
            if size % 2 and file.read(1) != b"\0":
                raise _wrong(say("The object's fragments are not as they were written."))


def _check_attributes(header: Header, stream: Stream) -> None:
    """What PS3.5 8.2.5 to 8.2.11 ask of the attributes beside such a stream."""
    for name, (found, wanted) in _attributes(header, stream).items():
        if found != wanted:
            raise _wrong(
                say("{name} is {found} in the object, not {wanted}.", name=name, found=str(found), wanted=str(wanted))
            )


def _attributes(header: Header, stream: Stream) -> dict[str, tuple[object, object]]:
    """By keyword: what the object has, and what it should have."""
    held, plan = header.attributes, stream.plan
    is_deep = plan.transfer_syntax_uid == HEVC_MAIN10_51
    bits = (16, 10, 9) if is_deep else (8, 8, 7)
    whole: dict[str, tuple[object, object]] = {
        "TransferSyntaxUID": (header.transfer_syntax_uid, plan.transfer_syntax_uid),
        "SamplesPerPixel": (integer(held, "00280002"), 3),
        "PhotometricInterpretation": (
            text(held, "00280004"),
            "YBR_FULL_422" if _is_jpeg(stream) else "YBR_PARTIAL_420",
        ),
        "PlanarConfiguration": (integer(held, "00280006"), 0),
        "NumberOfFrames": (integer(held, "00280008"), stream.frames),
        "Rows": (integer(held, "00280010"), plan.rows),
        "Columns": (integer(held, "00280011"), plan.columns),
        "BitsAllocated": (integer(held, "00280100"), bits[0]),
        "BitsStored": (integer(held, "00280101"), bits[1]),
        "HighBit": (integer(held, "00280102"), bits[2]),
        "PixelRepresentation": (integer(held, "00280103"), 0),
        "PixelAspectRatio": ("00280034" in held, False),
        "FrameTime": (_is_timed(held, stream), True),
    }
    if not _is_jpeg(stream):
        whole["EncapsulatedPixelDataValueTotalLength"] = (integer(held, "7FE00003"), stream.size)
    return whole


def _is_timed(held: dict[str, Any], stream: Stream) -> bool:
    """Whether Frame Time is the rate's, or Frame Time Vector has an interval for each picture."""
    if stream.plan.intervals:
        return len(numbers(held, "00181065")) == stream.frames
    time, wanted = number(held, "00181063"), float(1000 / stream.plan.rate)
    return time is not None and abs(time - wanted) <= wanted * _TOLERANCE


def _is_jpeg(stream: Stream) -> bool:
    return stream.plan.transfer_syntax_uid == JPEG_BASELINE


# The stream ----------------------------------------------------------------------------------------------------------


def _film(target: File, fragments: Sequence[tuple[int, int]], stream: Stream, tell: Tell) -> Found:
    try:
        with _opened(target, fragments, stream.plan.container) as container:
            film = container.streams.video[0]
            if _is_indexed(film, stream):
                return _indexed(container, film, stream)
            counted = _Counted(container, film, _window(stream), tell)
        with _opened(target, fragments, stream.plan.container) as container:
            return _counted(container, counted, stream)
    except FFmpegError as error:
        raise _wrong(say("The object's stream can't be read again.")) from error


@contextmanager
def _opened(target: File, fragments: Sequence[tuple[int, int]], form: str) -> Iterator[InputContainer]:
    """The object's stream without padding, opened as this container and nothing else."""
    options = TABLES_ALONE if form == "mp4" else {}
    file = SpanFile(target, fragments)
    with file, av.open(file, "r", format=form, options=options, io_open=_refuse) as container:
        yield container


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:
    raise _wrong(say("The object's stream refers to other files."))


def _window(stream: Stream) -> int:
    """How many pictures are decoded."""
    return windows.length(stream.frames, stream.plan.columns, stream.plan.rows)


def _is_indexed(film: VideoStream, stream: Stream) -> bool:
    """Whether the container lists each picture, so that they need not be read to be counted."""
    entries = film.index_entries
    if stream.plan.container != "mp4" or len(entries) != stream.frames:
        return False
    last = entries[-1]
    return last.pos + last.size <= stream.size


def _indexed(container: InputContainer, film: VideoStream, stream: Stream) -> Found:
    count = _window(stream)
    is_whole = count == stream.frames
    pictures = pictures_of(film.codec_context.codec.canonical_name, film.codec_context, [])
    first = windows.beginning(container, film, count, is_whole=is_whole)
    last = None if is_whole else windows.end(container, film, _last_key(film), count)
    return Found(pictures, len(first.digests) if is_whole else stream.frames, is_whole, first, last)


def _last_key(film: VideoStream) -> Fraction:
    """When the last key picture is decoded, seconds on the stream's clock."""
    entries = film.index_entries
    keys = (entries[number] for number in range(len(entries) - 1, -1, -1))
    return next(entry.timestamp for entry in keys if entry.is_keyframe) * (film.time_base or Fraction(1))


class _Counted:
    """The packets of a stream without an index: how many pictures, the first ones, and the last group."""

    def __init__(self, container: InputContainer, film: VideoStream, most: int, tell: Tell) -> None:
        self.frames = 0
        self.heads: list[bytes] = []
        self.group: list[Packet] = []
        for packet in container.demux(film):
            if packet.size:
                self._take(packet, film, most)
                if self.frames % _EVERY == 0:
                    tell(STAGE, self.frames, 0)

    def _take(self, packet: Packet, film: VideoStream, most: int) -> None:
        if not self.heads:
            codec, context = film.codec_context.codec.canonical_name, film.codec_context
            self._reader = reader_of(pictures_of(codec, context, [bytes(packet)]), context.extradata or b"")
        if len(self.heads) < _HEAD_PACKETS:
            self.heads.append(bytes(packet))
        self.frames += self._reader.begins(memoryview(packet))
        if packet.is_keyframe:
            self.group = []
        if len(self.group) < most:
            self.group.append(packet)


def _counted(container: InputContainer, counted: _Counted, stream: Stream) -> Found:
    film, count = container.streams.video[0], _window(stream)
    is_whole = count == stream.frames
    context = film.codec_context
    pictures = pictures_of(context.codec.canonical_name, context, counted.heads)
    first = windows.beginning(container, film, count, is_whole=is_whole)
    last = None
    if not is_whole:
        context.flush_buffers()
        last = windows.of_packets(context, counted.group, film)
    return Found(pictures, len(first.digests) if is_whole else counted.frames, is_whole, first, last)


def _jpegs(target: File, fragments: Sequence[tuple[int, int]], stream: Stream) -> Found:
    count = _window(stream)
    context = av.CodecContext.create("mjpeg", "r")
    assert isinstance(context, VideoCodecContext)
    with target.open("rb") as file:
        first = windows.of_packets(context, [_part(file, span) for span in fragments[:count]])
        context.flush_buffers()
        last = windows.of_packets(context, [_part(file, fragments[-1])])
        pictures = pictures_of("mjpeg", context, [bytes(_part(file, fragments[0]))])
    is_whole = count == stream.frames
    return Found(pictures, len(first.digests) if is_whole else len(fragments), is_whole, first, last)


def _part(file: BinaryIO, span: tuple[int, int]) -> Packet:
    file.seek(span[0])
    return Packet(file.read(span[1]))


# What was planned, and what is there ---------------------------------------------------------------------------------


def _check_head(found: Pictures, stream: Stream) -> None:
    """The stream's own words: its size, and where the plan says so its profile and level."""
    plan = stream.plan
    wanted: list[tuple[str, int, int]] = [("columns", found.columns, plan.columns), ("rows", found.rows, plan.rows)]
    if plan.profile:
        wanted.append(("profile", found.profile, plan.profile))
    if plan.path is Path.RELABEL:
        wanted.append(("level", found.level, plan.level))
    for name, is_so, should_be in wanted:
        if is_so != should_be:
            raise _wrong(
                say("The object's stream has {name} {found}, not {wanted}.", name=name, found=is_so, wanted=should_be)
            )
    if plan.level and found.level > plan.level:
        raise _wrong(say("The object's stream is of level {level}, too high.", level=found.level))


def _check_frames(found: Found, stream: Stream) -> None:
    if found.frames != stream.frames:
        raise _wrong(
            say(
                "{found} pictures can be decoded from the object, not {frames}.",
                found=found.frames,
                frames=stream.frames,
            )
        )
    seen = [found.first, *([found.last] if found.last else [])]
    if any(not window.digests for window in seen):
        raise _wrong(say("The object's pictures can't be decoded."))
    if stream.plan.path is Path.TRANSCODE and any(window.errors for window in seen):
        raise _wrong(say("The object's pictures can't be decoded."))


def _compare(found: Found, source: File, stream: Stream) -> None:
    """The same samples as the source's, in the same places; raises `Refused` (MISMATCH)."""
    assert stream.probe is not None
    count = len(found.first.digests)
    with glanced(source) as container:
        film = chosen(container, stream.probe)
        first = windows.beginning(container, film, count, is_whole=found.is_whole)
        last = _source_end(container, film, first, found, stream)
    if first.digests != found.first.digests:
        raise _wrong(say("The object's pictures are not the same as the file's."))
    if last and found.last and last.digests != found.last.digests:
        raise _wrong(say("The object's pictures are not the same as the file's."))


def _source_end(container: InputContainer, film: VideoStream, first: Seen, found: Found, stream: Stream) -> Seen | None:
    """The source's last group, None where its container doesn't lead there by time."""
    assert stream.probe is not None
    last = found.last
    is_timed = stream.probe.wrapping.format in _SEEKABLE and not stream.plan.intervals
    if not is_timed or last is None or last.key is None or found.first.start is None or first.start is None:
        return None
    time = first.start + last.key - found.first.start
    seen = windows.end(container, film, time + 1 / (4 * stream.plan.rate), len(last.digests))
    is_there = seen is not None and seen.key is not None and abs(seen.key - time) < 1 / (2 * stream.plan.rate)
    return seen if is_there else None
