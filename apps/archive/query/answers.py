"""The answers to a search: rows of the index as DICOM JSON, attributes in the order of their tags (PS3.18 F.2.2).

The usual row is ready-made: its missing attributes are spliced in at places that are always there. A row that takes
attributes from several levels, or from a header, is put together as a dictionary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive.attributes import INSTANCE_AVAILABILITY, unpack, value
from apps.archive.intake import BASE
from apps.archive.query.keys import Level
from apps.archive.query.levels import RETRIEVE_URL, SERIES_UID, STUDY_UID, belongs
from apps.archive.query.statement import Columns

Row = Sequence[Any]

_PLACES: Final = ("studies", "series", "instances")
_SAID: Final = {"00080005": value("CS", "ISO_IR 192"), INSTANCE_AVAILABILITY: value("CS", "ONLINE")}
_CHARACTER_SET: Final = b'"00080005":{"vr":"CS","Value":["ISO_IR 192"]},'
_ONLINE: Final = b'"00080056":{"vr":"CS","Value":["ONLINE"]},'


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
        return b"[%b]" % b",".join(self._written(base))

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of DICOM JSON, without Retrieve URLs."""
        return [self._merged("", row) for row in self.rows]

    def _written(self, base: str) -> list[bytes]:
        if self.columns.above or self.columns.with_header:
            return [self._put_together(base, row) for row in self.rows]
        splice, root = _SPLICED[self.columns.level], orjson.dumps(base)[1:-1]
        return [splice(root, row) or self._put_together(base, row) for row in self.rows]

    def _put_together(self, base: str, row: Row) -> bytes:
        return orjson.dumps(self._merged(base, row), option=orjson.OPT_SORT_KEYS)

    def _merged(self, base: str, row: Row) -> dict[str, Any]:
        """One row as a dictionary: what is said of every object, each level's answer, its UIDs, and from the header."""
        depth = self.columns.level.value
        uids = row[:depth]
        answers = row[depth : depth + 1 + len(self.columns.above)]
        merged: dict[str, Any] = dict(_SAID)
        for found in reversed(answers):
            merged |= unpack(found)
        merged |= {tag: value("UI", uid) for tag, uid in zip((STUDY_UID, SERIES_UID), uids, strict=False)}
        if base:
            merged[RETRIEVE_URL] = value("UR", _url(base, uids))
        if self.columns.with_header and row[-1] is not None:
            merged = self._from_header(row[-1], base) | merged
        return merged

    def _from_header(self, packed: bytes, base: str) -> dict[str, Any]:
        text = isal_zlib.decompress(packed).replace(BASE.encode(), orjson.dumps(base)[1:-1])
        header: dict[str, Any] = orjson.loads(text)
        level = self.columns.level
        return {
            tag: element
            for tag, element in header.items()
            if tag in self.looked_up or (self.everything and belongs(tag, level))
        }


def _url(base: str, uids: Sequence[str]) -> str:
    return "/".join([base, *(f"{place}/{uid}" for place, uid in zip(_PLACES, uids, strict=False))])


def _study(base: bytes, row: Row) -> bytes:
    """A study's row; like its siblings it gives nothing where a place to splice at is missing."""
    uid, found = row
    before, mark, after = found.partition(b'"00100010":')
    url = b'"00081190":{"vr":"UR","Value":["%b/studies/%b"]},' % (base, uid.encode())
    return mark and b"{%b%b%b%b}" % (before, url, mark, after)


def _series(base: bytes, row: Row) -> bytes:
    study, series, found = row[0].encode(), row[1].encode(), row[2]
    head, mark, rest = found.partition(b'"00080060":')
    middle, uid_mark, after = rest.partition(b'"0020000E":')
    before, body_mark, body = middle.partition(b'"00180015":')
    url = b'"00081190":{"vr":"UR","Value":["%b/studies/%b/series/%b"]},' % (base, study, series)
    parent = b'"0020000D":{"vr":"UI","Value":["%b"]},' % study
    pieces = (b"{", _CHARACTER_SET, head, _ONLINE, mark, before, url, body_mark, body, parent, uid_mark, after, b"}")
    return uid_mark and b"".join(pieces)


def _instance(base: bytes, row: Row) -> bytes:
    study, series, sop, found = row[0].encode(), row[1].encode(), row[2].encode(), row[3]
    before, mark, rest = found.partition(b'"00083002":')
    middle, number_mark, after = rest.partition(b'"00200013":')
    return number_mark and (
        b'{%b%b%b"00081190":{"vr":"UR","Value":["%b/studies/%b/series/%b/instances/%b"]},%b%b'
        b'"0020000D":{"vr":"UI","Value":["%b"]},"0020000E":{"vr":"UI","Value":["%b"]},%b%b}'
    ) % (_CHARACTER_SET, before, _ONLINE, base, study, series, sop, mark, middle, study, series, number_mark, after)


_SPLICED: Final = {Level.STUDY: _study, Level.SERIES: _series, Level.INSTANCE: _instance}
