"""Part 10 files (PS3.10 7.1): telling one, and the head that makes one of a bare data set."""

from struct import pack
from typing import Final

from apps.dicom.errors import NOT_OF_ITS_SOP_CLASS, Unreadable
from apps.dicom.filemeta import PREAMBLE_SIZE, PREFIX, is_part10
from apps.dicom.uids import is_valid_uid

__all__ = ["file_head", "is_part10"]

_VERSION: Final = b"\x00\x01"


def file_head(
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    *,
    implementation_class_uid: str,
    implementation_version_name: str,
) -> bytes:
    """Return what a file must start with, before a data set in the transfer syntax.

    An empty preamble, the prefix, and File Meta Information with what PS3.10 7.1 requires of a writer
    and the name of this implementation (16 characters at most). Raises Unreadable if the SOP Class or SOP
    Instance UID is none that could stand in it.
    """
    if not is_valid_uid(sop_class_uid) or not is_valid_uid(sop_instance_uid):
        raise Unreadable("The object has no valid SOP Class UID and SOP Instance UID.", NOT_OF_ITS_SOP_CLASS)
    elements = b"".join(
        (
            _element(0x0001, b"OB", _VERSION),
            _element(0x0002, b"UI", _uid(sop_class_uid)),
            _element(0x0003, b"UI", _uid(sop_instance_uid)),
            _element(0x0010, b"UI", _uid(transfer_syntax_uid)),
            _element(0x0012, b"UI", _uid(implementation_class_uid)),
            _element(0x0013, b"SH", _padded(implementation_version_name.encode("ascii"), b" ")),
        )
    )
    return b"\0" * PREAMBLE_SIZE + PREFIX + _element(0x0000, b"UL", pack("<I", len(elements))) + elements


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    if vr == b"OB":
        return pack("<HH2sHI", 0x0002, number, vr, 0, len(value)) + value
    return pack("<HH2sH", 0x0002, number, vr, len(value)) + value


def _uid(text: str) -> bytes:
    return _padded(text.encode("ascii"), b"\0")


def _padded(value: bytes, padding: bytes) -> bytes:
    return value + padding * (len(value) % 2)
