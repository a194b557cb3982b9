"""Changes to an object's attributes on its way out, and what they were before: PS3.3 C.12.1 (Original Attributes).

All in the DICOM JSON model (PS3.18 Annex F), and of the top level of a data set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import orjson

from apps.dicom.scope import CHARSET, json_charset
from apps.dicom.values import Element

Attributes = Mapping[str, Element]

ORIGINAL_ATTRIBUTES: Final = "04000561"
MODIFIED_ATTRIBUTES: Final = "04000550"
_MODIFIED_AT, _MODIFYING_SYSTEM, _SOURCE, _REASON = "04000562", "04000563", "04000564", "04000565"
# Studies have few corrections, and all their instances the same.
_REMEMBERED: Final = 256


class Reason(StrEnum):
    """The defined terms of Reason for the Attribute Modification (0400,0565)."""

    COERCE = "COERCE"
    CORRECT = "CORRECT"


@dataclass(frozen=True, slots=True)
class Modification:
    """What was changed at one moment: the new element by tag, None for one that is removed.

    `at` is a DT value (PS3.5 6.2), `system` the Modifying System (LO).
    """

    at: str
    reason: Reason
    system: str
    changes: Mapping[str, Element | None]


def modified(attributes: Attributes, modifications: Iterable[Modification]) -> dict[str, Element]:
    """Return the attributes after the modifications, in order of tag, with an item of Original Attributes for each.

    What a modification leaves as it is has no part in its item, and one that changes nothing has none. What was
    missing before is told as empty. Elements that are not changed are the same objects.
    """
    now = dict(attributes)
    items: list[dict[str, Element]] = []
    for modification in modifications:
        before = {tag: now.get(tag) for tag, new in modification.changes.items() if _differs(now.get(tag), new)}
        for tag in before:
            _put(now, tag, modification.changes[tag])
        if before:
            items.append(_item(modification, before))
    if not items:
        return now
    known = attributes.get(ORIGINAL_ATTRIBUTES, {}).get("Value") or []
    now[ORIGINAL_ATTRIBUTES] = {"vr": "SQ", "Value": [*known, *items]}
    if CHARSET not in now and not is_ascii(now, modifications):
        now[CHARSET] = json_charset()
    return dict(sorted(now.items()))


def touched(modifications: Iterable[Modification]) -> frozenset[str]:
    """Return the tags of all that the modifications may change."""
    tags = {tag for modification in modifications for tag in modification.changes}
    return frozenset(tags | {ORIGINAL_ATTRIBUTES})


def is_ascii(attributes: Attributes, modifications: Iterable[Modification]) -> bool:
    """Say whether all that was changed, and what it was before, can be written in any Specific Character Set."""
    said = {tag: attributes[tag] for tag in touched(modifications) if tag in attributes}
    return orjson.dumps(said).isascii()


def packed(modifications: Iterable[Modification]) -> bytes:
    """Return the modifications as bytes to keep, b"" for none."""
    rows = [[each.at, each.reason, each.system, each.changes] for each in modifications]
    return orjson.dumps(rows, option=orjson.OPT_SORT_KEYS) if rows else b""


@lru_cache(maxsize=_REMEMBERED)
def unpacked(kept: bytes) -> tuple[Modification, ...]:
    """Return what `packed` kept."""
    rows = orjson.loads(kept) if kept else ()
    return tuple(Modification(at, Reason(reason), system, changes) for at, reason, system, changes in rows)


def _differs(old: Element | None, new: Element | None) -> bool:
    if new is None:
        return old is not None
    return _content(old) != _content(new)


def _content(element: Element | None) -> Any:
    """What an element holds, None for an empty or missing one."""
    known = element or {}
    return known.get("Value") or known.get("InlineBinary") or known.get("BulkDataURI")


def _put(attributes: dict[str, Element], tag: str, element: Element | None) -> None:
    if element is None:
        attributes.pop(tag, None)
    else:
        attributes[tag] = element


def _item(modification: Modification, before: Mapping[str, Element | None]) -> dict[str, Element]:
    """Return an item of the Original Attributes Sequence; a value that is kept as bulk data stays in the file."""
    previous = {tag: _told(old, modification.changes[tag]) for tag, old in sorted(before.items())}
    return {
        MODIFIED_ATTRIBUTES: {"vr": "SQ", "Value": [previous]},
        _MODIFIED_AT: {"vr": "DT", "Value": [modification.at]},
        _MODIFYING_SYSTEM: {"vr": "LO", "Value": [modification.system]},
        _SOURCE: {"vr": "LO"},
        _REASON: {"vr": "CS", "Value": [modification.reason.value]},
    }


def _told(old: Element | None, new: Element | None) -> Element:
    if old is None or "BulkDataURI" in old:
        return {"vr": (old or new or {"vr": "UN"})["vr"]}
    return old
