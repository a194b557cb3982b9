"""Video files for the tests, made in code by FFmpeg's libraries: small, quick, each made once in a process.

Every picture tells its number: a strip along its top holds it in black and white blocks (`number_of`). Below the strip
a pattern moves, so that no two pictures are alike.
"""

import atexit
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from numpy.typing import NDArray

_BITS = 12  # of a picture's number
_SOUND_RATE = 48000
_MPEG = {".mpg": "mpeg", ".ts": "mpegts", ".m2v": "mpeg2video", ".mkv": "matroska"}
# What each encoder is told unless the test says otherwise: quick, High where there is such a profile, B-frames.
_OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "superfast", "crf": "20", "g": "15", "threads": "1"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:info=0:keyint=15:pools=1:frame-threads=1"},
    "mpeg2video": {"b": "6000000", "g": "12", "bf": "2"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
    "mjpeg": {"q": "4", "qmin": "4", "qmax": "4"},
}


@dataclass(frozen=True, slots=True)
class Sounding:
    """A sound for a clip: noise in bursts, which begins `late` seconds later than the pictures would have it."""

    codec: str = "aac"
    rate: int = _SOUND_RATE
    layout: str = "stereo"
    late: float = 0.0


@cache
def folder() -> Path:
    """Where this process keeps its clips; gone when it ends."""
    made = Path(mkdtemp(prefix="fovea-clips-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def clip(name: str, **asked: Any) -> Path:
    """A video file called `name`, whose suffix says the container; for what may be asked see `Clip`.

    It is made once for the same name and wishes: nobody may change it (`copied` gives a file of one's own).
    """
    return _made(Clip(name, **{key: _hashable(value) for key, value in asked.items()}))


def copied(source: Path, target: Path, *, share: float = 1.0) -> Path:
    """The first `share` (0 to 1) of a file's bytes, as the file `target`."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def _hashable(value: Any) -> Any:
    return tuple(sorted(value.items())) if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Clip:
    """What a clip is to be: `seconds` at `rate`, or `frames` if that is not 0.

    `cut` hides the first pictures by an edit list (MP4); `varying` makes the intervals between pictures vary as a
    phone's do; `user_data` keeps what x264 writes of itself into the stream; `container` is FFmpeg's name of one that
    the suffix doesn't tell.
    """

    name: str
    codec: str = "libx264"
    container: str | None = None
    size: tuple[int, int] = (320, 240)
    rate: int | Fraction = 30
    seconds: float = 2.0
    frames: int = 0
    options: tuple[tuple[str, str], ...] = ()
    sound: Sounding | None = None
    pixel_format: str = "yuv420p"
    rotation: int = 0  # degrees clockwise that show it upright
    mirrored: bool = False
    sample_aspect: Fraction | None = None
    interlaced: bool = False
    varying: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    head_first: bool = True
    fragmented: bool = False
    user_data: bool = False
    cut: int = 0
    noise: int = 0  # grey levels of noise, for files that are to be large
    seed: int = 0
    muxing: tuple[tuple[str, str], ...] = field(default=())

    @property
    def count(self) -> int:
        return self.frames or round(self.seconds * self.rate)


@cache
def _made(wanted: Clip) -> Path:
    path = Path(mkdtemp(dir=folder())) / wanted.name
    form = wanted.container or _MPEG.get(path.suffix)
    with av.open(str(path), "w", format=form, options=_muxing(wanted)) as file:
        file.metadata.update(dict(wanted.metadata))
        pictures = _picture_stream(file, wanted)
        sound = _sound_stream(file, wanted)
        file.start_encoding()
        packets = _in_time(_picture_packets(pictures, wanted), _sound_packets(sound, wanted))
        for packet in packets:
            file.mux(packet)
    return path


def _muxing(wanted: Clip) -> dict[str, str]:
    flags = "+faststart" if wanted.head_first else ""
    if wanted.fragmented:
        flags = "+frag_keyframe+empty_moov+default_base_moof"
    form = {"movflags": flags} if flags and Path(wanted.name).suffix in (".mp4", ".mov", ".m4v") else {}
    return form | dict(wanted.muxing)


def _picture_stream(file: Any, wanted: Clip) -> Any:
    options = _OPTIONS.get(wanted.codec, {}) | dict(wanted.options)
    if wanted.interlaced:
        options["flags"] = "+ildct+ilme"
    stream = file.add_stream(wanted.codec, rate=wanted.rate, options=options)
    stream.width, stream.height = wanted.size
    stream.pix_fmt = wanted.pixel_format
    stream.codec_context.time_base = Fraction(1, 600) if wanted.varying else 1 / Fraction(wanted.rate)
    if wanted.sample_aspect:
        stream.codec_context.sample_aspect_ratio = wanted.sample_aspect
    if wanted.rotation or wanted.mirrored:
        stream.set_display_rotation(-wanted.rotation, hflip=wanted.mirrored)
    return stream


def _sound_stream(file: Any, wanted: Clip) -> Any:
    if wanted.sound is None:
        return None
    return file.add_stream(wanted.sound.codec, rate=wanted.sound.rate, layout=wanted.sound.layout)


def _times(wanted: Clip) -> Iterable[int]:
    """When each picture is shown, in units of the encoder's time base."""
    if not wanted.varying:
        return range(wanted.count)
    steps = [20, 20, 25, 20, 40, 20, 20, 30]  # of 600ths of a second: 30, 24, 15 and 20 pictures a second
    return np.cumsum([0, *[steps[number % 8] for number in range(wanted.count - 1)]]).tolist()


def _picture_packets(stream: Any, wanted: Clip) -> Iterable[Any]:
    leave_out = wanted.codec == "libx264" and not wanted.user_data
    clean = BitStreamFilterContext("filter_units=remove_types=6", stream) if leave_out else None
    for packet in _encoded(stream, wanted):
        for kept in clean.filter(packet) if clean else [packet]:
            kept.stream = stream
            if wanted.cut and kept.pts is not None and kept.dts is not None:
                kept.pts, kept.dts = kept.pts - wanted.cut, kept.dts - wanted.cut
            yield kept


def _encoded(stream: Any, wanted: Clip) -> Iterable[Any]:
    for number, time in enumerate(_times(wanted)):
        frame = av.VideoFrame.from_ndarray(picture(number, wanted.size, wanted.noise, wanted.seed), format="gray")
        # By several threads, some sizes don't come out the same each time.
        frame = frame.reformat(format=wanted.pixel_format, threads=1)
        frame.pts, frame.time_base = time, stream.codec_context.time_base
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound_packets(stream: Any, wanted: Clip) -> Iterable[Any]:
    if stream is None or wanted.sound is None:
        return
    length = stream.codec_context.frame_size or 1024
    total = int(wanted.count / wanted.rate * wanted.sound.rate)
    samples = noise(total, wanted.sound.rate, wanted.sound.late)
    for start in range(0, total, length):
        frame = _sound_frame(stream, samples[start : start + length])
        frame.pts = start
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound_frame(stream: Any, samples: NDArray[np.int16]) -> Any:
    channels = stream.layout.nb_channels
    frame = av.AudioFrame.from_ndarray(np.repeat(samples, channels)[None, :], format="s16", layout=stream.layout.name)
    frame.sample_rate, frame.time_base = stream.rate, Fraction(1, stream.rate)
    resampler = av.AudioResampler(format=stream.format, layout=stream.layout, rate=stream.rate)
    return resampler.resample(frame)[0]


def noise(total: int, rate: int, late: float = 0.0) -> NDArray[np.int16]:
    """Bursts of noise, never two alike: samples that sound the same wherever they are taken up from."""
    number = np.arange(total) - round(late * rate)
    loud = np.random.default_rng(7).integers(0, 2, 4096)[(number // (rate // 10)) % 4096]
    heard = np.random.default_rng(8).integers(-12000, 12000, 1 << 20)[number % (1 << 20)]
    return (heard * np.where(number >= 0, loud, 0)).astype(np.int16)


def _in_time(*sources: Iterable[Any]) -> Iterable[Any]:
    """The packets of several streams, in the order of their times."""
    packets = [packet for source in sources for packet in source]
    return sorted(packets, key=lambda packet: (packet.dts if packet.dts is not None else packet.pts) * packet.time_base)


def picture(number: int, size: tuple[int, int], grain: int = 0, seed: int = 0) -> NDArray[np.uint8]:
    """The picture `number` (from 0), in greys: the strip that tells its number, and a pattern that moves."""
    columns, rows = size
    across = np.arange(columns, dtype=np.uint16)[None, :]
    down = np.arange(rows, dtype=np.uint16)[:, None]
    grey = (40 + ((across + 2 * number) // 4 + down // 4 + 31 * seed) % 160).astype(np.uint8)
    if grain:
        grey += np.random.default_rng(number + 7919 * seed).integers(0, grain, grey.shape, dtype=np.uint8)
    height, width = max(rows // 8, 1), columns // _BITS
    for bit in range(_BITS):
        grey[:height, bit * width : (bit + 1) * width] = 220 if number >> bit & 1 else 30
    return grey


def number_of(grey: NDArray[np.uint8]) -> int:
    """The number that a decoded picture tells (of its luma, upright, whole)."""
    rows, columns = grey.shape
    height, width = max(rows // 8, 1), columns // _BITS
    middle = range(width // 2, _BITS * width, width)
    return sum(int(grey[height // 2, column] > 125) << bit for bit, column in enumerate(middle))


def decoded(path: Path, **options: Any) -> int:
    """How many pictures the decoder gives for a file, forgiving damage."""
    with av.open(str(path), **options) as file:
        return sum(1 for _ in _tolerant(file))


def _tolerant(file: Any) -> Iterable[Any]:
    for packet in file.demux(file.streams.video[0]):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def written(name: str, data: bytes) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


@cache
def sound_only() -> Path:
    path = folder() / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as file:
        stream: Any = file.add_stream("aac", rate=_SOUND_RATE, layout="stereo")
        for start in range(0, _SOUND_RATE // 2, 1024):
            frame = _sound_frame(stream, noise(1024, _SOUND_RATE))
            frame.pts = start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


@cache
def photograph() -> Path:
    from PIL import Image

    path = folder() / "photograph.jpg"
    Image.fromarray(picture(1, (320, 240))).save(path)
    return path
