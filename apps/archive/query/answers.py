"""The answers to a search: rows of the index as DICOM JSON, attributes in the order of their tags (PS3.18 F.2.2).

The usual row is ready-made but for the DICOMweb root. A row that takes attributes from several levels, or from a
header, is put together as a dictionary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from isal import isal_zlib

from apps.archive.attributes import RETRIEVE_URL, ROOT, unpack
from apps.archive.intake import BASE
from apps.archive.query.levels import belongs
from apps.archive.query.statement import Columns

Row = Sequence[Any]


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
        if self.columns.above or self.columns.with_header:
            return orjson.dumps(list(self._merged(base)), option=orjson.OPT_SORT_KEYS)
        ready_made = b"},{".join([found for (found,) in self.rows])
        return b"[{%b}]" % ready_made.replace(ROOT, orjson.dumps(base)[1:-1])

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of DICOM JSON, without Retrieve URLs."""
        return [{tag: row[tag] for tag in row if tag != RETRIEVE_URL} for row in self._merged("")]

    def _merged(self, base: str) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries: the levels' answers, the lowest one's last, and what is looked up in a header."""
        own, *above = range(1 + len(self.columns.above))
        known: dict[bytes, dict[str, Any]] = {}
        for row in self.rows:
            merged: dict[str, Any] = self._from_header(row[-1], base) if self.columns.with_header else {}
            for place in reversed(above):
                found = bytes(row[place])
                if found not in known:
                    known[found] = unpack(found)
                merged |= known[found]
            merged |= unpack(row[own])
            (address,) = merged[RETRIEVE_URL]["Value"]
            merged[RETRIEVE_URL] = {"vr": "UR", "Value": [f"{base}{address}"]}
            yield merged

    def _from_header(self, packed: bytes | None, base: str) -> dict[str, Any]:
        if packed is None:
            return {}
        text = isal_zlib.decompress(packed).replace(BASE.encode(), orjson.dumps(base)[1:-1])
        header: dict[str, Any] = orjson.loads(text)
        level = self.columns.level
        return {
            tag: element
            for tag, element in header.items()
            if tag in self.looked_up or (self.everything and belongs(tag, level))
        }
