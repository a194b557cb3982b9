"""The bounded reader: from the bytes of an object to its header as DICOM JSON, and where the rest lies."""

from itertools import takewhile
from mmap import mmap
from typing import Final

from apps.dicom.errors import Truncated, Unreadable
from apps.dicom.filemeta import MEDIA_STORAGE_UIDS, FileMeta, read_file_meta
from apps.dicom.geometry import geometry, needed_bytes
from apps.dicom.header import BulkValue, Header
from apps.dicom.inflation import inflate
from apps.dicom.limits import Limits
from apps.dicom.source import Source, as_source
from apps.dicom.syntax import (
    DEFLATED,
    EXPLICIT_VR_LITTLE_ENDIAN,
    GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS,
    NATIVE,
    Encoding,
    declared_encoding,
    found_encoding,
    transfer_syntax_of,
)
from apps.dicom.values import Element
from apps.dicom.walker import Walker
from apps.dicom.warning import OVERLONG, Warnings
from apps.saying import say

__all__ = ["BulkValue", "Header", "read"]

_DEFAULT_LIMITS: Final = Limits()
_FIRST_OF_DATA_SETS: Final = "0003"
_NOT_OF_DATA_SETS: Final = ("0000", "0002")
_MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_SMALLEST: Final = 8
# The groups that a data set without File Meta Information may start with: directory records, identification.
_FIRST_GROUPS: Final = (0x0004, 0x0008)
_MAX_FIRST_LENGTH: Final = 1024


def read(buffer: bytes | bytearray | mmap | memoryview, limits: Limits = _DEFAULT_LIMITS) -> Header:
    """Return the header of the DICOM object in `buffer`: a Part 10 file (PS3.10 7) or a bare data set.

    Nothing of the bulk data is copied or even touched; only a deflated data set is inflated, as far as
    `limits` allow. Raises Unreadable, and nothing else, if the bytes are no DICOM object, are cut off, or
    exceed the limits.
    """
    source, warnings = as_source(buffer), Warnings()
    if len(source) < _SMALLEST:
        raise Unreadable(
            say("The file is empty.") if not len(source) else say("The file is too short for a DICOM object.")
        )
    meta = read_file_meta(source, limits, warnings)
    inflated = inflate(source, meta.end, limits) if meta.transfer_syntax_uid in DEFLATED else None
    body: Source = source if inflated is None else inflated
    start = meta.end if inflated is None else 0
    encoding = _encoding(body, start, meta, warnings)
    walker = Walker(body, limits, warnings)
    attributes = walker.walk(start, len(body), encoding)
    _complete(attributes, meta, warnings)
    header = Header(
        attributes=attributes,
        file_meta=meta.elements,
        transfer_syntax_uid=meta.transfer_syntax_uid or transfer_syntax_of(encoding),
        bulk=walker.bulk,
        pixel_data=walker.pixel_data,
        dataset_offset=meta.end,
        has_meta=meta.is_complete,
        inflated=inflated,
        warnings=(),
        fragments=walker.fragments,
    )
    _check_pixel_data(header, is_overlong=OVERLONG in warnings)
    header.warnings = warnings.texts()
    return header


def _encoding(buffer: Source, start: int, meta: FileMeta, warnings: Warnings) -> Encoding:
    """Return how the data set is encoded: as declared, unless its first element says otherwise."""
    declared = declared_encoding(meta.transfer_syntax_uid or EXPLICIT_VR_LITTLE_ENDIAN)
    encoding = found_encoding(buffer, start, declared)
    if not meta.has_prefix:
        _check_first_element(buffer, start, encoding)
    if not meta.transfer_syntax_uid:
        warnings.add("no transfer syntax; found by the look of the data set")
    elif encoding != declared:
        warnings.add("a data set that is not in its transfer syntax")
    return encoding


def _check_first_element(buffer: Source, start: int, encoding: Encoding) -> None:
    """Refuse what isn't DICOM: without the prefix, the first element is all there is to tell by."""
    head = bytes(buffer[start : start + 12])
    order: Final = "big" if encoding.big_endian else "little"
    group = int.from_bytes(head[:2], order)
    length = int.from_bytes(head[6:8] if encoding.explicit else head[4:8], order)
    if group not in _FIRST_GROUPS or length > _MAX_FIRST_LENGTH:
        raise Unreadable(say("This is no DICOM file: it has neither the DICM prefix nor a data set at its start."))


def _complete(attributes: dict[str, Element], meta: FileMeta, warnings: Warnings) -> None:
    """Drop command and file elements from the data set, and take its SOP UIDs from the file's if they miss."""
    if not attributes:
        raise Unreadable(say("The file has no data set."))
    for key in list(takewhile(lambda key: key < _FIRST_OF_DATA_SETS, attributes)):
        if key.startswith(_NOT_OF_DATA_SETS):
            del attributes[key]
            warnings.add("command or file meta elements in the data set")
    for key, source in MEDIA_STORAGE_UIDS.items():
        found = meta.elements.get(source, {})
        if "Value" in attributes.get(key, {}) or "Value" not in found or _is_directory(meta):
            continue
        attributes[key] = {"vr": "UI", "Value": list(found["Value"])}
        ordered = sorted(attributes.items())
        attributes.clear()
        attributes.update(ordered)
        warnings.add("SOP UIDs in the File Meta Information only")


def _is_directory(meta: FileMeta) -> bool:
    return meta.elements.get("00020002", {}).get("Value") == [_MEDIA_DIRECTORY]


def _check_pixel_data(header: Header, *, is_overlong: bool) -> None:
    """Raise Truncated if native pixel data has fewer bytes than the image's size asks for.

    What says that it's longer than the file must have a size to be judged by.
    """
    pixels = header.pixel_data
    if pixels is None or pixels.length is None or not (pixels.length or is_overlong):
        return
    needed = needed_bytes(header) if header.transfer_syntax_uid in NATIVE else 0
    if needed > pixels.length or (is_overlong and not needed):
        raise Truncated(
            say(
                "The pixel data is cut off: {value} bytes are needed, {length} are there.",
                value=needed or "more",
                length=pixels.length,
            )
        )
    is_swapped = pixels.swap > 1 or header.transfer_syntax_uid == GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS
    if is_swapped and "7FE00010" in header.bulk:
        # Samples are swapped as wholes, though the words of OW have 16 bits: that is how writers understand it.
        width = max(2, geometry(header).sample_bits // 8)
        header.pixel_data = header.bulk["7FE00010"] = BulkValue("OW", pixels.offset, pixels.length, swap=width)
