"""What the boxes of an MP4 or QuickTime file tell that FFmpeg's libraries don't: read with bounds, never all of it.

Paragraphs are of ISO/IEC 14496-12.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_MOST_BOXES = 500_000  # in a file: a fragmented one of twelve hours has two for each second
_MOST_INSIDE = 10_000  # in one box
_DEEPEST = 8
_MOST_ZEROS = 1 << 20  # bytes of free space that are looked at
_MOST_NAMES = 64
_MOST_EDITS = 1000
_ENTRY_TEXT = slice(50, 82)  # compressorname in a visual sample entry, from the entry's size on (12.1.3.2)
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex", b"udta", b"dinf"})
_KNOWN = _CONTAINERS | frozenset(
    b"ftyp styp sidx mdat moof mfra wide mvhd tkhd elst tref tapt mdhd hdlr elng vmhd smhd nmhd gmhd dref trex mehd "
    b"stsd stts ctts cslg stss stps stsc stsz stz2 stco co64 sgpd sbgp sdtp clip clef prof enof prft".split()
)
_FREE = frozenset({b"free", b"skip"})
_ENCRYPTED = frozenset({b"encv", b"enca", b"drmi", b"drms"})
# What says nothing of a person, a place or a device.
_NEUTRAL_HANDLERS = frozenset({"", "VideoHandler", "SoundHandler", "DataHandler", "Video", "Sound"})
_NEUTRAL_TEXTS = ("Lavf", "Lavc", "AVC Coding", "HEVC Coding")
_MATRIX = {  # a, b, c, d of the matrix (8.3.2.3), as signs: degrees clockwise, and whether it is mirrored first
    (1, 0, 0, 1): (0, False),
    (0, 1, -1, 0): (90, False),
    (-1, 0, 0, -1): (180, False),
    (0, -1, 1, 0): (270, False),
    (-1, 0, 0, 1): (0, True),
    (1, 0, 0, -1): (180, True),
    (0, 1, 1, 0): (270, True),
    (0, -1, -1, 0): (90, True),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A box: what kind, and where its content begins and ends in the file."""

    kind: bytes
    begin: int
    end: int


@dataclass(slots=True)
class Track:
    """A track: `handler` is vide, soun, …; `edits` are (duration in the movie's units, media time) (8.6.6)."""

    handler: str = ""
    rotation: int = 0
    is_mirrored: bool = False
    edits: list[tuple[int, int]] = field(default_factory=list)
    samples: int = 0


@dataclass(slots=True)
class Movie:
    """What was found in a file's boxes."""

    has_head: bool = False  # a moov box
    is_head_first: bool = False
    is_fragmented: bool = False
    is_encrypted: bool = False
    missing: int = 0  # bytes that the boxes claim beyond the file's end
    media: int = 0  # bytes in mdat boxes
    brand: str = ""  # the major brand (4.3)
    tracks: list[Track] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # of what is told besides

    def tell(self, name: str) -> None:
        """Note that something is told; only so many names."""
        if len(self.names) < _MOST_NAMES:
            self.names.add(name)


def movie(path: Path) -> Movie:
    """Read the boxes of a file, whatever it holds: what isn't made of boxes has none."""
    size = path.stat().st_size
    found = Movie()
    with path.open("rb") as file:
        for box in _boxes(file, 0, size, _MOST_BOXES):
            found.missing = max(found.missing, box.end - size)
            _take_top(file, box, found)
    return found


def _boxes(file: BinaryIO, begin: int, end: int, most: int = _MOST_INSIDE) -> Iterator[Box]:
    """The boxes between two places, the last one perhaps claiming more than there is (4.2)."""
    for _ in range(most):
        if begin + 8 > end:
            return
        head = _read(file, begin, 16)
        size, kind, start = int.from_bytes(head[:4], "big"), head[4:8], begin + 8
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), begin + 16
        elif size == 0:
            size = end - begin
        if size < start - begin:
            return
        yield Box(kind, start, begin + size)
        begin += size


def _read(file: BinaryIO, begin: int, size: int) -> bytes:
    file.seek(begin)
    return file.read(size)


def _take_top(file: BinaryIO, box: Box, found: Movie) -> None:
    if box.kind == b"ftyp":
        found.brand = _read(file, box.begin, 4).decode("latin-1")
    elif box.kind == b"moov":
        found.is_head_first = not found.media
        found.has_head = True
    elif box.kind == b"mdat":
        found.media += box.end - box.begin
    elif box.kind == b"moof":
        found.is_fragmented = True
    _take(file, box, found, 0)


def _take(file: BinaryIO, box: Box, found: Movie, depth: int) -> None:
    """Note what a box tells, and the boxes in it."""
    if box.kind == b"trak":
        found.tracks.append(Track())
    if box.kind == b"udta":
        _take_user_data(file, box, found)
    elif box.kind in _CONTAINERS and depth < _DEEPEST:
        found.is_fragmented |= box.kind == b"mvex"
        for inner in _boxes(file, box.begin, box.end):
            _take(file, inner, found, depth + 1)
    elif box.kind in _FREE:
        if _is_written(file, box):
            found.tell(_name(box.kind))
    elif box.kind in _READERS:
        _READERS[box.kind](_read(file, box.begin, min(box.end - box.begin, 16 * _MOST_EDITS)), found)
    elif box.kind not in _KNOWN:
        found.tell(_name(box.kind))


