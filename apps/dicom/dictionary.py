"""The data dictionary (PS3.6) as the reader needs it: the VR of an element that doesn't say its own."""

from functools import lru_cache
from struct import Struct
from typing import Final

from pydicom.datadict import dictionary_VR, private_dictionary_VR

# What stands for the VRs that depend on other elements, in the order of the dictionary's own words.
US_OR_SS: Final = b"??"
_AMBIGUOUS: Final = {
    "OB or OW": b"OW",
    "OB_OW": b"OW",
    "US or OW": b"OW",
    "US or SS": US_OR_SS,
    "US or SS or OW": b"OW",
    "NONE": b"UN",
}
_MAX_CACHED_TAGS: Final = 20_000


class TagTable(dict[bytes, tuple[str, bytes]]):
    """The key in DICOM JSON and the VR of a tag, by the tag's four bytes as they stand in the file.

    The key is "" where the reader has to look closer: group lengths, items and delimiters, and Specific
    Character Set. The VR is b"" where only the data set can tell: private elements and unknown ones.
    It remembers what it has looked up, but not without bound: a file may hold any tag.
    """

    def __init__(self, big_endian: bool) -> None:
        super().__init__()
        self._tag = Struct(">HH" if big_endian else "<HH")

    def __missing__(self, raw: bytes) -> tuple[str, bytes]:
        group, element = self._tag.unpack(raw)
        close_look = element == 0 or group == 0xFFFE or (group, element) == (0x0008, 0x0005)
        entry = ("" if close_look else f"{group:04X}{element:04X}", standard_vr(group << 16 | element))
        if len(self) < _MAX_CACHED_TAGS:
            self[raw] = entry
        return entry


LITTLE_ENDIAN_TAGS: Final = TagTable(big_endian=False)
BIG_ENDIAN_TAGS: Final = TagTable(big_endian=True)


@lru_cache(maxsize=_MAX_CACHED_TAGS)
def standard_vr(tag: int) -> bytes:
    """Return the VR that PS3.6 gives an element, b"" if it has none or leaves it to other elements.

    US_OR_SS says that Pixel Representation decides; words are what remains of the other choices, as
    Implicit VR has it (PS3.5 A.1).
    """
    if tag >> 16 & 1:
        return b""
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return b""
    return _AMBIGUOUS.get(vr) or vr.encode("ascii")


@lru_cache(maxsize=_MAX_CACHED_TAGS)
def private_vr(creator: str, tag: int) -> bytes:
    """Return the VR that a vendor's private dictionary gives an element, b"" if it isn't known."""
    try:
        vr = private_dictionary_VR(tag, creator)
    except KeyError:
        return b""
    return _AMBIGUOUS.get(vr) or vr.encode("ascii")
