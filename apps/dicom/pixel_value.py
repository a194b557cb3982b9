"""The Pixel Data element in Explicit VR Little Endian, made of frames that come one at a time (PS3.5 8.2, A.4)."""

from collections.abc import Iterable, Iterator
from struct import pack
from typing import Any, Final

from apps.dicom.attributes import integer, text
from apps.dicom.description import PIXEL_DATA, PixelDescription
from apps.dicom.elements import element, element_head
from apps.dicom.encapsulation import Bulk, encapsulated
from apps.dicom.fragments import UNDEFINED

# Pixel Data comes after it, and belongs to the old encapsulation with its offset tables.
OFFSET_TABLES: Final = ("7FE00001", "7FE00002")
_NUMBER_OF_FRAMES: Final = "00280008"


def describing(form: PixelDescription, count: int, attributes: dict[str, Any]) -> dict[str, bytes]:
    """Return the elements of the Image Pixel module that `count` frames of `form` change, by tag (PS3.3 C.7.6.3)."""
    changed: dict[str, bytes] = {}
    if text(attributes, "00280004").upper() != form.photometric_interpretation:
        changed["00280004"] = element("00280004", b"CS", form.photometric_interpretation.encode("ascii"))
    for key, number in (("00280006", form.planar_configuration), ("00280102", form.high_bit)):
        if key in attributes and integer(attributes, key) != number:
            changed[key] = element(key, b"US", pack("<H", number))
    if (integer(attributes, _NUMBER_OF_FRAMES) or 1) != count:
        changed[_NUMBER_OF_FRAMES] = element(_NUMBER_OF_FRAMES, b"IS", str(count).encode("ascii"))
    return changed


def native_length(form: PixelDescription, count: int) -> int:
    """Return how long the value of `count` native frames is, its padding included; single bits lie end to end."""
    octets = (form.samples * form.bits_allocated * count + 7) // 8
    return octets + octets % 2


def native_element(frames: Iterable[bytes], form: PixelDescription, count: int) -> Iterator[bytes]:
    """Yield Pixel Data of `count` native frames of `form`, none of which shares chrominance."""
    length = native_length(form, count)
    vr = b"OW" if form.bits_allocated > 8 else b"OB"
    yield element_head(PIXEL_DATA, vr, length)
    given = 0
    for piece in frames if form.bits_allocated > 1 else _end_to_end(frames, form.samples):
        given += len(piece)
        yield piece
    yield b"\0" * (length - given)


def _end_to_end(frames: Iterable[bytes], bits: int) -> Iterator[bytes]:
    """Yield frames of single bits without the padding behind each, as whole bytes."""
    held, width = 0, 0
    for frame in frames:
        held |= (int.from_bytes(frame, "little") & ((1 << bits) - 1)) << width
        width += bits
        whole = width // 8
        yield (held & ((1 << 8 * whole) - 1)).to_bytes(whole, "little")
        held, width = held >> 8 * whole, width % 8
    if width:
        yield bytes([held])


def encapsulated_element(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield Pixel Data of compressed frames: a fragment each, after an offset table that is empty (A.4).

    The table stands first, and would need the length of every frame before the first is made.
    """
    yield element_head(PIXEL_DATA, b"OB", UNDEFINED)
    yield from encapsulated(map(Bulk.of_bytes, frames), b"")
