"""What a video stream is, by its transfer syntax and its first bytes (PS3.5 8.2.5 to 8.2.11)."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from apps.dicom.attributes import Attributes, integer
from apps.dicom.syntax import is_video

# Encapsulated Pixel Data Value Total Length: without the padding of the last fragment.
TOTAL_LENGTH: Final = "7FE00003"
HEAD: Final = 512
_PREFIX: Final = "1.2.840.10008.1.2.4."
_TS_SYNC: Final = 0x47
_TS_PACKETS: Final = ((0, 188), (4, 192))
_MP4_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"})


class Coding(StrEnum):
    """The family of the video's coding, and its media type (PS3.18 table 8.7.3-5 and 8.7.4-1)."""

    MPEG2 = "video/mpeg"
    H264 = "video/mp4"
    HEVC = "video/h265"


class Container(StrEnum):
    """What the stream is wrapped in, by FFmpeg's names; a stream is never opened as anything else."""

    MP4 = "mp4"
    TRANSPORT = "mpegts"
    PROGRAM = "mpeg"
    MPEG2 = "mpegvideo"
    H264 = "h264"
    HEVC = "hevc"


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a video lies: in `spans`, (offset, length) each, of the file at `path`.

    By its header it has `frames` frames and plays for `duration` seconds.
    """

    path: Path
    spans: tuple[tuple[int, int], ...]
    container: Container
    duration: float
    frames: int

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(length for _, length in self.spans)


def coding_of(transfer_syntax_uid: str) -> Coding | None:
    """The coding of a transfer syntax for video; None for any other."""
    if not is_video(transfer_syntax_uid):
        return None
    profile = transfer_syntax_uid.removeprefix(_PREFIX).partition(".")[0]
    return {"100": Coding.MPEG2, "101": Coding.MPEG2, "107": Coding.HEVC, "108": Coding.HEVC}.get(profile, Coding.H264)


def container_of(head: bytes, coding: Coding) -> Container:
    """The container of a stream that begins with `head` (HEAD bytes, or all); else it is taken as a bare stream."""
    if head[4:8] in _MP4_BOXES:
        return Container.MP4
    if any(len(head) > at + size and head[at] == head[at + size] == _TS_SYNC for at, size in _TS_PACKETS):
        return Container.TRANSPORT
    if head.startswith(b"\0\0\1\xba"):
        return Container.PROGRAM
    return {Coding.MPEG2: Container.MPEG2, Coding.HEVC: Container.HEVC}.get(coding, Container.H264)


def plays_as_stored(container: Container, coding: Coding) -> bool:
    """Whether every browser plays the stream as it is: H.264 in MP4."""
    return container is Container.MP4 and coding is Coding.H264


def told_length(attributes: Attributes, held: int) -> int | None:
    """The stream's length in bytes as the header tells it; None where it doesn't, or tells more than there is."""
    told = integer(attributes, TOTAL_LENGTH)
    return told if told is not None and 0 < told <= held else None
