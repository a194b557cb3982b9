"""A stored object taken apart: its header, where its pixels lie, and the rest in Explicit VR Little Endian."""

from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

import orjson
from django.db import connection
from isal import isal_zlib

from apps.archive.corrected import corrected
from apps.archive.retrieve import INFLATED_BYTES, BulkData, Reader, StoredInstance
from apps.core.errors import NotFound
from apps.dicom.amending import amended, written
from apps.dicom.errors import LimitExceeded
from apps.dicom.fragments import SEQUENCE_END
from apps.dicom.frames import FrameIndex
from apps.dicom.modifications import is_ascii, touched
from apps.dicom.modifications import unpacked as modifications_of
from apps.dicom.rewriting import charset_of, rewrite
from apps.dicom.scope import CHARSET, json_charset
from apps.dicom.syntax import DEFLATED, declared_encoding, found_encoding
from apps.dicom.walker import PIXEL_DATA
from apps.saying import say

# What stands before and after the pixel data is rewritten in memory.
MAX_HEADER: Final = 256 << 20
# Digital signatures are of the bytes as they were, trailing padding is of no use (PS3.3 C.12.1.1.3.1, PS3.10 7.2).
_FIRST_LEFT_OUT: Final = "FFFA"
_ITEM: Final = Struct("<4sI")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A stored object with its header (DICOM JSON) and its two indexes.

    `attributes` are those that are stored, `told` those that leave.
    """

    stored: StoredInstance
    attributes: dict[str, Any]
    told: dict[str, Any]
    frames: FrameIndex
    bulk: dict[str, Any]

    @property
    def pixel_key(self) -> str:
        """The tag of the object's pixels, "" where it has none."""
        return next((key for key in PIXEL_DATA if key in self.bulk), "")

    @property
    def pixels(self) -> BulkData:
        """The object's pixels; encapsulated ones have the length 0. Only where there are some."""
        vr, offset, length, swap = self.bulk[self.pixel_key]
        return BulkData(self.stored, vr, offset, length or 0, swap)


def unpack(stored: StoredInstance) -> Unpacked:
    """Look up what the index has of an object. Raises NotFound when it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT header, frame_index, bulk_index FROM archive_instance WHERE id = %s", [stored.pk])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(say("There is no such study, series or instance."))
    header, frames, bulk = map(bytes, row)
    attributes = orjson.loads(isal_zlib.decompress(header))
    told = corrected(attributes, stored.correction)
    return Unpacked(stored, attributes, told, FrameIndex.from_bytes(frames), orjson.loads(bulk or b"{}"))


def elements_before(unpacked: Unpacked, *, keep_icons: bool = False) -> dict[str, bytes]:
    """The elements before the pixel data, or all where there is none, by tag and as they leave. Raises Unreadable.

    With `keep_icons`, compressed icons stay, as the transfer syntax does. Where a correction or what it replaces goes
    beyond ASCII, all text is in UTF-8, whatever it was stored in: no character set but that has every name.
    """
    modifications = modifications_of(unpacked.stored.correction)
    if not modifications:
        return _before(unpacked, keep_icons=keep_icons)
    is_recoding = not is_ascii(unpacked.told, modifications)
    found = _before(unpacked, recode_from=() if is_recoding else None, keep_icons=keep_icons)
    if is_recoding:
        found[CHARSET] = written(CHARSET, json_charset())
    return amended(found, unpacked.attributes, unpacked.told, touched(modifications))


def elements_after(unpacked: Unpacked) -> dict[str, bytes]:
    """The elements after the pixel data by tag: private ones, if any. Raises Unreadable."""
    if not unpacked.pixel_key or not any(unpacked.pixel_key < key < _FIRST_LEFT_OUT for key in unpacked.attributes):
        return {}
    modifications = modifications_of(unpacked.stored.correction)
    is_recoding = bool(modifications) and not is_ascii(unpacked.told, modifications)
    charset = charset_of(_before(unpacked)) if is_recoding else None
    found = _rewritten(unpacked, end_of_pixels(unpacked), _end_of(unpacked.stored), recode_from=charset)
    return {key: value for key, value in found.items() if key < _FIRST_LEFT_OUT}


def _before(unpacked: Unpacked, **options: Any) -> dict[str, bytes]:
    stored = unpacked.stored
    start = 0 if stored.transfer_syntax_uid in DEFLATED else stored.dataset_offset
    end = unpacked.pixels.offset if unpacked.pixel_key else _end_of(stored)
    return _rewritten(unpacked, start, end, **options)


def _end_of(stored: StoredInstance) -> int:
    return INFLATED_BYTES if stored.transfer_syntax_uid in DEFLATED else stored.size


def end_of_pixels(unpacked: Unpacked) -> int:
    """The position after the pixel data, and after its delimiter where it is encapsulated and has one."""
    pixels, frames = unpacked.pixels, unpacked.frames
    if unpacked.bulk[unpacked.pixel_key][2] is not None:
        return pixels.offset + pixels.length
    read = Reader(unpacked.stored)
    last = frames.spans(frames.count)[-1][0] - _ITEM.size if frames.count else pixels.offset
    end = last + _ITEM.size + _ITEM.unpack(read(last, _ITEM.size))[1]
    has_delimiter = end + _ITEM.size <= _end_of(unpacked.stored) and read(end, 4) == SEQUENCE_END
    return end + _ITEM.size * has_delimiter


def _rewritten(unpacked: Unpacked, start: int, end: int, **options: Any) -> dict[str, bytes]:
    syntax = unpacked.stored.transfer_syntax_uid
    if end - start > MAX_HEADER and syntax not in DEFLATED:
        raise LimitExceeded(
            say("The object has more than {max_header} MiB besides its pixels.", max_header=MAX_HEADER >> 20)
        )
    data = Reader(unpacked.stored)(start, end - start)
    encoding = found_encoding(data, 0, declared_encoding(syntax))
    return rewrite(data, 0, len(data), encoding, unpacked.attributes, **options)
