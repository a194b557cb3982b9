"""How like its source a transcoded stream is, measured while it is made.

Of x264 every picture's error comes with its packet (its reconstruction is what a decoder shows). Besides, in windows
spread over the film, the packets are decoded again and compared with what went into the encoder, picture by picture,
by FFmpeg's `psnr` and `ssim`: this is independent of what the encoder says, and the measure for those that say nothing.
"""

import struct
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import inf, log10
from typing import Final

import av
from av import Packet, VideoFrame
from av.filter import Graph
from av.packet import PacketSideData
from av.video.codeccontext import VideoCodecContext

from apps.saying import say
from apps.video.conversion.outcome import Quality
from apps.video.conversion.policy import Policy
from apps.video.errors import Code, Refused

WINDOWS: Final = 5
_MOST: Final = 100.0  # decibels: what is told of identical pictures
_PEAK: Final = 255 * 255


class TooCoarse(Exception):
    """The stream is less like its source than the policy demands."""

    def __init__(self, quality: Quality) -> None:
        super().__init__(f"{quality.mean_psnr:.1f} dB, {quality.min_psnr:.1f} dB, {quality.ssim:.3f}")
        self.quality = quality


def refused(quality: Quality, policy: Policy) -> Refused:
    """The refusal for a stream that even the finest attempt didn't make good enough."""
    return Refused(
        Code.QUALITY,
        say(
            "The pictures can't be coded well enough: mean PSNR {mean} dB (at least {least_mean}), "
            "worst {worst} dB (at least {least}), SSIM {ssim} (at least {least_ssim}).",
            mean=f"{quality.mean_psnr:.1f}",
            least_mean=f"{policy.min_mean_psnr:g}",
            worst=f"{quality.min_psnr:.1f}",
            least=f"{policy.min_psnr:g}",
            ssim=f"{quality.ssim:.3f}",
            least_ssim=f"{policy.min_ssim:g}",
        ),
    )


def require(quality: Quality, policy: Policy) -> None:
    """Pass the policy's gates, or raise `TooCoarse`."""
    found = quality.mean_psnr, quality.min_psnr, quality.ssim
    least = policy.min_mean_psnr, policy.min_psnr, policy.min_ssim
    if any(value < bound for value, bound in zip(found, least, strict=True)):
        raise TooCoarse(quality)


def windows(pictures: int, rate: Fraction) -> tuple[range, ...]:
    """The numbers of the pictures that are compared: five windows of a second, spread evenly; all of a short film."""
    length = max(1, round(rate))
    if pictures <= WINDOWS * length:
        return (range(max(pictures, 1)),)
    step = Fraction(pictures - length, WINDOWS - 1)
    return tuple(range(int(index * step), int(index * step) + length) for index in range(WINDOWS))


class Meter:
    """Is shown every picture before and every packet after the encoder, in the order of encoding."""

    def __init__(self, expected: int, rate: Fraction, size: tuple[int, int]) -> None:
        self._windows = windows(expected, rate)
        self._pixels = size[0] * size[1] * 3 // 2
        self._told: list[float] = []
        self._open: list[Comparison] = []
        self._compared: list[tuple[float, float]] = []

    def begins(self, number: int) -> bool:
        """Whether a window begins with this picture: it has to be a key picture."""
        return any(window.start == number for window in self._windows)

    def picture(self, number: int, picture: VideoFrame) -> None:
        """A picture is about to be encoded, with `number` for its time."""
        self._open.extend(Comparison(window) for window in self._windows if window.start == number)
        for comparison in self._open:
            comparison.expect(number, picture)

    def packet(self, packet: Packet, context: VideoCodecContext) -> None:
        """A packet came out of the encoder, its times still in pictures."""
        if packet.has_sidedata("quality_stats"):
            self._told.extend(_told(PacketSideData.from_packet(packet, "quality_stats"), self._pixels))
        for comparison in self._open:
            comparison.packet(packet, context)
        self._close(lambda comparison: comparison.is_complete)

    def finish(self) -> Quality:
        """What was found over all."""
        for comparison in self._open:
            comparison.finish()
        self._close(lambda _: True)
        compared = self._compared or [(0.0, 0.0)]
        psnr = [value for value, _ in compared]
        all_psnr = self._told or psnr
        return Quality(
            mean_psnr=sum(all_psnr) / len(all_psnr),
            min_psnr=min(*all_psnr, *psnr),
            ssim=sum(ssim for _, ssim in compared) / len(compared),
            frames_compared=len(self._compared),
        )

    def _close(self, is_over: Callable[["Comparison"], bool]) -> None:
        self._compared.extend(likeness for each in self._open if is_over(each) for likeness in each.found)
        self._open = [each for each in self._open if not is_over(each)]