def _name(kind: bytes) -> str:
    """A kind of box as text, without what can't be shown."""
    return "".join(character if character.isprintable() else "?" for character in kind.decode("latin-1"))


def _is_written(file: BinaryIO, box: Box) -> bool:
    """Whether free space holds anything, or is too much of it to look at."""
    size = box.end - box.begin
    return size > _MOST_ZEROS or any(_read(file, box.begin, size))


def _take_user_data(file: BinaryIO, box: Box, found: Movie) -> None:
    """Name what stands in a udta box, but for FFmpeg's own name."""
    for inner in _boxes(file, box.begin, box.end):
        body = _read(file, inner.begin, min(inner.end - inner.begin, 4096))
        if not (_is_neutral_meta(body) if inner.kind == b"meta" else _is_own_name(inner.kind, body)):
            found.tell(_name(inner.kind))


def _is_own_name(kind: bytes, body: bytes) -> bool:
    """Whether it is QuickTime's box for the software, naming FFmpeg's libraries after length and language."""
    return kind == b"\xa9swr" and body[4:8] == b"Lavf"


def _is_neutral_meta(body: bytes) -> bool:
    """Whether a meta box tells nothing, or only which software put the file together: ©too, of FFmpeg's libraries."""
    begin = body.find(b"ilst")
    entry = body[begin + 4 :]
    if begin >= 0 and not entry:
        return True
    return (
        begin >= 0 and entry[4:8] == b"\xa9too" and entry[24:28] == b"Lavf" and int.from_bytes(entry[:4]) == len(entry)
    )


def _movie_head(body: bytes, found: Movie) -> None:
    """mvhd, mdhd and tkhd begin alike: when the file was made (8.2.2, 8.3.2, 8.4.2)."""
    if any(body[4:20] if body[:1] == b"\1" else body[4:12]):
        found.tell("creation_time")


def _track_head(body: bytes, found: Movie) -> None:
    _movie_head(body, found)
    begin = 52 if body[:1] == b"\1" else 40
    numbers = [int.from_bytes(body[at : at + 4], "big", signed=True) for at in range(begin, begin + 20, 4)]
    if found.tracks and len(body) >= begin + 20:
        a, b, _, c, d = ((number > 0) - (number < 0) for number in numbers)
        track = found.tracks[-1]
        track.rotation, track.is_mirrored = _MATRIX.get((a, b, c, d), (0, False))


def _handler(body: bytes, found: Movie) -> None:
    """hdlr (8.4.3): QuickTime's has the name after its length, and one for data as well."""
    if not found.tracks or found.tracks[-1].handler:
        return
    found.tracks[-1].handler = body[8:12].decode("latin-1")
    name = body[24:].rstrip(b"\0")
    name = name[1:] if name[:1] and name[0] == len(name) - 1 else name
    if name.decode("utf-8", "replace") not in _NEUTRAL_HANDLERS:
        found.tell("handler_name")


def _descriptions(body: bytes, found: Movie) -> None:
    """stsd (8.5.2): whether the samples are encrypted (8.12), and the name of what compressed them."""
    entry = body[8:]
    found.is_encrypted |= entry[4:8] in _ENCRYPTED
    if not found.tracks or found.tracks[-1].handler != "vide":
        return
    text = entry[_ENTRY_TEXT]
    name = text[1 : 1 + text[0]].decode("latin-1").strip("\0 ") if text else ""
    if name and not name.startswith(_NEUTRAL_TEXTS):
        found.tell("compressor_name")


def _edits(body: bytes, found: Movie) -> None:
    """elst (8.6.6); a media time of -1 is an empty edit."""
    width = 8 if body[:1] == b"\1" else 4
    count = min(int.from_bytes(body[4:8], "big"), _MOST_EDITS, (len(body) - 8) // (2 * width + 4))
    for at in range(8, 8 + max(count, 0) * (2 * width + 4), 2 * width + 4):
        duration = int.from_bytes(body[at : at + width], "big")
        time = int.from_bytes(body[at + width : at + 2 * width], "big", signed=True)
        if found.tracks:
            found.tracks[-1].edits.append((duration, time))


def _sample_sizes(body: bytes, found: Movie) -> None:
    """stsz and stz2 (8.7.3): the number of samples is in the same place."""
    if found.tracks:
        found.tracks[-1].samples = int.from_bytes(body[8:12], "big")


_READERS = {
    b"mvhd": _movie_head,
    b"mdhd": _movie_head,
    b"tkhd": _track_head,
    b"hdlr": _handler,
    b"stsd": _descriptions,
    b"elst": _edits,
    b"stsz": _sample_sizes,
    b"stz2": _sample_sizes,
}
