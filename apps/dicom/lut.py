"""Look-up tables: Modality LUT, VOI LUT and the tables of palettes (PS3.3 C.11.1.1, C.11.2.1.1)."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.dicom.attributes import Attributes, items, numbers, octets, words

MODALITY_LUT_SEQUENCE = "00283000"
VOI_LUT_SEQUENCE = "00283010"
PALETTE_DATA = ("00281201", "00281202", "00281203")
SEGMENTED_PALETTE_DATA = ("00281221", "00281222", "00281223")
_DESCRIPTOR, _DATA = "00283002", "00283006"


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Entries of `bits` bits (1 to 16), held as native 16-bit words; the first is for the input `first`."""

    first: int
    bits: int
    data: bytes

    @classmethod
    def from_item(cls, item: Attributes, *, is_signed: bool) -> "LookupTable | None":
        """Read an item of a Modality or VOI LUT Sequence; None where it holds no usable table.

        `is_signed` says whether the table's inputs may be negative (PS3.3 C.11.1.1.1).
        """
        descriptor = read_descriptor(item, _DESCRIPTOR, is_signed=is_signed)
        if descriptor is None:
            return None
        count, first, bits = descriptor
        entries = read_entries(item, _DATA, count)
        return None if entries is None else cls(first, max(bits, int(entries.max()).bit_length()), entries.tobytes())

    @property
    def entries(self) -> NDArray[np.uint16]:
        """The entries in their order."""
        return np.frombuffer(self.data, np.uint16)

    def apply(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return the entry for each input; inputs outside the table take its first or last entry."""
        entries = self.entries
        index = np.clip(np.nan_to_num(inputs) - self.first, 0, len(entries) - 1)
        return entries[index.astype(np.intp)].astype(np.float64)

    def display(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return the entry for each input as a display value, 0 to 255."""
        return self.apply(inputs) * (255 / ((1 << self.bits) - 1))


def first_table(attributes: Attributes, sequence: str, *, is_signed: bool) -> LookupTable | None:
    """Return the first usable table of the LUT sequence `sequence`, or None."""
    tables = (LookupTable.from_item(item, is_signed=is_signed) for item in items(attributes, sequence))
    return next((table for table in tables if table is not None), None)


def read_descriptor(attributes: Attributes, tag: str, *, is_signed: bool) -> tuple[int, int, int] | None:
    """Return the count of entries, the first input mapped and the bits of an entry, or None if unusable."""
    descriptor = [int(value) for value in numbers(attributes, tag)]
    if len(descriptor) != 3 or not 0 <= descriptor[2] <= 16:
        return None
    count, first, bits = descriptor
    if is_signed and first > 0x7FFF:
        # The VR was read as US, but the inputs are signed.
        first -= 0x10000
    return (count & 0xFFFF) or 0x10000, first, bits


def read_entries(attributes: Attributes, tag: str, count: int) -> NDArray[np.uint16] | None:
    """Return `count` entries of a table, held as words or packed bytes; a short one repeats its last entry."""
    data = octets(attributes, tag)
    if data is not None and len(data) in (count, count + count % 2):
        entries: NDArray[np.uint16] | None = np.frombuffer(data, np.uint8, count).astype(np.uint16)
    else:
        entries = words(attributes, tag)
    if entries is None or not len(entries):
        return None
    return np.pad(entries[:count], (0, max(0, count - len(entries))), mode="edge")


def bulk_elements(attributes: Attributes) -> Iterator[MutableMapping[str, Any]]:
    """Yield the elements that rendering needs, but that the header only refers to by a BulkDataURI.

    The caller reads their bytes and sets "InlineBinary" in each (PS3.18 F.2.7) before it renders.
    """
    for tag in (*PALETTE_DATA, *SEGMENTED_PALETTE_DATA):
        yield from _bulk(attributes, tag)
    for sequence in (MODALITY_LUT_SEQUENCE, VOI_LUT_SEQUENCE):
        for item in items(attributes, sequence):
            yield from _bulk(item, _DATA)


def _bulk(attributes: Attributes, tag: str) -> Iterator[MutableMapping[str, Any]]:
    element = attributes.get(tag)
    if isinstance(element, MutableMapping) and "BulkDataURI" in element:
        yield element
