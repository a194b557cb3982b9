"""The frame index: where each frame of an object lies, small enough to keep in a row beside the object."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from mmap import mmap
from struct import Struct
from typing import Final

from apps.dicom.encapsulated import frame_starts
from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.fragments import read_fragments
from apps.dicom.geometry import geometry
from apps.dicom.header import BulkValue, Header
from apps.dicom.limits import Limits
from apps.dicom.source import Source, as_source
from apps.dicom.syntax import NATIVE, is_video
from apps.dicom.values import swapped
from apps.saying import say

ReadAt = Callable[[int, int], bytes]
Span = tuple[int, int]

_DEFAULT_LIMITS: Final = Limits()
_VERSION: Final = 1
# Version, kind, word size to swap, frames, and two numbers whose meaning depends on the kind.
_HEAD: Final = Struct("<BBHIQQ")
_RECORD: Final = Struct("<QI")
_START: Final = Struct("<I")


class Kind(IntEnum):
    """How the frames lie: not at all, evenly, one fragment each, several fragments each, one video stream."""

    NONE = 0
    NATIVE = 1
    SINGLE = 2
    FRAGMENTED = 3
    STREAM = 4


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Where the frames of one object lie, in bytes from the start of the object's file.

    (From the start of the inflated data set if the object is deflated.) Native frames follow each other from
    `offset`, each of `frame_bits` bits. `records` are the fragments of encapsulated frames, packed; `starts`
    the number of the first fragment of every frame, and of one after the last, packed, if frames have several.
    A video is one stream and counts as one frame, whatever its Number of Frames.
    """

    kind: Kind = Kind.NONE
    count: int = 0
    swap: int = 1
    offset: int = 0
    frame_bits: int = 0
    starts: bytes = b""
    records: bytes = b""

    @property
    def is_bit_packed(self) -> bool:
        """Whether frames may start within a byte, so that `spans` alone doesn't give a frame's exact bytes."""
        return self.frame_bits % 8 != 0

    def spans(self, number: int) -> tuple[Span, ...]:
        """Return the (offset, length) of the parts of frame `number`, counted from 1.

        Of bit-packed frames they are the bytes that the frame's bits are in. Raises IndexError if there is
        no such frame.
        """
        if not 1 <= number <= self.count:
            raise IndexError(f"There is no frame {number}: the object has {self.count}.")
        if self.kind is Kind.NATIVE:
            first = (number - 1) * self.frame_bits
            start, end = first // 8, -(-(first + self.frame_bits) // 8)
            return ((self.offset + start, end - start),)
        first_fragment, end_fragment = self._fragments(number)
        return tuple(_RECORD.unpack_from(self.records, _RECORD.size * at) for at in range(first_fragment, end_fragment))

    def bit_offset(self, number: int) -> int:
        """Return where in the first byte of its span a native frame starts: 0 to 7, 0 being the lowest bit."""
        return (number - 1) * self.frame_bits % 8 if self.kind is Kind.NATIVE else 0

    def extract(self, read_at: ReadAt, number: int) -> bytes:
        """Return the bytes of frame `number`, counted from 1: fragments joined, native pixels little endian.

        `read_at(offset, length)` reads from the object. Bits are shifted so that the first is the lowest of the
        first byte, and zeros fill the last byte. Raises IndexError if there is no such frame.
        """
        spans = self.spans(number)
        if self.kind is not Kind.NATIVE:
            return b"".join(read_at(offset, length) for offset, length in spans)
        raw = self._native(read_at, spans[0])
        return _shifted(raw, self.bit_offset(number), self.frame_bits) if self.is_bit_packed else raw

    def to_bytes(self) -> bytes:
        """Return the index as 24 bytes, and for encapsulated frames 12 more for every fragment.

        If frames have several fragments, 4 bytes per frame and 4 more say where their fragments start.
        """
        second = self.frame_bits if self.kind is Kind.NATIVE else len(self.starts)
        head = _HEAD.pack(_VERSION, self.kind, self.swap, self.count, self.offset, second)
        return head + self.starts + self.records

    @classmethod
    def from_bytes(cls, packed: bytes) -> "FrameIndex":
        """Return the index that `to_bytes` packed; nothing is unpacked before a frame is asked for."""
        version, kind, swap, count, offset, second = _HEAD.unpack_from(packed)
        if version != _VERSION:
            raise ValueError(f"A frame index of version {version} is not known.")
        if kind == Kind.NATIVE:
            return cls(Kind.NATIVE, count, swap, offset, second)
        middle = _HEAD.size + second
        return cls(Kind(kind), count, swap, offset, 0, packed[_HEAD.size : middle], packed[middle:])

    def _fragments(self, number: int) -> Span:
        if self.kind is Kind.SINGLE:
            return number - 1, number
        start, end = (_START.unpack_from(self.starts, _START.size * at)[0] for at in (number - 1, number))
        return start, end

    def _native(self, read_at: ReadAt, span: Span) -> bytes:
        """Return native bytes in little endian: words that a frame shares with its neighbours are read whole."""
        offset, length = span
        if self.swap == 1:
            return read_at(offset, length)
        before = (offset - self.offset) % self.swap
        after = -(before + length) % self.swap
        return swapped(read_at(offset - before, before + length + after), self.swap)[before : before + length]


