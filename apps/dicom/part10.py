"""Part 10 files (PS3.10 7.1): telling one, and the head that makes one of a bare data set."""

from struct import pack
from typing import Final

from apps.dicom.elements import element
from apps.dicom.errors import NOT_OF_ITS_SOP_CLASS, Unreadable
from apps.dicom.filemeta import PREAMBLE_SIZE, PREFIX, is_part10
from apps.dicom.uids import is_valid_uid
from apps.saying import say

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
        raise Unreadable(say("The object has no valid SOP Class UID and SOP Instance UID."), NOT_OF_ITS_SOP_CLASS)
    elements = b"".join(
        (
            element("00020001", b"OB", _VERSION),
            element("00020002", b"UI", sop_class_uid.encode("ascii")),
            element("00020003", b"UI", sop_instance_uid.encode("ascii")),
            element("00020010", b"UI", transfer_syntax_uid.encode("ascii")),
            element("00020012", b"UI", implementation_class_uid.encode("ascii")),
            element("00020013", b"SH", implementation_version_name.encode("ascii")),
        )
    )
    return b"\0" * PREAMBLE_SIZE + PREFIX + element("00020000", b"UL", pack("<I", len(elements))) + elements