def _told(stats: PacketSideData, samples: int) -> Iterable[float]:
    """The PSNR of a picture, over its three planes, by AV_PKT_DATA_QUALITY_STATS: nothing where none is told."""
    data = bytes(stats)
    count = data[5] if len(data) > 5 else 0
    if count == 3 and len(data) >= 32:
        yield _decibels(sum(struct.unpack_from("<3q", data, 8)) / samples)


def _decibels(mean_square_error: float) -> float:
    return min(_MOST, 10 * log10(_PEAK / mean_square_error)) if mean_square_error > 0 else _MOST


class Comparison:
    """One window: what went in waits for what is decoded."""

    def __init__(self, window: range) -> None:
        self._window = window
        self._waiting: dict[int, VideoFrame] = {}
        self.found: list[tuple[float, float]] = []  # PSNR in decibels, and SSIM, of each picture
        self._decoder: VideoCodecContext | None = None
        self._likeness: _Likeness | None = None

    @property
    def is_complete(self) -> bool:
        return len(self.found) == len(self._window)

    def expect(self, number: int, picture: VideoFrame) -> None:
        if number in self._window:
            self._waiting[number] = picture

    def packet(self, packet: Packet, context: VideoCodecContext) -> None:
        if self._decoder is None and packet.pts == self._window.start:
            self._decoder = _decoder(context)
        if self._decoder:
            # Its own copy: the muxer is going to change the packet's times.
            self._compare(self._decoder.decode(replaced(packet, bytes(packet))))

    def finish(self) -> None:
        """The encoder has ended: what went in and does not come out is as unlike as can be."""
        if self._decoder:
            self._compare(self._decoder.decode(None))
        self.found.extend((0.0, 0.0) for _ in self._waiting)
        self._waiting.clear()

    def _compare(self, pictures: Iterable[VideoFrame]) -> None:
        for picture in pictures:
            original = self._waiting.pop(picture.pts, None) if picture.pts is not None else None
            if original is not None:
                self._likeness = self._likeness or _Likeness(original)
                self.found.append(self._likeness.of(original, picture))


def _decoder(context: VideoCodecContext) -> VideoCodecContext:
    decoder = av.CodecContext.create(context.codec.canonical_name, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = context.extradata
    decoder.thread_count = 1
    return decoder


def replaced(packet: Packet, data: bytes) -> Packet:
    """A packet of other bytes, with the times and the stream of the one given."""
    copy: Packet = Packet(data)
    copy.pts, copy.dts, copy.duration, copy.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    copy.is_keyframe, copy.stream = packet.is_keyframe, packet.stream
    return copy


class _Likeness:
    """`psnr` and `ssim` over two pictures of one size and format."""

    def __init__(self, picture: VideoFrame) -> None:
        self._graph = Graph()
        self._number = 0
        source = (
            f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/25"
            f":colorspace={picture.colorspace}:range={picture.color_range}"
        )
        self._inputs = [self._graph.add("buffer", source) for _ in range(2)]
        metrics = [self._graph.add(name) for name in ("psnr", "ssim")]
        self._outputs = [self._graph.add("buffersink") for _ in metrics]
        for place, source_node in enumerate(self._inputs):
            split = self._graph.add("split")
            source_node.link_to(split)
            for output, metric in enumerate(metrics):
                split.link_to(metric, output, place)
        for metric, sink in zip(metrics, self._outputs, strict=True):
            metric.link_to(sink)
        self._graph.configure(auto_buffer=False)

    def of(self, original: VideoFrame, picture: VideoFrame) -> tuple[float, float]:
        for node, shown in zip(self._inputs, (original, picture), strict=True):
            shown.pts, shown.time_base = self._number, Fraction(1, 25)
            node.push(shown)
        self._number += 1
        psnr, ssim = (sink.pull().metadata for sink in self._outputs)
        value = float(psnr["lavfi.psnr.psnr_avg"])
        return (_MOST if value == inf else min(value, _MOST)), float(ssim["lavfi.ssim.All"])
