"""Part 10 files from metadata in the DICOM JSON model (PS3.18 Annex F) and the bulk data that belongs to it (8.6.1)."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from struct import pack
from typing import Any, Final

import orjson

from apps.dicom.elements import MAX_LENGTH, element_head, padding
from apps.dicom.encapsulation import Bulk, OffsetTables, encapsulated, offset_tables
from apps.dicom.encoding import encode, is_vr
from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.fragments import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED
from apps.dicom.header import first_value
from apps.dicom.limits import Limits
from apps.dicom.part10 import file_head
from apps.dicom.scope import CHARSET, json_charset
from apps.dicom.stream_attributes import stream_attributes
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, is_video
from apps.dicom.values import Element
from apps.saying import say

# Gives the bulk data at an address: nothing, one value, or a value in parts, such as the frames of Pixel Data.
Find = Callable[[str], Sequence[Bulk]]
Attributes = Mapping[str, Element]

SOP_CLASS, SOP_INSTANCE = "00080016", "00080018"
PIXEL_DATA: Final = "7FE00010"
EXTENDED_OFFSETS, EXTENDED_LENGTHS = "7FE00001", "7FE00002"
NUMBER_OF_FRAMES: Final = "00280008"
BITS_ALLOCATED: Final = "00280100"
_TAG: Final = re.compile(r"[0-9A-F]{8}")
# What tells of a file and is no part of its data set: group 0002, and what the answers of an archive add.
_NOT_STORED: Final = re.compile(r"000[0-3]....|....0000|00083002")
_UNDEFINED_LENGTH: Final = pack("<I", UNDEFINED)
_NO_MODEL: Final = say("The metadata has something that is no attribute of the DICOM JSON model (PS3.18 F.2.2).")
_STREAM_START: Final = 64 * 1024
_WORTH_WRITING: Final = 64 * 1024
_DEFAULT_LIMITS: Final = Limits()
_NO_TABLES: Final = OffsetTables()


@dataclass(frozen=True, slots=True)
class _Object:
    """What a file is built of: its transfer syntax, its attributes, and the frames of compressed pixel data."""

    transfer_syntax_uid: str
    attributes: Attributes
    frames: tuple[Bulk, ...] = ()
    tables: OffsetTables = _NO_TABLES


def file_pieces(
    attributes: Attributes,
    find: Find,
    *,
    implementation_class_uid: str,
    implementation_version_name: str,
    limits: Limits = _DEFAULT_LIMITS,
) -> Iterator[bytes]:
    """Yield the Part 10 file of one data set of metadata, in pieces; `find` gives its bulk data.

    Text is written in UTF-8 whatever Specific Character Set says. Compressed pixel data decides on the transfer
    syntax, gets offset tables of its own, and tells what is missing of its description (PS3.3 C.7.6.3); everything
    else is Explicit VR Little Endian. Raises Unreadable for
    what can't be written, and LimitExceeded for sequences nested too deep.
    """
    planned = _object(attributes, find)
    head = file_head(
        str(first_value(planned.attributes, SOP_CLASS) or ""),
        str(first_value(planned.attributes, SOP_INSTANCE) or ""),
        planned.transfer_syntax_uid,
        implementation_class_uid=implementation_class_uid,
        implementation_version_name=implementation_version_name,
    )
    yield from _joined(chain([head], _Writer(planned, find, limits).data_set(planned.attributes, 0)))


def _object(attributes: Attributes, find: Find) -> _Object:
    known = {tag: element for tag, element in _spelt(attributes).items() if not _NOT_STORED.fullmatch(tag)}
    if CHARSET not in known and not orjson.dumps(known).isascii():
        known[CHARSET] = json_charset()
    frames = _frames(known, find)
    if not frames or frames[0].transfer_syntax_uid in ("", *NATIVE):
        if len(frames) > 1 and first_value(known, BITS_ALLOCATED) in (1, "1"):
            raise Unreadable(say("Frames of one bit a pixel don't start at bytes: send them as one part."))
        return _Object(EXPLICIT_VR_LITTLE_ENDIAN, known)
    return _compressed(known, frames)


def _spelt(attributes: Any) -> dict[str, Element]:
    """Return the attributes with their tags in capitals. Raises Unreadable for what is no data set."""
    if not isinstance(attributes, dict):
        raise Unreadable(_NO_MODEL)
    spelt = {tag.upper(): element for tag, element in attributes.items()}
    if not all(_TAG.fullmatch(tag) and isinstance(element, dict) for tag, element in spelt.items()):
        raise Unreadable(_NO_MODEL)
    return spelt


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in fewer pieces: each is a write to a file."""
    waiting, size = list[bytes](), 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _WORTH_WRITING:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _frames(attributes: Attributes, find: Find) -> Sequence[Bulk]:
    address = attributes.get(PIXEL_DATA, {}).get("BulkDataURI")
    return find(address) if isinstance(address, str) else ()


