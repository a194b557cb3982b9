"""Modifications in the byte stream: elements in Explicit VR Little Endian with others in their place (PS3.5 7.1.2)."""

from collections.abc import Iterable, Mapping
from struct import pack
from typing import Final

from apps.dicom.elements import element, element_head
from apps.dicom.encoding import encode
from apps.dicom.heads import ITEM_GROUP
from apps.dicom.items import ITEM
from apps.dicom.modifications import ORIGINAL_ATTRIBUTES, Attributes
from apps.dicom.values import Element

# Tag, VR, two zero bytes and the length of a sequence.
_SEQUENCE_HEAD: Final = 12


def amended(
    elements: Mapping[str, bytes], before: Attributes, after: Attributes, tags: Iterable[str]
) -> dict[str, bytes]:
    """Return the elements of a data set that told `before`, by tag, changed at `tags` so that they tell `after`.

    `elements` are those of `rewriting.rewrite`. Text is written in UTF-8: unless it is of ASCII alone, the
    others must be in UTF-8 too. Items of the Original Attributes Sequence that were there stay as they are.
    """
    found = dict(elements)
    for tag in tags:
        if after.get(tag) == before.get(tag):
            continue
        if tag not in after:
            found.pop(tag, None)
        elif tag == ORIGINAL_ATTRIBUTES:
            found[tag] = _lengthened(found.get(tag, b""), before.get(tag, {}), after[tag])
        else:
            found[tag] = written(tag, after[tag])
    return dict(sorted(found.items()))


def written(tag: str, told: Element) -> bytes:
    """Return one element of the DICOM JSON model, sequences with defined lengths. Raises Unreadable for bulk data."""
    if told["vr"] != "SQ":
        return element(tag, told["vr"].encode("ascii"), encode(told, tag))
    value = b"".join(_item(item or {}) for item in told.get("Value") or ())
    return element_head(tag, b"SQ", len(value)) + value


def _lengthened(known: bytes, before: Element, after: Element) -> bytes:
    """Return the sequence with the items that it has got since."""
    count = len(before.get("Value") or ())
    value = known[_SEQUENCE_HEAD:] + b"".join(map(_item, after["Value"][count:]))
    return element_head(ORIGINAL_ATTRIBUTES, b"SQ", len(value)) + value


def _item(attributes: Attributes) -> bytes:
    content = b"".join(written(tag, told) for tag, told in sorted(attributes.items()))
    return pack("<HHI", ITEM_GROUP, ITEM, len(content)) + content
