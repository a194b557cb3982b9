"""Opening a video file with FFmpeg's libraries, so that it reads that one file and nothing it names."""

from pathlib import Path
from typing import TYPE_CHECKING

from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.streams import boxes

if TYPE_CHECKING:
    from av.container import InputContainer

# Containers that hold pictures themselves: no playlists, image sequences, scripts or devices, which name other files.
FORMATS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "mpegtsraw", "mpeg", "mpegvideo", "avi",
    "asf", "flv", "h264", "hevc", "vvc", "m4v", "vc1", "obu", "ivf", "ogg", "mxf", "dv", "mjpeg", "gif", "rm", "wtv",
    "nut", "amv", "cavsvideo", "dirac", "h263", "h261", "yuv4mpegpipe",
)  # fmt: skip
# The names that `Wrapping.format` has, by the first of FFmpeg's.
_NAMES = {"mov": "mp4", "mpegtsraw": "mpegts"}
# FFmpeg decodes a number of pictures to guess what the tables of an MP4 say: without decoders it can't.
TABLES_ALONE = {"codec_whitelist": "none", "probesize": "32"}
_DICOM = slice(128, 132)


def opened(path: Path, **options: str) -> "InputContainer":
    """Open a file for reading; raises `Refused` (EMPTY, NOT_A_VIDEO, DAMAGED) for what is none."""
    import av

    refuse_others(path)
    asked = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file", **options}
    try:
        return av.open(f"file:{path}", options=asked, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise _unreadable(path) from error


def glanced(path: Path) -> "InputContainer":
    """As `opened`, but of an MP4 only its tables are read: to demux it, no picture need be decoded before.

    The streams' heads may say less: no format of samples, no profile of sounds.
    """
    return opened(path, **TABLES_ALONE) if is_mp4(path) else opened(path)


def is_mp4(path: Path) -> bool:
    """Whether a file begins as MP4 and QuickTime files do that are not older than this century."""
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def refuse_others(path: Path) -> None:
    """Refuse what is empty, and a DICOM file, in which FFmpeg may find a stream and lose the rest."""
    with path.open("rb") as file:
        head = file.read(132)
    if not head:
        raise Refused(Code.EMPTY, say("The file is empty."))
    if head[_DICOM] == b"DICM":
        raise Refused(Code.NOT_A_VIDEO, say("This is a DICOM file already: store it as it is."))


def _unreadable(path: Path) -> Refused:
    found = boxes.movie(path)
    if found.media and not found.has_head:
        return Refused(
            Code.DAMAGED,
            say("The end of the file is missing, and with it the table without which its pictures can't be found."),
        )
    return Refused(Code.NOT_A_VIDEO, say("This is no video that can be read."))


def name_of(container: "InputContainer") -> str:
    """The container's name in `Wrapping.format`."""
    first = container.format.name.split(",")[0]
    return _NAMES.get(first, first)