def index_frames(
    buffer: bytes | bytearray | mmap | memoryview, header: Header, limits: Limits = _DEFAULT_LIMITS
) -> FrameIndex:
    """Return the frame index of an object, its frames empty if it has no pixel data (PS3.5 8 and A.4).

    `buffer` is what the header was read from. Raises Unreadable if pixel data is cut off or its frames can't
    be told apart.
    """
    source = as_source(buffer) if header.inflated is None else header.inflated
    pixels = header.pixel_data
    if pixels is None or pixels.length == 0:
        return FrameIndex()
    index = _native_index(header, pixels) if pixels.length is not None else _encapsulated_index(source, header, limits)
    if index.count > limits.frames:
        raise LimitExceeded(say("The object has more than {frames} frames.", frames=limits.frames))
    return index


def _native_index(header: Header, pixels: BulkValue) -> FrameIndex:
    size = geometry(header)
    if header.transfer_syntax_uid not in NATIVE:
        raise Unreadable(say("The pixel data is not encapsulated, as its transfer syntax asks."))
    if size.frames * size.frame_bits > (pixels.length or 0) * 8:
        raise Truncated(say("The pixel data is cut off: its frames don't fit into it."))
    if not size.frames:
        return FrameIndex()
    swap = 1 if pixels.swap == 1 else max(pixels.swap, size.sample_bits // 8)
    return FrameIndex(Kind.NATIVE, size.frames, swap, pixels.offset, size.frame_bits)


def _encapsulated_index(source: Source, header: Header, limits: Limits) -> FrameIndex:
    if header.transfer_syntax_uid in NATIVE:
        raise Unreadable(say("The pixel data is encapsulated, which its transfer syntax does not allow."))
    assert header.pixel_data is not None
    start = header.pixel_data.offset
    fragments = header.fragments or read_fragments(source, start, len(source), limits.frames)
    offsets, lengths = fragments.offsets[1:], fragments.lengths[1:]
    if not offsets:
        return FrameIndex()
    if is_video(header.transfer_syntax_uid):
        return _packed(Kind.STREAM, [0], offsets, lengths)
    starts, lengths = frame_starts(source, header, fragments)
    kind = Kind.SINGLE if len(starts) == len(offsets) else Kind.FRAGMENTED
    return _packed(kind, starts, offsets, lengths)


def _packed(kind: Kind, starts: Sequence[int], offsets: "array[int]", lengths: "array[int]") -> FrameIndex:
    records = b"".join(map(_RECORD.pack, offsets, lengths))
    packed = b"" if kind is Kind.SINGLE else b"".join(map(_START.pack, [*starts, len(offsets)]))
    return FrameIndex(kind, len(starts), starts=packed, records=records)


def _shifted(raw: bytes, shift: int, bits: int) -> bytes:
    number = int.from_bytes(raw, "little") >> shift
    return (number & ((1 << bits) - 1)).to_bytes(-(-bits // 8), "little")
