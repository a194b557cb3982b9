"""Reading every packet of a film's pictures, without decoding one: how many there are, when each is shown, how large.

Nothing of the packets is kept but numbers: a few bytes for each picture, whatever the size of the file.
"""

from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.streams import ends, opening
from apps.video.streams.facts import Probe, Scan, Timing
from apps.video.streams.lasting import LastGroup
from apps.video.streams.levels import Load, needed_level
from apps.video.streams.reading import Reader, reader_of
from apps.video.streams.telling import Tell, quiet
from apps.video.streams.timing import Clock, timing

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.video.stream import VideoStream

STAGE = "scan"
_TELL_EVERY = 128  # packets
# Containers that tell only the order of pictures; what FFmpeg makes of it as times of showing is garbage.
_ONLY_ORDERED = frozenset({"avi"})
# Streams without a container: FFmpeg invents their times.
BARE = frozenset({"h264", "hevc", "mpegvideo", "m4v", "vc1", "mjpeg", "obu", "vvc"})
# Those whose end may be missing without anything telling it but its pictures.
_WITHOUT_CLAIMS = BARE | {"mpegts", "mpeg"}
_CLOSEST_KEYS = Fraction(1, 4)  # seconds: of streams all of whose pictures are key pictures only some are told
_MISSING_SHARE, _MISSING_SECONDS = Fraction(1, 10), 1  # of the claimed duration, from which on a film is short
_RIFF_SLACK = 1024  # bytes by which writers of AVI err


