"""Files as they leave: what is stored, byte for byte, or with its study's corrections in a head that is written anew.

The head of a corrected file is made in memory; its pixel data comes from the storage as it is. Its transfer syntax is
the stored one where that is in Explicit VR Little Endian, as all encapsulated ones are, and else becomes that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from apps.archive import retrieve
from apps.archive.retrieve import BulkData, StoredInstance
from apps.archive.unpacked import Unpacked, elements_after, elements_before, end_of_pixels, unpack
from apps.core.errors import NotAcceptable
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.elements import element, element_head
from apps.dicom.errors import Unreadable
from apps.dicom.fragments import SEQUENCE_END, UNDEFINED
from apps.dicom.part10 import file_head
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE
from apps.dicom.walker import PIXEL_DATA
from apps.saying import say

_NAMES: Final = ("00080018", "0020000D", "0020000E")
_DELIMITER: Final = SEQUENCE_END + bytes(4)
# A deflated data set leaves inflated: JPIP referenced pixel data (PS3.5 A.6, A.7), where the pixels are elsewhere.
_INFLATED: Final = {
    "1.2.840.10008.1.2.4.95": "1.2.840.10008.1.2.4.94",
    "1.2.840.10008.1.2.4.205": "1.2.840.10008.1.2.4.204",
}

Pieces = Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class File:
    """A file as it leaves: its transfer syntax, its size in bytes, and `pieces(start, length)` of it."""

    transfer_syntax_uid: str
    size: int
    pieces: Pieces


def leaves_in(stored: StoredInstance) -> str:
    """The transfer syntax in which the object leaves where no other one is asked for."""
    syntax = stored.transfer_syntax_uid
    if not stored.correction:
        return syntax
    return EXPLICIT_VR_LITTLE_ENDIAN if syntax in NATIVE else _INFLATED.get(syntax, syntax)


def file_of(stored: StoredInstance) -> File:
    """The object's file. Raises NotAcceptable for one whose correction can't be written into it."""
    if not stored.correction:
        return File(stored.transfer_syntax_uid, stored.size, partial(retrieve.iter_file, stored))
    try:
        return _corrected(unpack(stored))
    except Unreadable as error:
        raise NotAcceptable(say("The corrected file can't be written: {error}", error=error)) from error


def head(unpacked: Unpacked, transfer_syntax_uid: str, elements: dict[str, bytes]) -> bytes:
    """What comes before the pixel data: the File Meta Information, and these elements with the object's own UIDs."""
    stored = unpacked.stored
    meta = file_head(
        stored.sop_class_uid,
        stored.sop_instance_uid,
        transfer_syntax_uid,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
    )
    named = elements | _names(stored)
    return meta + b"".join(named[key] for key in sorted(named))


def _names(stored: StoredInstance) -> dict[str, bytes]:
    """The UIDs that the object is known by: a file may have come without them, and the archive given it some."""
    uids = (stored.sop_instance_uid, stored.study_instance_uid, stored.series_instance_uid)
    return {key: element(key, b"UI", uid.encode("ascii")) for key, uid in zip(_NAMES, uids, strict=True)}


def _corrected(unpacked: Unpacked) -> File:
    syntax = leaves_in(unpacked.stored)
    elements = elements_before(unpacked, keep_icons=True) | _empty_pixels(unpacked)
    parts = [_of_bytes(head(unpacked, syntax, elements))]
    if unpacked.pixel_key:
        parts += _pixels(unpacked)
    parts.append(_of_bytes(b"".join(elements_after(unpacked).values())))
    return File(syntax, sum(size for size, _ in parts), partial(_joined, parts))


def _empty_pixels(unpacked: Unpacked) -> dict[str, bytes]:
    """The pixel data of an object that has the element, and nothing in it."""
    empty = (key for key in PIXEL_DATA if key in unpacked.attributes and key not in unpacked.bulk)
    return {key: element_head(key, unpacked.attributes[key]["vr"].encode("ascii"), 0) for key in empty}


def _pixels(unpacked: Unpacked) -> list[tuple[int, Pieces]]:
    """The element of the pixel data: native ones in little endian, encapsulated ones just as they are stored."""
    pixels, key = unpacked.pixels, unpacked.pixel_key
    vr = pixels.vr.encode("ascii")
    if unpacked.bulk[key][2] is not None:
        padding = pixels.length % 2
        start = element_head(key, vr, pixels.length + padding)
        return [_of_bytes(start), (pixels.length, partial(_native, pixels)), _of_bytes(bytes(padding))]
    length = end_of_pixels(unpacked) - pixels.offset
    last = b"".join(retrieve.iter_file(unpacked.stored, pixels.offset + length - len(_DELIMITER), len(_DELIMITER)))
    fragments = partial(_shifted, unpacked.stored, pixels.offset)
    closed = b"" if last.startswith(SEQUENCE_END) else _DELIMITER
    return [_of_bytes(element_head(key, b"OB", UNDEFINED)), (length, fragments), _of_bytes(closed)]


def _of_bytes(data: bytes) -> tuple[int, Pieces]:
    return len(data), lambda start, length: iter((data[start : start + length],))


def _native(pixels: BulkData, start: int, length: int) -> Iterator[bytes]:
    return pixels.pieces(start, length)


def _shifted(stored: StoredInstance, offset: int, start: int, length: int) -> Iterator[bytes]:
    return retrieve.iter_file(stored, offset + start, length)


def _joined(parts: list[tuple[int, Pieces]], start: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `start` of these parts one after the other."""
    for size, pieces in parts:
        taken = min(max(size - start, 0), length)
        if taken:
            yield from pieces(start, taken)
        start, length = max(start - size, 0), length - taken
