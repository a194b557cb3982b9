"""What the reader knows of a DICOM object: its attributes as DICOM JSON, and where its bulk data lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.dicom.fragments import Fragments
from apps.dicom.source import Source
from apps.dicom.values import Element


@dataclass(frozen=True, slots=True)
class BulkValue:
    """Where a large value lies: `length` bytes from `offset`, None if it is encapsulated (fragments).

    `swap` is the size of the words whose bytes must be reversed to get little endian: 1 for nothing to do,
    more in a big-endian object (`values.swapped` does it).
    """

    vr: str
    offset: int
    length: int | None
    swap: int = 1


@dataclass(slots=True)
class Header:
    """A DICOM object without its bulk data.

    `attributes` and `file_meta` (group 0002) are in the DICOM JSON model (PS3.18 Annex F) by tag, in order
    of tag. `bulk` says by path where the values lie that `attributes` leaves out: "7FE00010", or for
    nested ones "54000100.1.54001010" (sequence, item from 1, element). Offsets count from the start of
    the buffer, or from that of `inflated`, the data set of a deflated object. `has_meta` is False if
    the buffer has no complete File Meta Information, so that a Part 10 head must go before
    `dataset_offset` (see `part10.file_head`). `warnings` say what was tolerated, without patient data.
    """

    attributes: dict[str, Element]
    file_meta: dict[str, Element]
    transfer_syntax_uid: str
    bulk: dict[str, BulkValue]
    pixel_data: BulkValue | None
    dataset_offset: int
    has_meta: bool
    inflated: Source | None
    warnings: tuple[str, ...]
    fragments: Fragments | None = field(default=None, repr=False)

    def text(self, tag: str, default: str = "") -> str:
        """Return the first value of a top-level attribute as text, `default` if there is none.

        Of a name it is the first group that isn't empty, with its carets.
        """
        value = first_value(self.attributes, tag)
        if value is None:
            return default
        if isinstance(value, dict):
            return next(iter(value.values()), default)
        return f"{value:.15g}" if isinstance(value, float) else str(value)

    def resolve_bulk(self, base: str) -> None:
        """Make every BulkDataURI `{base}/{path}`; until then they are the path alone."""
        for path in self.bulk:
            element = find_element(self.attributes, path)
            if element is not None:
                element["BulkDataURI"] = f"{base}/{path}"


def find_element(attributes: dict[str, Element], path: str) -> Element | None:
    """Return the element at a path such as "54000100.1.54001010", None if there is none."""
    elements: dict[str, Any] = attributes
    *steps, last = path.split(".")
    for sequence, item in zip(steps[::2], steps[1::2], strict=True):
        items = elements.get(sequence, {}).get("Value") or []
        if int(item) > len(items) or not isinstance(items[int(item) - 1], dict):
            return None
        elements = items[int(item) - 1]
    return elements.get(last)


def is_bulk(attributes: dict[str, Element], path: str) -> bool:
    """Say whether the element at a path is bulk data."""
    return "BulkDataURI" in (find_element(attributes, path) or {})


def first_value(attributes: Mapping[str, Element], tag: str) -> Any:
    """Return the first value of an attribute in the DICOM JSON model, None if it is missing or empty."""
    values = attributes.get(tag, {}).get("Value")
    return values[0] if values else None
