"""The answers to a search: rows of the index as DICOM JSON, attributes in the order of their tags (PS3.18 F.2.2).

The usual row is ready-made but for the DICOMweb root. A row that takes attributes from several levels is sorted from
their pieces of text; one that takes some from a header is put together as a dictionary.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive.attributes import RETRIEVE_URL, ROOT, pack, unpack
from apps.archive.corrected import corrected
from apps.archive.intake import BASE
from apps.archive.query.levels import EVERYWHERE, belongs
from apps.archive.query.statement import Columns

Row = Sequence[Any]

# A comma between two attributes: within texts there is no quotation mark without a backslash before it.
_BETWEEN: Final = re.compile(rb',(?="[0-9A-F]{8}":)')
_TAG: Final = slice(1, 9)
_EVERYWHERE: Final = frozenset(tag.encode() for tag in EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of matches.

    `more` is how many follow this page, counted up to `MAX_COUNTED`; `total` is how many there are in all, None where
    that is not known. `warnings` are texts for the person who asked.
    """

    columns: Columns
    rows: Sequence[Row]
    looked_up: frozenset[str]
    everything: bool
    total: int | None
    more: int
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def json(self, base: str) -> bytes:
        """All rows as one array of DICOM JSON, their Retrieve URLs under the DICOMweb root `base`."""
        if not self.rows:
            return b"[]"
        if self.columns.with_header:
            return orjson.dumps(list(self._merged(base)), option=orjson.OPT_SORT_KEYS)
        ready_made = self._sorted() if self.columns.above else [found for (found,) in self.rows]
        return b"[{%b}]" % b"},{".join(ready_made).replace(ROOT, orjson.dumps(base)[1:-1])

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of DICOM JSON, without Retrieve URLs."""
        return [{tag: row[tag] for tag in row if tag != RETRIEVE_URL} for row in self._merged("")]

    def _sorted(self) -> Iterator[bytes]:
        """The rows of several levels as text."""
        known: dict[Row, list[bytes]] = {}
        for found, *above in self.rows:
            upper = tuple(bytes(one) for one in above)
            if upper not in known:
                pieces = [piece for one in upper for piece in _pieces(one)]
                known[upper] = [piece for piece in pieces if piece[_TAG] not in _EVERYWHERE]
            yield b",".join(sorted(_pieces(bytes(found)) + known[upper]))

    def _merged(self, base: str) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries: the levels' answers, the lowest one's last, and what is looked up in a header."""
        own, *above = range(1 + len(self.columns.above))
        known: dict[bytes, dict[str, Any]] = {}
        for row in self.rows:
            merged: dict[str, Any] = self._from_header(row[-2], row[-1], base) if self.columns.with_header else {}
            for place in reversed(above):
                found = bytes(row[place])
                if found not in known:
                    known[found] = unpack(found)
                merged |= known[found]
            merged |= unpack(row[own])
            (address,) = merged[RETRIEVE_URL]["Value"]
            merged[RETRIEVE_URL] = {"vr": "UR", "Value": [f"{base}{address}"]}
            yield merged

    def _from_header(self, packed: bytes | None, correction: bytes, base: str) -> dict[str, Any]:
        if packed is None:
            return {}
        text = isal_zlib.decompress(packed).replace(BASE.encode(), orjson.dumps(base)[1:-1])
        header: dict[str, Any] = corrected(orjson.loads(text), bytes(correction))
        level = self.columns.level
        return {
            tag: element
            for tag, element in header.items()
            if tag in self.looked_up or (self.everything and belongs(tag, level))
        }


def _pieces(found: bytes) -> list[bytes]:
    """Each attribute of a ready-made answer, as text."""
    if b'"SQ"' not in found:
        return _BETWEEN.split(found)
    # What separates attributes separates those of an item too.
    elements = unpack(found)
    return [pack({tag: element}) for tag, element in elements.items()]
