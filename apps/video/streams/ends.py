"""Whether the end of a file is missing, by what its container says of its own size."""

from pathlib import Path

from apps.video.streams import boxes

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_TS_PACKET, _TS_SYNC = 188, b"\x47"
_HEAD = 1 << 12  # bytes in which Matroska's Segment begins


def missing(path: Path, container: str) -> int:
    """Bytes that should follow the file's last one (0: none, or the container doesn't tell)."""
    if container == "mp4":
        return max(boxes.movie(path).missing, 0)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    size = path.stat().st_size
    if container == "mpegts":
        return -size % _TS_PACKET if head[::_TS_PACKET].count(_TS_SYNC) == len(head[::_TS_PACKET]) else 0
    claimed = {"matroska": _matroska, "avi": _riff}.get(container, _nothing)(head)
    return max(claimed - size, 0)


def _nothing(_head: bytes) -> int:
    return 0


def _riff(head: bytes) -> int:
    """The end of a RIFF file's first list, all of it in files of less than a GiB."""
    return 8 + int.from_bytes(head[4:8], "little") if head[:4] == b"RIFF" else 0


def _matroska(head: bytes) -> int:
    """The end of the Segment (RFC 8794, 4.4 and 6.2): 0 where its size is unknown, as in a live stream."""
    begin = head.find(_SEGMENT) + len(_SEGMENT)
    if not head.startswith(_EBML) or begin < len(_SEGMENT) or begin >= len(head) or not head[begin]:
        return 0
    length = 9 - head[begin].bit_length()
    size = int.from_bytes(head[begin : begin + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else begin + length + size
