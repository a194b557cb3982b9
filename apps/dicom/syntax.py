"""How a data set is encoded: what its transfer syntax says (PS3.5 10, Annex A), and what its bytes say."""

from typing import Final, NamedTuple

from apps.dicom.source import Source

IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
EXPLICIT_VR_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS: Final = "1.2.840.113619.5.2"
NATIVE: Final = frozenset(
    {
        IMPLICIT_VR_LITTLE_ENDIAN,
        EXPLICIT_VR_LITTLE_ENDIAN,
        EXPLICIT_VR_BIG_ENDIAN,
        "1.2.840.10008.1.2.1.99",
        GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS,
    }
)
# What pydicom's dictionary does not have.
_NAMES: Final = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
    GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS: "Private: GE, Implicit VR, big-endian pixels",
}
_FIRST_GROUPS: Final = (0x0004, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028)
_FIRST_GROUPS_LITTLE: Final = frozenset(group.to_bytes(2, "little") for group in _FIRST_GROUPS)
_FIRST_GROUPS_BIG: Final = frozenset(group.to_bytes(2, "big") for group in _FIRST_GROUPS)
_VIDEO_PREFIX: Final = "1.2.840.10008.1.2.4.10"


class Encoding(NamedTuple):
    """Whether elements say their VR, and the order of their bytes."""

    explicit: bool
    big_endian: bool


IMPLICIT_LITTLE: Final = Encoding(explicit=False, big_endian=False)
EXPLICIT_LITTLE: Final = Encoding(explicit=True, big_endian=False)
EXPLICIT_BIG: Final = Encoding(explicit=True, big_endian=True)


def declared_encoding(transfer_syntax_uid: str) -> Encoding:
    """Return the encoding of a transfer syntax; all that aren't listed are Explicit VR Little Endian (A.4)."""
    if transfer_syntax_uid in (IMPLICIT_VR_LITTLE_ENDIAN, GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS):
        return IMPLICIT_LITTLE
    return EXPLICIT_BIG if transfer_syntax_uid == EXPLICIT_VR_BIG_ENDIAN else EXPLICIT_LITTLE


def transfer_syntax_of(encoding: Encoding) -> str:
    """Return the native transfer syntax of an encoding found in the bytes."""
    if not encoding.explicit:
        return IMPLICIT_VR_LITTLE_ENDIAN
    return EXPLICIT_VR_BIG_ENDIAN if encoding.big_endian else EXPLICIT_VR_LITTLE_ENDIAN


def of_frames(transfer_syntax_uid: str) -> str:
    """Return the transfer syntax of a frame by itself: native frames are handed out little endian and not deflated."""
    return EXPLICIT_VR_LITTLE_ENDIAN if transfer_syntax_uid in NATIVE else transfer_syntax_uid


def name_of(transfer_syntax_uid: str) -> str:
    """Return what the standard calls a transfer syntax; its UID where nobody calls it anything."""
    from pydicom.uid import UID

    return _NAMES.get(transfer_syntax_uid) or UID(transfer_syntax_uid).name


def is_video(transfer_syntax_uid: str) -> bool:
    """Say whether pixel data is one MPEG-2, MPEG-4 or HEVC stream (A.4.5 to A.4.7), fragmented or not."""
    return transfer_syntax_uid.startswith(_VIDEO_PREFIX)


def found_encoding(buffer: Source, pos: int, declared: Encoding) -> Encoding:
    """Return the encoding that the data set at `pos` has by the look of its first element.

    Writers do declare one encoding and use another. If the first group is one that data sets start with, but
    only in the other order of bytes, that order is the right one; two capital letters after the tag are
    a VR, since as part of a length they would say more than 16 KiB.
    """
    head = bytes(buffer[pos : pos + 8])
    if len(head) < 8:
        return declared
    group, reversed_group = head[:2], head[1::-1]
    first_groups = _FIRST_GROUPS_BIG if declared.big_endian else _FIRST_GROUPS_LITTLE
    is_reversed = reversed_group in first_groups and group not in first_groups
    return Encoding(explicit=is_vr(head[4:6]), big_endian=declared.big_endian != is_reversed)


def is_vr(letters: bytes) -> bool:
    """Say whether two bytes look like a VR: two capital letters of ASCII."""
    return letters.isalpha() and letters.isupper()
