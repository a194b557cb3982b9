"""Telling by its first bytes what a file is, whatever it is called."""

import re
from enum import Enum
from typing import Final, Literal

from apps.dicom.filemeta import is_part10
from apps.dicom.syntax import IMPLICIT_LITTLE, found_encoding
from apps.dicom.values import LONG_VRS

HEAD_BYTES: Final = 4096
_PREFIX: Final = b"DICM"
_ZIP: Final = b"PK\x03\x04"
_MEDIA_DIRECTORY: Final = re.compile(rb"1\.2\.840\.10008\.1\.3\.10(?![0-9.])")
# Directory records, identification; a data set may also come with its File Meta Information but no preamble.
_FIRST_GROUPS: Final = (0x0002, 0x0004, 0x0008)
_MAX_FIRST_LENGTH: Final = 1024
_HIGHEST_SECOND: Final = (0x0040, 0xFFFF)
_ELEMENT_HEAD: Final = 8


class Content(Enum):
    """What a file holds."""

    OBJECT = "a DICOM object"
    DIRECTORY = "a DICOMDIR"
    ZIP = "a zip archive"
    OTHER = "something else"


def content_of(head: bytes) -> Content:
    """What the file is that starts with these bytes (`HEAD_BYTES` of them, or all)."""
    if is_part10(head) or head.startswith(_PREFIX) or _looks_like_data_set(head):
        return Content.DIRECTORY if _MEDIA_DIRECTORY.search(head, 0, 1024) else Content.OBJECT
    return Content.ZIP if head.startswith(_ZIP) else Content.OTHER


def _looks_like_data_set(head: bytes) -> bool:
    """Whether a data set could start here: an element of a low group, and behind it one with a higher tag."""
    if len(head) < _ELEMENT_HEAD:
        return False
    encoding = found_encoding(head, 0, IMPLICIT_LITTLE)
    order: Literal["big", "little"] = "big" if encoding.big_endian else "little"
    is_short = encoding.explicit and head[4:6] not in LONG_VRS
    length = int.from_bytes(head[6:8] if is_short else head[8:12] if encoding.explicit else head[4:8], order)
    first = _tag(head, 0, order)
    if first[0] not in _FIRST_GROUPS or length > _MAX_FIRST_LENGTH:
        return False
    end = _ELEMENT_HEAD + length + (4 if encoding.explicit and not is_short else 0)
    return end + _ELEMENT_HEAD <= len(head) and first < _tag(head, end, order) < _HIGHEST_SECOND


def _tag(head: bytes, at: int, order: Literal["big", "little"]) -> tuple[int, int]:
    return int.from_bytes(head[at : at + 2], order), int.from_bytes(head[at + 2 : at + 4], order)
