"""Formats of sound files, by how they begin: none of those that lead on to other files or addresses."""

from typing import Final

HEAD: Final = 12
# Where in a file, what stands there, and how FFmpeg calls the format.
_FORMATS: Final = (
    (0, b"RIFF", "wav"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mp4"),
    (0, b"fLaC", "flac"),
)


def format_of(head: bytes) -> str | None:
    """The format of a file that begins so (at least HEAD bytes): WAV, WebM, Ogg, MP4 or FLAC; None for any other."""
    return next((name for place, magic, name in _FORMATS if head[place : place + len(magic)] == magic), None)