class Tally:
    """What is counted while packets are read."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.packets = self.corrupt = self.hidden = 0
        self.shown, self.decoded = array("q"), array("q")  # times of pictures that aren't hidden
        self.all_shown = array("q")  # of every packet
        self.sizes, self.keys = array("L"), array("L")  # bytes of each picture; numbers of key pictures
        self.is_timed = self.is_ordered = True

    def take(self, packet: "Packet") -> None:
        """Count a packet of the pictures."""
        self.packets += 1
        self.corrupt += packet.is_corrupt
        self._take_time(packet)
        # Fields' packets may differ from what the head says; a stream whose first packet is a second field counts it.
        if self.reader.begins(memoryview(packet)) or not self.sizes:
            self._take_picture(packet)
        else:
            self.sizes[-1] += packet.size

    def _take_time(self, packet: "Packet") -> None:
        if packet.pts is None:
            self.is_timed = False
        else:
            self.all_shown.append(packet.pts)
        self.is_ordered &= packet.dts is not None

    def _take_picture(self, packet: "Packet") -> None:
        if packet.is_keyframe:
            self.keys.append(len(self.sizes))
        self.sizes.append(packet.size)
        if packet.is_discard:
            self.hidden += 1
            return
        if packet.pts is not None:
            self.shown.append(packet.pts)
        if packet.dts is not None:
            self.decoded.append(packet.dts)


def scan(file: Path, probe: Probe, *, tell: Tell = quiet) -> Scan:
    """Read all packets of a probed file's pictures; raises `Refused` (DAMAGED) where there are none.

    The rate of a stream that says nothing of it (bare H.264 and HEVC) is `timing.ASSUMED_RATE`.
    """
    with opening.glanced(file) as container:
        stream = chosen(container, probe)
        tally = Tally(reader_of(probe.pictures, stream.codec_context.extradata or b""))
        last = LastGroup() if probe.wrapping.format in _WITHOUT_CLAIMS else None
        for number, packet in enumerate(_packets(container, stream, tally)):
            tally.take(packet)
            if last is not None:
                last.take(packet)
            if number % _TELL_EVERY == 0:
                tell(STAGE, max(packet.pos or 0, 0), probe.wrapping.size)
        if not tally.packets:
            raise Refused(Code.DAMAGED, say("The video breaks off before its first picture."))
        tally.corrupt += last is not None and last.is_damaged(stream)
        return _summed(file, probe, tally, stream)


def chosen(container: "InputContainer", probe: Probe) -> "VideoStream":
    """The probed stream of pictures; nothing is read of the others."""
    from av.stream import Discard

    if probe.stream >= len(container.streams):
        raise Refused(Code.DAMAGED, say("The file changed while it was read."))
    for stream in container.streams:
        if stream.index != probe.stream:
            stream.discard = Discard.all
    return cast("VideoStream", container.streams[probe.stream])


def _packets(container: "InputContainer", stream: "VideoStream", tally: Tally) -> Iterator["Packet"]:
    """The packets that hold anything, until the end, or until nothing more can be read."""
    import av

    try:
        yield from (packet for packet in container.demux(stream) if packet.size)
    except av.FFmpegError:
        tally.corrupt += 1  # what follows can't be read


def _summed(file: Path, probe: Probe, tally: Tally, stream: "VideoStream") -> Scan:
    times = timing(_clock(probe, tally, stream))
    return Scan(
        packets=tally.packets,
        frames=len(tally.sizes),
        timing=times,
        key_times=tuple(_key_times(tally, times, stream.time_base or Fraction(1), probe)),
        bytes=sum(tally.sizes),
        peak_bits=_peak_bits(tally.sizes, times.rate),
        longest_group=_longest_group(tally),
        corrupt_packets=tally.corrupt,
        is_short=_is_short(file, probe, times, stream),
        has_user_data=tally.reader.has_user_data,
        has_parameter_changes=tally.reader.has_parameter_changes,
        needed_level=_needed_level(probe, tally, times),
        shown=tally.all_shown if tally.is_timed else (),
    )


def _clock(probe: Probe, tally: Tally, stream: "VideoStream") -> Clock:
    is_bare = probe.wrapping.format in BARE
    claims = [probe.pictures.rate, None if is_bare else stream.average_rate]
    return Clock(
        shown=tally.shown if tally.is_timed and not is_bare else (),
        decoded=tally.decoded if tally.is_ordered and not is_bare else (),
        base=stream.time_base or Fraction(1),
        count=len(tally.sizes) - tally.hidden,
        rates=tuple(claim for claim in claims if claim),
        is_only_ordered=probe.wrapping.format in _ONLY_ORDERED,
    )


def _key_times(tally: Tally, times: Timing, base: Fraction, probe: Probe) -> Iterator[Fraction]:
    """Seconds from the first picture to those at which decoding can begin, some apart."""
    has_times = len(tally.shown) == len(tally.sizes) and probe.wrapping.format not in _ONLY_ORDERED | BARE
    first, last = min(tally.shown, default=0), None
    for number in tally.keys:
        time = (tally.shown[number] - first) * base if has_times else number / times.rate
        if last is None or time - last >= _CLOSEST_KEYS:
            yield time
            last = time


def _peak_bits(sizes: Sequence[int], rate: Fraction) -> int:
    """Most bits in any one second, in the order of decoding."""
    width = max(round(rate), 1)
    most = current = 0
    for number, size in enumerate(sizes):
        current += size - (sizes[number - width] if number >= width else 0)
        most = max(most, current)
    return most * 8


def _longest_group(tally: Tally) -> int:
    borders = [0, *tally.keys, len(tally.sizes)]
    return max(later - earlier for earlier, later in pairwise(borders))


def _is_short(file: Path, probe: Probe, times: Timing, stream: "VideoStream") -> bool:
    """Whether the file ends before its container says so, or far fewer pictures are there than it claims."""
    slack = _RIFF_SLACK if probe.wrapping.format == "avi" else 0
    if ends.missing(file, probe.wrapping.format) > slack:
        return True
    claimed = (stream.duration or 0) * (stream.time_base or Fraction(1))
    missing = claimed - times.span
    return missing > _MISSING_SECONDS and missing > _MISSING_SHARE * claimed


def _needed_level(probe: Probe, tally: Tally, times: Timing) -> int:
    """level_idc that an H.264 stream needs; 0 of other codecs."""
    if probe.pictures.codec != "h264":
        return 0
    pictures = probe.pictures
    across, down = -(-pictures.columns // 16), -(-pictures.rows // 16)
    return needed_level(Load(across, down, pictures.references, times.rate, tally.sizes))
