"""The File Meta Information (PS3.10 7.1): preamble, prefix and group 0002."""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from apps.dicom.errors import LimitExceeded
from apps.dicom.header import first_value
from apps.dicom.limits import Limits
from apps.dicom.scope import CHARSET
from apps.dicom.source import Source
from apps.dicom.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding, is_vr
from apps.dicom.values import LONG_VRS, Element
from apps.dicom.walker import Walker
from apps.dicom.warning import Warnings
from apps.saying import say

PREFIX: Final = b"DICM"
PREAMBLE_SIZE: Final = 128
HEAD_SIZE: Final = PREAMBLE_SIZE + len(PREFIX) + 2
TRANSFER_SYNTAX: Final = "00020010"
_GROUP: Final = 0x0002
_REQUIRED: Final = ("00020002", "00020003", TRANSFER_SYNTAX)
# Group, VR and short length of an element in Explicit VR; the element's number doesn't matter.
_HEAD: Final = Struct("<H2x2sH")
_MAX_SIZE: Final = 1024 * 1024
_DEFAULT_LIMITS: Final = Limits()
# What a data set calls them, and what the file does.
MEDIA_STORAGE_UIDS: Final = {"00080016": "00020002", "00080018": "00020003"}


@dataclass(frozen=True, slots=True)
class FileMeta:
    """Group 0002 of a file. `end` is where the data set starts; `has_prefix` says that "DICM" was found.

    `is_complete` says that the file starts as PS3.10 asks, with all that a reader needs to go on.
    """

    elements: dict[str, Element]
    transfer_syntax_uid: str
    end: int
    has_prefix: bool
    is_complete: bool


def is_part10(first: bytes | memoryview) -> bool:
    """Say whether a file that starts with these bytes (132 at least) is a DICOM file (PS3.10 7.1)."""
    return bytes(first[PREAMBLE_SIZE : PREAMBLE_SIZE + len(PREFIX)]) == PREFIX


def read_file_meta(buffer: Source, limits: Limits, warnings: Warnings) -> FileMeta:
    """Return the File Meta Information at the start of `buffer`; empty if the buffer has none."""
    has_preamble = starts_with_preamble(buffer)
    has_prefix = has_preamble or bytes(buffer[: len(PREFIX)]) == PREFIX
    start = PREAMBLE_SIZE + len(PREFIX) if has_preamble else len(PREFIX) if has_prefix else 0
    encoding = EXPLICIT_LITTLE if is_vr(bytes(buffer[start + 4 : start + 6])) else IMPLICIT_LITTLE
    end = _group_end(buffer, start, encoding)
    elements = Walker(buffer, limits, warnings).walk(start, end, encoding)
    elements.pop(CHARSET, None)
    transfer_syntax = first_value(elements, TRANSFER_SYNTAX)
    is_complete = has_preamble and all(isinstance(first_value(elements, tag), str) for tag in _REQUIRED)
    return FileMeta(
        elements=elements,
        transfer_syntax_uid=transfer_syntax if isinstance(transfer_syntax, str) else "",
        end=end,
        has_prefix=has_prefix,
        is_complete=is_complete,
    )


def media_storage_uids(buffer: Source, limits: Limits = _DEFAULT_LIMITS) -> dict[str, Element]:
    """Return the SOP Class and SOP Instance UID that the File Meta Information tells, by their tags in a data set.

    Raises Unreadable where there is none that can be read.
    """
    elements = read_file_meta(buffer, limits, Warnings()).elements
    return {tag: elements[source] for tag, source in MEDIA_STORAGE_UIDS.items() if source in elements}


def starts_with_preamble(buffer: Source) -> bool:
    """Say whether the prefix is where it belongs, and not by chance in the text of a bare data set.

    `HEAD_SIZE` bytes are enough to tell.
    """
    prefix_end = PREAMBLE_SIZE + len(PREFIX)
    if bytes(buffer[PREAMBLE_SIZE:prefix_end]) != PREFIX:
        return False
    return int.from_bytes(buffer[prefix_end : prefix_end + 2], "little") == _GROUP or not is_vr(bytes(buffer[4:6]))


def _group_end(buffer: Source, start: int, encoding: Encoding) -> int:
    """Return where group 0002 ends. Its group length is often wrong, so the elements themselves tell."""
    pos, last_head = start, len(buffer) - _HEAD.size
    while pos <= last_head:
        group, vr, length = _HEAD.unpack_from(buffer, pos)
        if group != _GROUP:
            break
        pos += _HEAD.size
        if not encoding.explicit:
            length = length << 16 | int.from_bytes(vr, "little")
        elif vr in LONG_VRS:
            length = int.from_bytes(buffer[pos : pos + 4], "little")
            pos += 4
        pos += length
        if pos - start > _MAX_SIZE:
            raise LimitExceeded(say("The File Meta Information is larger than {max_size} bytes.", max_size=_MAX_SIZE))
    return min(pos, len(buffer))
