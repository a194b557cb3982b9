"""Which transfer syntax the pixel data of a sent part is in (PS3.18 8.7.3.3, table 8.7.3-5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from apps.dicom.codestream import jpeg_header
from apps.dicom.description import Undecodable
from apps.dicom.header import first_value
from apps.dicom.syntax import NATIVE
from apps.dicom.uids import is_valid_uid
from apps.dicomweb.media_types import OCTETS, of_pixels

AVAILABLE_TRANSFER_SYNTAX: Final = "00083002"
JPEG: Final = "image/jpeg"
# What a media type means without a transfer syntax; for JPEG the stream itself tells.
_DEFAULTS: Final = {
    "image/jls": "1.2.840.10008.1.2.4.80",
    "image/jp2": "1.2.840.10008.1.2.4.90",
    "image/jpx": "1.2.840.10008.1.2.4.92",
    "image/jphc": "1.2.840.10008.1.2.4.201",
    "image/jxl": "1.2.840.10008.1.2.4.110",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "video/mpeg": "1.2.840.10008.1.2.4.100",
    "video/mp4": "1.2.840.10008.1.2.4.102",
}
# By the coding process of the frame header (ISO 10918-1 B.2.2): baseline, extended, lossless.
_OF_JPEG: Final = {
    0xC0: "1.2.840.10008.1.2.4.50",
    0xC1: "1.2.840.10008.1.2.4.51",
    0xC3: "1.2.840.10008.1.2.4.70",
}
JPEG_HEAD: Final = 64 << 10


def transfer_syntax_of(
    media_type: str, parameter: str, metadata: Mapping[str, dict[str, Any]], start: Callable[[], bytes]
) -> str:
    """The transfer syntax UID of a part, "" for bytes in little endian.

    The part's own `transfer-syntax` parameter counts; without one, what the metadata says is available, if it
    is of the media type; else the default of the media type. `start` gives how the part begins.
    """
    if is_valid_uid(parameter):
        return "" if parameter in NATIVE else parameter
    if media_type == OCTETS:
        return ""
    told = first_value(metadata, AVAILABLE_TRANSFER_SYNTAX)
    if isinstance(told, str) and of_pixels(told) == media_type:
        return told
    return _of_jpeg(start()) if media_type == JPEG else _DEFAULTS.get(media_type, "")


def _of_jpeg(start: bytes) -> str:
    try:
        return _OF_JPEG.get(jpeg_header(start).process, _OF_JPEG[0xC0])
    except Undecodable:
        return _OF_JPEG[0xC0]
