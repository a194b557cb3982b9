"""What single packets tell without being decoded: whether a picture begins, and what stands beside the pictures."""

from collections.abc import Iterator
from typing import Protocol

from apps.video.errors import Refused
from apps.video.streams import h264, hevc, mpeg2, sei
from apps.video.streams.facts import Pictures
from apps.video.streams.units import START, Head, head_of

_MOST_UNITS = 4096
_BEGINNING = 1 << 16  # bytes of a packet before the first slice, unless they are extraordinarily many
_SLICE_HEAD = 48  # bytes that hold the beginning of a slice's header


class Reader(Protocol):
    """Reads the packets of a stream in their order."""

    has_user_data: bool
    has_parameter_changes: bool

    def begins(self, packet: memoryview) -> bool:
        """Take the next packet; whether a picture begins in it, rather than the second field of one."""


def reader_of(pictures: Pictures, extradata: bytes) -> Reader:
    """A reader for a stream whose head says `pictures`; raises `Refused` (DAMAGED) where `extradata` is broken."""
    if pictures.codec == "h264":
        return H264Reader(head_of("h264", extradata))
    if pictures.codec == "hevc":
        return HevcReader(head_of("hevc", extradata))
    return Mpeg2Reader() if pictures.codec in ("mpeg2video", "mpeg1video") else PlainReader()


class PlainReader:
    """For codecs that are encoded anew whatever their packets hold."""

    has_user_data = False
    has_parameter_changes = False

    def begins(self, packet: memoryview) -> bool:
        """Each packet is a picture."""
        return True


def _units(packet: memoryview, size: int, kept: int) -> Iterator[tuple[int, memoryview]]:
    """The first byte of each unit of a packet, and the first `kept` bytes of it, without copying the rest."""
    return _counted(packet, size) if size else _marked(packet, kept)


def _counted(packet: memoryview, size: int) -> Iterator[tuple[int, memoryview]]:
    position, end = 0, len(packet)
    for _ in range(_MOST_UNITS):
        begin = position + size
        if begin >= end:
            return
        position = begin + int.from_bytes(packet[position:begin], "big")
        if position > begin:
            yield packet[begin], packet[begin:position]


def _marked(packet: memoryview, kept: int) -> Iterator[tuple[int, memoryview]]:
    data = bytes(packet[:kept])
    begin = data.find(START)
    for _ in range(_MOST_UNITS):
        if begin < 0 or begin + 3 >= len(data):
            return
        end = data.find(START, begin + 3)
        yield data[begin + 3], memoryview(data)[begin + 3 : end if end >= 0 else len(data)]
        begin = end


class H264Reader:
    """Watches SPS and SEI, and pairs fields that come in packets of their own (7.4.1.2.4)."""

    def __init__(self, head: Head) -> None:
        self.has_user_data = any(_is_h264_user_data(unit) for unit in head.units)
        self.has_parameter_changes = False
        self._size = head.framing.size
        self._seen: set[bytes] = set()
        self._sps: h264.Sps | None = None
        self._open: tuple[str, int] | None = None  # a field whose other one has not come: which, and its frame_num
        for unit in head.units:
            if unit[0] & 31 == h264.SPS:
                self._take_sequence(unit)

    def begins(self, packet: memoryview) -> bool:
        """Only streams that may have fields are looked at beyond the first slice."""
        begun = is_simple = self._sps is None or self._sps.is_frames_only
        for first, unit in _units(packet, self._size, _BEGINNING if is_simple else len(packet)):
            kind = first & 31
            if not h264.SLICE <= kind <= h264.IDR_SLICE:
                self._take_other(kind, unit)
            elif self._sps is None or self._sps.is_frames_only:
                return True
            else:
                begun |= self._is_new(kind, bytes(unit[:_SLICE_HEAD]), self._sps)
        return begun

    def _take_other(self, kind: int, unit: memoryview) -> None:
        if kind == h264.SPS:
            self._take_sequence(bytes(unit))
        elif kind == h264.SEI:
            self.has_user_data = self.has_user_data or sei.has_user_data(bytes(unit), 1)

    def _take_sequence(self, unit: bytes) -> None:
        if unit in self._seen:
            return
        if len(self._seen) < _MOST_UNITS:
            self._seen.add(unit)
        try:
            sps = h264.sequence(unit)
        except Refused:
            return  # decoders pass over it as well, and it is seen there whether they miss it
        if self._sps is not None and _is_other(self._sps, sps):
            self.has_parameter_changes = True
        self._sps = sps

    def _is_new(self, kind: int, unit: bytes, sps: h264.Sps) -> bool:
        """Whether a slice begins a picture: it is the first of a frame, or of a field that completes no other."""
        if kind not in (h264.SLICE, h264.IDR_SLICE, h264.PARTITION_A):
            return False
        try:
            slice_ = h264.slice_head(unit, sps)
        except Refused:
            return False
        if slice_.first_macroblock:
            return False
        pending, self._open = self._open, None
        if not slice_.field:
            return True
        if pending is not None and pending[0] != slice_.field and pending[1] == slice_.frame_number:
            return False
        self._open = slice_.field, slice_.frame_number
        return True


