"""What a video file seems to be before all of it is read: its container, its pictures, its sounds."""

from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.streams import boxes, opening, scrambling
from apps.video.streams.facts import EditList, Probe, Sound, Wrapping
from apps.video.streams.heads import pictures_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

_FIRST_PACKETS = 12  # of pictures, in which a stream's head is looked for
_MOST_PACKETS = 2000  # of anything, until those are found
_MOST_BYTES = 32 << 20
_MOST_NAMES = 64
_MICROSECONDS = 1_000_000
_TELLING = frozenset({"h264", "hevc"})  # codecs whose heads tell all that is asked of them
# What containers say without telling of anybody.
_NEUTRAL = frozenset(
    {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "language",
        "duration",
        "vendor_id",
        "bps",
        "variant_bitrate",
        "number_of_frames",
        "number_of_bytes",
    }
)
_NEUTRAL_VALUES = ("Lavf", "Lavc", "VideoHandler", "SoundHandler", "[0][0][0][0]", "FFMP")


def probe(file: Path) -> Probe:
    """Look at a file's head; raises `Refused` for what holds no video that can be converted.

    Codes: EMPTY, NOT_A_VIDEO, NO_PICTURES, ENCRYPTED, and DAMAGED where no picture's head can be read.
    """
    if opening.is_mp4(file):
        with opening.glanced(file) as container:
            if _is_enough(container) and not (found := _probed(file, container)).pictures.is_interlaced:
                return found
    with opening.opened(file) as container:
        return _probed(file, container)


def _is_enough(container: "InputContainer") -> bool:
    """Whether an MP4's tables tell all: where nothing but the pictures' own head is left to be read."""
    codecs = {stream.codec_context and _codec_of(stream) for stream in container.streams.video}
    return bool(codecs) and codecs <= _TELLING and len(container.streams) == len(container.streams.video)


def _probed(file: Path, container: "InputContainer") -> Probe:
    import av

    name = opening.name_of(container)
    movie = boxes.movie(file) if name == "mp4" else boxes.Movie()
    if movie.is_encrypted or (name == "mpegts" and scrambling.is_scrambled(file)):
        raise Refused(Code.ENCRYPTED, say("The video is encrypted: ask for a copy that isn't."))
    stream = _video_of(container)
    sounds = tuple(_sound(track) for track in container.streams.audio if track.codec_context)
    wrapping = _wrapping(container, name, movie, stream, file.stat().st_size)
    try:
        pictures = pictures_of(_codec_of(stream), stream.codec_context, _first_packets(container, stream))
    except av.FFmpegError as error:
        raise _unreadable() from error
    sound_stream = next((track.index for track in container.streams.audio if track.codec_context), None)
    return Probe(wrapping, pictures, stream.index, sounds, sound_stream)


def _unreadable() -> Refused:
    return Refused(Code.DAMAGED, say("The video breaks off before its first picture."))


def _video_of(container: "InputContainer") -> "VideoStream":
    """The stream of moving pictures: the first that is no cover picture, and that can be decoded."""
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        raise Refused(Code.NO_PICTURES, say("The file holds no moving pictures."))
    for stream in streams:
        if stream.codec_context is not None:
            return stream
    raise Refused(Code.UNSUPPORTED, say("Nothing here can decode the video's pictures."))


def _is_cover(stream: "VideoStream") -> bool:
    from av.stream import Disposition

    return bool(
        stream.disposition & (Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails)
    )


def _codec_of(stream: "VideoStream") -> str:
    return stream.codec_context.codec.canonical_name


def _first_packets(container: "InputContainer", stream: "VideoStream") -> list[bytes]:
    """The first packets of pictures, in which a head may be."""
    found: list[bytes] = []
    size = 0
    for packet in islice(container.demux(), _MOST_PACKETS):
        size += packet.size
        if packet.stream_index == stream.index and packet.size:
            found.append(bytes(packet))
        if len(found) >= _FIRST_PACKETS or size > _MOST_BYTES:
            break
    if not found:
        raise _unreadable()
    return found


def _sound(stream: "AudioStream") -> Sound:
    context = stream.codec_context
    return Sound(
        codec=context.codec.canonical_name,
        rate=context.sample_rate or 0,
        channels=context.layout.nb_channels,
        bit_rate=context.bit_rate or None,
        profile=context.profile or "",
    )


def _wrapping(container: "InputContainer", name: str, movie: boxes.Movie, stream: "VideoStream", size: int) -> Wrapping:
    track = _track(movie, stream)
    rotation, is_mirrored = track.rotation, track.is_mirrored
    has_sound = any(sound.codec_context for sound in container.streams.audio)
    return Wrapping(
        format=name,
        size=size,
        duration=duration(container, stream),
        is_head_first=movie.is_head_first,
        is_fragmented=movie.is_fragmented,
        edit_list=_edit_list(track, stream),
        rotation=rotation,
        is_mirrored=is_mirrored,
        other_streams=len(container.streams) - 1 - has_sound,
        metadata=tuple(sorted(movie.names | _names(container))[:_MOST_NAMES]),
        brand=movie.brand,
    )


def _track(movie: boxes.Movie, stream: "VideoStream") -> boxes.Track:
    """The boxes' track of a stream: in the same place, or else the first one of pictures."""
    tracks = movie.tracks
    if stream.index < len(tracks) and tracks[stream.index].handler == "vide":
        return tracks[stream.index]
    return next((track for track in tracks if track.handler == "vide"), boxes.Track())


def duration(container: "InputContainer", stream: "VideoStream") -> Fraction | None:
    """Seconds, as the container claims for the pictures, or for all of it."""
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    return Fraction(container.duration, _MICROSECONDS) if container.duration else None


def _edit_list(track: boxes.Track, stream: "VideoStream") -> EditList:
    """What an edit list hides: FFmpeg marks samples that are only decoded, and leaves out those before a key picture.

    The usual one only takes back the delay of reordered pictures: it hides none. One that shows nothing for a while
    before the first picture counts as if it hid some.
    """
    if not track.edits:
        return EditList.NONE
    entries = stream.index_entries
    hidden = [index for index, entry in enumerate(entries) if entry.is_discard]
    shown = sum(1 for _, time in track.edits if time >= 0)
    if not hidden and shown <= 1:
        is_whole = len(entries) >= track.samples and shown == len(track.edits)
        return EditList.NONE if is_whole else EditList.AT_KEYFRAME
    # Such as are hidden at the very end can be left out: nothing that is shown needs them.
    is_tail = hidden == list(range(len(entries) - len(hidden), len(entries)))
    return EditList.AT_KEYFRAME if is_tail and shown <= 1 else EditList.MID_GROUP


def _names(container: "InputContainer") -> set[str]:
    """The names of what the container and its streams tell besides, chapters and programs too; never the values."""
    told = [container.metadata, *(stream.metadata for stream in container.streams)]
    names = {name.lower() for entries in told for name, value in entries.items() if not _is_neutral(name, value)}
    return names | ({"chapters"} if container.chapters() else set())


def _is_neutral(name: str, value: str) -> bool:
    return name.lower() in _NEUTRAL or name.startswith("_STATISTICS") or not value or value.startswith(_NEUTRAL_VALUES)
