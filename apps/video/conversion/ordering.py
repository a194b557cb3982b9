"""In which order pictures are shown whose container tells only the order of decoding: raw streams, and AVI.

H.264's slices tell it by their picture order count (ITU-T H.264, 8.2.1.1), for little more than reading the packets.
Where that is not to be had, decoding tells it.
"""

from array import array
from collections.abc import Sequence
from pathlib import Path

from av import Packet
from av.video.stream import VideoStream

from apps.video.errors import Refused
from apps.video.streams import h264
from apps.video.streams.bits import Bits, damaged_head
from apps.video.streams.facts import Probe
from apps.video.streams.opening import opened
from apps.video.streams.units import Head, head_of, plain

_SLICES = (h264.SLICE, h264.PARTITION_A, h264.IDR_SLICE)
_BEGINNING = 64  # bytes that hold the beginning of a slice's header
_EPOCH = 1 << 40  # more than any count of pictures between two IDR pictures


def order(source: Path, probe: Probe) -> Sequence[int]:
    """For each packet of pictures as it comes a number that rises with the order of showing."""
    if probe.pictures.codec == "h264":
        try:
            return _counted(source, probe)
        except Refused:
            return _decoded(source, probe)
    return _decoded(source, probe)


def _counted(source: Path, probe: Probe) -> Sequence[int]:
    """By picture order counts; raises `Refused` where one can't be read."""
    numbers = array("q")
    with opened(source) as container:
        stream = _video(container.streams[probe.stream])
        counter = Counter(head_of("h264", stream.codec_context.extradata or b""))
        for packet in container.demux(stream):
            if packet.size:
                numbers.append(counter.count(bytes(packet)))
    return numbers


def _decoded(source: Path, probe: Probe) -> Sequence[int]:
    """By a decoder, which gives pictures in the order of showing; those it doesn't give stay after the one before."""
    places: dict[int, int] = {}
    count = 0
    with opened(source) as container:
        stream = _video(container.streams[probe.stream])
        stream.thread_type = "AUTO"
        for packet in container.demux(stream):
            if packet.size:
                packet.pts = packet.dts = count
                count += 1
            for frame in stream.decode(_empty(packet)):
                if frame.pts is not None:
                    places[frame.pts] = len(places)
    last, numbers = 0, array("q")
    for number in range(count):
        last = places.get(number, last)
        numbers.append(last)
    return numbers


def _empty(packet: Packet) -> Packet | None:
    """None, which makes a decoder give what it holds, in place of an empty packet."""
    return packet if packet.size else None


def _video(stream: object) -> VideoStream:
    assert isinstance(stream, VideoStream)
    return stream


class Counter:
    """Picture order counts of an H.264 stream, over its IDR pictures too."""

    def __init__(self, head: Head) -> None:
        self._framing = head.framing
        self._sps: h264.Sps | None = None
        self._epoch = self._number = 0
        self._before = (0, 0)  # the high and the low part of the count of the last reference picture
        for unit in head.units:
            self._take(unit)

    def count(self, packet: bytes) -> int:
        """The place of the next packet's picture; raises `Refused` where it has none that can be read."""
        self._number += 1
        for unit in self._framing.units(packet):
            if unit[0] & 31 in _SLICES:
                return self._placed(unit)
            self._take(unit)
        return self._epoch + self._before[0] + self._before[1]

    def _take(self, unit: bytes) -> None:
        if unit[0] & 31 == h264.SPS:
            self._sps = h264.sequence(unit)

    def _placed(self, unit: bytes) -> int:
        sps = self._sps
        if sps is None:
            raise damaged_head()
        if not sps.order_bits:
            return self._number  # type 2: shown as they are decoded; type 1, which nothing writes, is not looked at
        low = _low(unit, sps)
        if unit[0] & 31 == h264.IDR_SLICE:
            self._epoch += _EPOCH
            self._before = (0, 0)
        high = self._high(low, 1 << sps.order_bits)
        if unit[0] & 0x60:  # nal_ref_idc
            self._before = (high, low)
        return self._epoch + high + low

    def _high(self, low: int, most: int) -> int:
        """PicOrderCntMsb (8-3)."""
        high, before = self._before
        if low < before and before - low >= most // 2:
            return high + most
        if low > before and low - before > most // 2:
            return high - most
        return high


def _low(unit: bytes, sps: h264.Sps) -> int:
    """pic_order_cnt_lsb of a slice (7.3.3)."""
    bits = Bits(plain(unit[:_BEGINNING])[1:])
    for _ in range(3):
        bits.golomb()
    bits.skip(2 if sps.has_colour_planes else 0)
    bits.skip(sps.frame_number_bits)
    if not sps.is_frames_only and bits.flag():
        bits.skip(1)
    if unit[0] & 31 == h264.IDR_SLICE:
        bits.golomb()
    return bits.unsigned(sps.order_bits)