def _is_h264_user_data(unit: bytes) -> bool:
    return unit[0] & 31 == h264.SEI and sei.has_user_data(unit, 1)


def _is_other(one: h264.Sps, two: h264.Sps) -> bool:
    """Whether a decoder has to begin anew, or the pictures change their shape."""
    return (one.profile, one.chroma, one.bits, one.columns, one.rows, one.is_frames_only, one.vui.sample_aspect) != (
        two.profile, two.chroma, two.bits, two.columns, two.rows, two.is_frames_only, two.vui.sample_aspect
    )  # fmt: skip


class HevcReader:
    """Watches SPS and SEI; each packet is a picture."""

    def __init__(self, head: Head) -> None:
        self.has_user_data = False
        self.has_parameter_changes = False
        self._size = head.framing.size
        self._seen: set[bytes] = set()
        self._shape: tuple[object, ...] | None = None
        for unit in head.units:
            self._take(unit[0] >> 1 & 63, unit)

    def begins(self, packet: memoryview) -> bool:
        """SEI may follow the slices too."""
        for first, unit in _units(packet, self._size, len(packet)):
            kind = first >> 1 & 63
            if kind > hevc.LAST_SLICE:
                self._take(kind, bytes(unit))
        return True

    def _take(self, kind: int, unit: bytes) -> None:
        if kind in (hevc.PREFIX_SEI, hevc.SUFFIX_SEI):
            self.has_user_data = self.has_user_data or sei.has_user_data(unit, 2)
        elif kind == hevc.SPS and hevc.is_of_base_layer(unit) and unit not in self._seen:
            if len(self._seen) < _MOST_UNITS:
                self._seen.add(unit)
            self._take_sequence(unit)

    def _take_sequence(self, unit: bytes) -> None:
        try:
            sps = hevc.sequence(unit)
        except Refused:
            return  # as with H.264
        shape = sps.profile, sps.chroma, sps.bits, sps.columns, sps.rows, sps.vui.sample_aspect
        self.has_parameter_changes |= self._shape is not None and self._shape != shape
        self._shape = shape


class Mpeg2Reader:
    """Watches sequence headers and user data, and pairs fields that come in packets of their own (6.2.3.1)."""

    def __init__(self) -> None:
        self.has_user_data = False
        self.has_parameter_changes = False
        self._shape: tuple[object, ...] | None = None
        self._is_open = False  # a field whose other one has not come

    def begins(self, packet: memoryview) -> bool:
        """Of a packet that isn't one picture's beginning nothing is known but that it is there."""
        data = bytes(packet[:_BEGINNING])
        self.has_user_data = self.has_user_data or mpeg2.has_user_data(data)
        self._take_sequence(data)
        picture = mpeg2.picture(data)
        # FFmpeg's parser puts both fields into one packet; containers that keep packets may have one in each.
        if picture is None or not picture.is_field or mpeg2.has_two_pictures(bytes(packet)):
            self._is_open = False
            return True
        self._is_open = not self._is_open
        return self._is_open

    def _take_sequence(self, data: bytes) -> None:
        try:
            sequence = mpeg2.sequence(data)
        except Refused:
            return  # as with H.264
        if sequence is not None:
            shape = sequence.profile, sequence.chroma, sequence.columns, sequence.rows, sequence.sample_aspect
            self.has_parameter_changes |= self._shape is not None and self._shape != shape
            self._shape = shape
