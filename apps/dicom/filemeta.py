"""The File Meta Information (PS3.10 7.1): preamble, prefix and group 0002."""

from dataclasses import dataclass
from typing import Final

from apps.dicom.errors import LimitExceeded
from apps.dicom.header import first_value
from apps.dicom.limits import Limits
from apps.dicom.source import Source
from apps.dicom.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding, is_vr
from apps.dicom.values import LONG_VRS, Element
from apps.dicom.walker import Walker
from apps.dicom.warning import Warnings

PREFIX: Final = b"DICM"
PREAMBLE_SIZE: Final = 128
TRANSFER_SYNTAX: Final = "00020010"
_GROUP: Final = b"\x02\x00"
_REQUIRED: Final = ("00020002", "00020003", TRANSFER_SYNTAX)
_HEAD_SIZE: Final = 8
_MAX_SIZE: Final = 1024 * 1024


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
    has_preamble = _has_preamble(buffer)
    has_prefix = has_preamble or bytes(buffer[: len(PREFIX)]) == PREFIX
    start = PREAMBLE_SIZE + len(PREFIX) if has_preamble else len(PREFIX) if has_prefix else 0
    encoding = EXPLICIT_LITTLE if is_vr(bytes(buffer[start + 4 : start + 6])) else IMPLICIT_LITTLE
    end = _group_end(buffer, start, encoding)
    walked = Walker(buffer, limits, warnings).walk(start, end, encoding)
    elements = {key: element for key, element in walked.items() if key.startswith("0002")}
    transfer_syntax = first_value(elements, TRANSFER_SYNTAX)
    is_complete = has_preamble and all(isinstance(first_value(elements, tag), str) for tag in _REQUIRED)
    return FileMeta(
        elements=elements,
        transfer_syntax_uid=transfer_syntax if isinstance(transfer_syntax, str) else "",
        end=end,
        has_prefix=has_prefix,
        is_complete=is_complete,
    )


def _has_preamble(buffer: Source) -> bool:
    """Say whether the prefix is where it belongs, and not by chance in the text of a bare data set."""
    prefix_end = PREAMBLE_SIZE + len(PREFIX)
    if bytes(buffer[PREAMBLE_SIZE:prefix_end]) != PREFIX:
        return False
    return bytes(buffer[prefix_end : prefix_end + 2]) == _GROUP or not is_vr(bytes(buffer[4:6]))


def _group_end(buffer: Source, pos: int, encoding: Encoding) -> int:
    """Return where group 0002 ends. Its group length is often wrong, so the elements themselves tell."""
    start = pos
    while bytes(buffer[pos : pos + 2]) == _GROUP and pos + _HEAD_SIZE <= len(buffer):
        if pos - start > _MAX_SIZE:
            raise LimitExceeded(f"The File Meta Information is larger than {_MAX_SIZE} bytes.")
        head = bytes(buffer[pos : pos + 12])
        if not encoding.explicit:
            pos += _HEAD_SIZE + int.from_bytes(head[4:8], "little")
        elif head[4:6] in LONG_VRS:
            pos += 12 + int.from_bytes(head[8:12], "little")
        else:
            pos += _HEAD_SIZE + int.from_bytes(head[6:8], "little")
    return min(pos, len(buffer))
