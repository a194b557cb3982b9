"""Ready-made metadata: one gzipped document for each series and study, made once for each of its versions.

A document is named by the key and version of what it tells of, so it is never stale: when an instance comes or goes
the version is raised, and the next reader (or the job after the store) makes the new one.
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from isal import igzip, isal_zlib

from apps.accounts.principal import Principal
from apps.archive.corrected import corrected_text
from apps.archive.intake import BASE
from apps.archive.models import Instance
from apps.archive.rights import series_sql
from apps.core import metrics
from apps.core.errors import NotFound
from apps.saying import say

GZIP_BITS: Final = 31
LEVEL: Final = 1
ROWS_AT_ONCE: Final = 100
PIECE: Final = 1 << 20

QUERY: Final = (
    "SELECT t.id, t.version, s.id, s.version, t.practice_id FROM archive_series s"
    " JOIN archive_study t ON t.id = s.study_id WHERE t.study_instance_uid = %s AND {}"
)


@dataclass(frozen=True, slots=True)
class Document:
    """The metadata of a series or a study as a JSON array (PS3.18 10.4.1.1.2), gzipped in a file of the cache.

    `base` is the address of the DICOMweb root, which the bulk data's addresses begin with.
    """

    kind: str
    pk: int
    version: int
    practice_id: int
    base: str
    series: tuple["Document", ...] = ()

    @property
    def etag(self) -> str:
        """Weak, since the same document goes out both gzipped and plain (RFC 9110 8.8.1)."""
        return f'W/"{self.kind}-{self.pk}-{self.version}-{self._base_hash}"'

    def gzipped(self) -> bytes:
        """The document, made where it is not there yet."""
        path = self._path
        try:
            document = path.read_bytes()
        except FileNotFoundError:
            metrics.cache_read("metadata", was_ready=False)
            self.make()
            return path.read_bytes()
        metrics.cache_read("metadata", was_ready=True)
        return document

    def prepare(self) -> None:
        """Make it where it is not there yet: nobody waits for it."""
        if not self._path.exists():
            self.make()

    def make(self) -> None:
        """Write the document and remove those of earlier versions. Two at once do the same work and agree."""
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{secrets.token_hex(8)}"
        with temporary.open("wb") as file:
            for piece in _compressed(self._pieces()):
                file.write(piece)
        temporary.replace(self._path)
        for other in folder.glob("*.gz"):
            if int(other.name.partition("-")[0]) < self.version:
                other.unlink(missing_ok=True)

    @property
    def _base_hash(self) -> str:
        return hashlib.sha256(self.base.encode()).hexdigest()[:8]

    @property
    def _path(self) -> Path:
        return _folder(self.kind, self.pk) / f"{self.version}-{self._base_hash}.gz"

    def _pieces(self) -> Iterator[bytes]:
        yield b"["
        if self.kind == "series":
            yield from _between(b",", _headers(self.pk, self.base))
        else:
            yield from _between(b",", (_inside(plain(document.gzipped())) for document in self.series))
        yield b"]"


def series(principal: Principal, study_uid: str, series_uid: str, base: str) -> Document:
    """The document of one series; one query. Raises NotFound."""
    _, _, pk, version, practice_id = _versions(principal, study_uid, series_uid)[0]
    return Document("series", pk, version, practice_id, base)


def study(principal: Principal, study_uid: str, base: str) -> Document:
    """The document of all series of a study, in their order; one query. Raises NotFound."""
    found = _versions(principal, study_uid, "")
    parts = tuple(Document("series", pk, version, practice, base) for _, _, pk, version, practice in found)
    study_pk, study_version, _, _, practice_id = found[0]
    return parts[0] if len(parts) == 1 else Document("study", study_pk, study_version, practice_id, base, parts)


def plain(gzipped: bytes) -> bytes:
    """The document as it was before it was compressed."""
    data: bytes = igzip.decompress(gzipped)
    return data


def plain_pieces(gzipped: bytes) -> Iterator[bytes]:
    """The same in pieces, for documents that are better not held whole."""
    inflater = isal_zlib.decompressobj(GZIP_BITS)
    rest = gzipped
    while rest and not inflater.eof:
        yield inflater.decompress(rest, PIECE)
        rest = inflater.unconsumed_tail


def plain_size(gzipped: bytes) -> int:
    """How long the plain document is: the trailer of RFC 1952 2.3.1."""
    return int.from_bytes(gzipped[-4:], "little")


def headers(document: Document) -> Iterator[bytes]:
    """The headers that the document holds, one by one and in its order; what is deleted meanwhile is left out.

    Nothing stays open between the hundreds in which they are fetched: the reader may be a slow client.
    """
    marker = BASE.encode()
    for part in document.series or (document,):
        ordered = Instance.objects.filter(series=part.pk).order_by("instance_number", "pk")
        keys = list(ordered.values_list("pk", flat=True))
        for start in range(0, len(keys), ROWS_AT_ONCE):
            rows = ordered.filter(pk__in=keys[start : start + ROWS_AT_ONCE])
            for packed, correction in list(rows.values_list("header", "series__study__correction")):
                yield _header(packed, correction).replace(marker, part.base.encode())


def forget(kind: str, pks: Iterable[int]) -> None:
    """Remove the documents of series or studies that are gone."""
    for pk in pks:
        shutil.rmtree(_folder(kind, pk), ignore_errors=True)


def _folder(kind: str, pk: int) -> Path:
    return Path(settings.DATA) / "cache" / "metadata" / kind / f"{pk % 256:02x}" / str(pk)


def _versions(principal: Principal, study_uid: str, series_uid: str) -> list[tuple[int, int, int, int, int]]:
    condition, parameters = series_sql(principal)
    query = QUERY.format(condition)
    parameters = [study_uid, *parameters]
    if series_uid:
        query += " AND s.series_instance_uid = %s"
        parameters.append(series_uid)
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY s.series_number, s.id", parameters)
        rows = cursor.fetchall()
    if not rows:
        raise NotFound(say("There is no such study or series."))
    practices = {row[4] for row in rows}
    chosen = principal.practice_id if principal.practice_id in practices else min(practices)
    return [row for row in rows if row[4] == chosen]


def _headers(series_pk: int, base: str) -> Iterator[bytes]:
    """The series' headers in instance order, a hundred at a time, their bulk data's addresses made whole."""
    encoded, marker = base.encode(), BASE.encode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.header, t.correction FROM archive_instance i JOIN archive_series s ON s.id = i.series_id"
            " JOIN archive_study t ON t.id = s.study_id WHERE i.series_id = %s ORDER BY i.instance_number, i.id",
            [series_pk],
        )
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for packed, correction in rows:
                yield _header(packed, correction).replace(marker, encoded)


def _header(packed: bytes | memoryview, correction: bytes | memoryview) -> bytes:
    """The header as it leaves. A correction comes with a version of its own, as an instance does."""
    header: bytes = isal_zlib.decompress(packed)
    return corrected_text(header, bytes(correction)) if correction else header


def _inside(array: bytes) -> bytes:
    return array[1:-1]


def _between(separator: bytes, items: Iterable[bytes]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        if number:
            yield separator
        yield item


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = isal_zlib.compressobj(LEVEL, wbits=GZIP_BITS)
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()