def _compressed(known: dict[str, Element], frames: Sequence[Bulk]) -> _Object:
    syntax = frames[0].transfer_syntax_uid
    if any(frame.transfer_syntax_uid != syntax for frame in frames):
        raise Unreadable(say("The frames of the pixel data are in different transfer syntaxes."))
    tables = OffsetTables()
    if not is_video(syntax):
        if str(first_value(known, NUMBER_OF_FRAMES) or 1) != str(len(frames)):
            raise Unreadable(say("The pixel data has {count} part(s), and not one for each frame.", count=len(frames)))
        tables = offset_tables(frames, extended=EXTENDED_OFFSETS in known)
    for tag, element in stream_attributes(b"".join(frames[0].pieces(0, _STREAM_START)), syntax).items():
        if not known.get(tag, {}).get("Value"):
            known[tag] = element
    for tag, raw in ((EXTENDED_OFFSETS, tables.extended), (EXTENDED_LENGTHS, tables.lengths)):
        known.pop(tag, None)
        if raw:
            known[tag] = {"vr": "OV", "InlineBinary": b64encode(raw).decode("ascii")}
    return _Object(syntax, known, tuple(frames), tables)


@dataclass(frozen=True, slots=True)
class _Writer:
    planned: _Object
    find: Find
    limits: Limits

    def data_set(self, attributes: Attributes, depth: int) -> Iterator[bytes]:
        """Yield the elements in order of tag, sequences and items with delimiters."""
        if depth > self.limits.depth:
            raise LimitExceeded(say("The object has sequences nested more than {depth} deep.", depth=self.limits.depth))
        for tag, element in sorted(attributes.items()):
            yield from self.element(tag, element, depth)

    def element(self, tag: str, element: Element, depth: int) -> Iterator[bytes]:
        if element.get("vr") == "SQ":
            yield _head(tag, "SQ", UNDEFINED)
            yield from self.sequence(element.get("Value") or (), depth + 1)
        elif tag == PIXEL_DATA and depth == 0 and self.planned.frames:
            yield _head(tag, "OB", UNDEFINED)
            yield from encapsulated(self.planned.frames, self.planned.tables.basic)
        elif "BulkDataURI" in element:
            yield from self.bulk(tag, element)
        else:
            written = json_charset() if tag == CHARSET else element
            raw = encode(written, tag)
            yield _head(tag, written["vr"], len(raw)) + raw

    def sequence(self, items: Sequence[Any], depth: int) -> Iterator[bytes]:
        if not isinstance(items, Sequence):
            raise Unreadable(_NO_MODEL)
        for item in items:
            yield ITEM + _UNDEFINED_LENGTH
            yield from self.data_set(_spelt(item or {}), depth)
            yield ITEM_END + bytes(4)
        yield SEQUENCE_END + bytes(4)

    def bulk(self, tag: str, element: Element) -> Iterator[bytes]:
        found = self.find(str(element["BulkDataURI"]))
        if not found:
            raise Unreadable(
                say("The bulk data of {tag} is missing: no part has its BulkDataURI as Content-Location.", tag=tag)
            )
        size = sum(each.size for each in found)
        if size > MAX_LENGTH:
            raise Unreadable(say("The value of {tag} is larger than the 4 GiB that an element can hold.", tag=tag))
        vr = element.get("vr")
        yield _head(tag, vr, size + size % 2)
        for each in found:
            yield from each.pieces(0, each.size)
        yield padding(str(vr).encode(), size)


def _head(tag: str, vr: Any, length: int) -> bytes:
    """Return the head of an element. Raises Unreadable for a VR that is none."""
    if not is_vr(vr):
        raise Unreadable(say("The VR of {tag} is none of PS3.5 6.2.", tag=tag))
    return element_head(tag, vr.encode(), length)
