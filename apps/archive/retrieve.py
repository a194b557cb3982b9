"""Handing out what is stored: instances, frames, bulk data and headers, each by one query and without parsing a file.

Every function asks for a principal and finds nothing outside what it may see; what is hidden and what is absent look
alike (NotFound).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from blake3 import blake3
from django.db import connection
from isal import isal_zlib

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.corrected import corrected_text
from apps.archive.models import Series
from apps.archive.rights import NO_SUCH, denied, series_sql
from apps.archive.statements import marks, plain
from apps.archive.storage import site_objects
from apps.core.errors import NotFound
from apps.dicom.frames import FrameIndex
from apps.dicom.inflation import inflate
from apps.dicom.limits import Limits
from apps.dicom.source import Source
from apps.dicom.syntax import DEFLATED, of_frames
from apps.dicom.values import swapped
from apps.saying import say

PIECE: Final = 128 * 1024
INFLATED_BYTES: Final = 512 << 20

COLUMNS: Final = (
    "i.id, t.practice_id, t.study_instance_uid, s.series_instance_uid, i.sop_instance_uid, i.sop_class_uid,"
    " i.transfer_syntax_uid, i.file_key, i.size, i.digest, i.number_of_frames, i.dataset_offset, t.correction"
)
TABLES: Final = (
    " FROM archive_instance i JOIN archive_series s ON s.id = i.series_id JOIN archive_study t ON t.id = s.study_id"
)
JOINED: Final = f"{TABLES} WHERE t.study_instance_uid = %s"


class Encapsulated(NotFound):
    """The bulk data is encapsulated pixel data (PS3.5 A.4), which has no value but its frames."""


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """A stored object: its names, and where its bytes are.

    `correction` is what is changed of its header when it leaves (`apps.dicom.modifications`), empty for nothing.
    """

    pk: int
    practice_id: int
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    file_key: str
    size: int
    digest: bytes
    number_of_frames: int
    dataset_offset: int
    correction: bytes = b""

    @property
    def etag(self) -> str:
        """Strong, by content: the same object is never stored with other bytes under the same hash (RFC 9110 8.8.3).

        It is of what no correction changes: pixels and other bulk data.
        """
        return f'"{self.digest[:16].hex()}"'

    @property
    def corrected_etag(self) -> str:
        """The same of what tells the header too: another one for each correction."""
        if not self.correction:
            return self.etag
        return f'"{blake3(self.digest + self.correction).hexdigest(16)}"'


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of an instance: bare pixel data, one item a frame, in the order asked for (PS3.18 10.4.1.1.3)."""

    instance: StoredInstance
    index: FrameIndex
    numbers: tuple[int, ...]

    @property
    def transfer_syntax_uid(self) -> str:
        """Of the frames by themselves, not of the file."""
        return of_frames(self.instance.transfer_syntax_uid)

    def __iter__(self) -> Iterator[bytes]:
        reader = Reader(self.instance)
        return (self.index.extract(reader, number) for number in self.numbers)


@dataclass(frozen=True, slots=True)
class BulkData:
    """One bulk data value: where it lies in the object (in the inflated data set of a deflated one)."""

    instance: StoredInstance
    vr: str
    offset: int
    length: int
    swap: int

    def pieces(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The value in little endian, or `length` bytes of it from `start`, a piece at a time."""
        reader = Reader(self.instance)
        width = max(self.swap, 1)
        end = self.length if length is None else min(start + length, self.length)
        # Whole words are read, of which the first and the last may be given in part.
        behind = min(-(-end // width) * width, self.length)
        for begin in range(start - start % width, behind, PIECE):
            data = reader(self.offset + begin, min(PIECE, behind - begin))
            yield swapped(data, width)[max(start - begin, 0) : end - begin]


class Reader:
    """Reads an object's bytes; a deflated one's data set is inflated once, within bounds."""

    def __init__(self, instance: StoredInstance) -> None:
        self.instance = instance
        self._inflated: Source | None = None

    def __call__(self, offset: int, length: int) -> bytes:
        if self.instance.transfer_syntax_uid not in DEFLATED:
            return site_objects().read(self.instance.file_key, offset, length)
        if self._inflated is None:
            self._inflated = self._inflate()
        return bytes(self._inflated[offset : offset + length])

    def _inflate(self) -> Source:
        start = self.instance.dataset_offset
        return inflate(site_objects().read(self.instance.file_key, start, self.instance.size - start), 0, Limits())


def instance(
    principal: Principal, study: str, series: str, sop: str, permission: Permission = Permission.VIEW
) -> StoredInstance:
    """One stored object. Raises NotFound, and Refused for one that may be seen and no more."""
    return StoredInstance(*_row(principal, COLUMNS, study, series, sop, permission))


def instances(
    principal: Principal, study: str, series: str = "", sop: str = "", permission: Permission = Permission.VIEW
) -> list[StoredInstance]:
    """The objects of a study, a series, or one by its UID alone, in series and instance order.

    Raises NotFound, and Refused for what may be seen and no more.
    """
    condition, parameters = series_sql(principal, permission)
    query = f"SELECT {COLUMNS}{JOINED} AND {condition}"
    parameters = [study, *parameters]
    if series:
        query += " AND s.series_instance_uid = %s"
        parameters.append(series)
    if sop:
        query += " AND i.sop_instance_uid = %s"
        parameters.append(sop)
    query += " ORDER BY t.practice_id, s.series_number, s.id, i.instance_number, i.id"
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found = [_stored(row) for row in cursor.fetchall()]
    if not found:
        raise denied(principal, permission, study)
    return [stored for stored in found if stored.practice_id == found[0].practice_id]


def chosen(
    principal: Principal, study: str, keys: Sequence[int], permission: Permission = Permission.VIEW
) -> list[StoredInstance]:
    """The instances of a study with these keys, in their order; those that are gone or hidden are left out."""
    condition, parameters = series_sql(principal, permission)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}{JOINED} AND {condition} AND i.id IN ({marks(len(keys))})", [study, *parameters, *keys]
        )
        found = {row[0]: _stored(row) for row in cursor.fetchall()}
    return [found[key] for key in keys if key in found]


def by_uid(principal: Principal, sop: str, permission: Permission = Permission.VIEW) -> StoredInstance:
    """The object of this SOP Instance UID; the active practice's, where several have it. Raises NotFound."""
    condition, parameters = series_sql(principal, permission)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS}{TABLES} WHERE i.sop_instance_uid = %s AND {condition}", [sop, *parameters])
        found = [_stored(row) for row in cursor.fetchall()]
    if not found:
        raise NotFound(NO_SUCH)
    return min(found, key=lambda stored: (stored.practice_id != principal.practice_id, stored.pk))


def by_key(pk: int) -> StoredInstance | None:
    """The object with this key, for the server's own work; None where it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS}{TABLES} WHERE i.id = %s", [pk])
        row = cursor.fetchone()
    return _stored(row) if row else None


def header(principal: Principal, study: str, series: str, sop: str) -> tuple[StoredInstance, bytes]:
    """An object and its header as it leaves: DICOM JSON of one data set (PS3.18 F.2).

    Its bulk data's addresses stand after `BASE`.
    """
    *columns, packed = _row(principal, f"{COLUMNS}, i.header", study, series, sop)
    stored = StoredInstance(*columns)
    return stored, corrected_text(isal_zlib.decompress(packed), stored.correction)


def representative(principal: Principal, study: str, series: str = "", sop: str = "") -> StoredInstance:
    """The object that stands for a study or series: the middle image of the first series that has images.

    Where there is no image it is the first object; for one SOP Instance UID it is that object. Raises NotFound.
    """
    if sop:
        return instances(principal, study, series, sop)[0]
    condition, parameters = series_sql(principal)
    parameters = [study, *parameters]
    if series:
        condition += " AND s.series_instance_uid = %s"
        parameters.append(series)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, SUM(CASE WHEN i.number_of_frames > 0 THEN 1 ELSE 0 END) AS images"
            f"{JOINED} AND {condition} GROUP BY s.id, s.series_number ORDER BY s.series_number, s.id",
            parameters,
        )
        series_pk, images = _first_with_images(cursor.fetchall())
        cursor.execute(
            f"SELECT {COLUMNS}{JOINED} AND s.id = %s AND i.number_of_frames >= %s"
            " ORDER BY i.instance_number, i.id LIMIT 1 OFFSET %s",
            [study, series_pk, min(images, 1), images // 2],
        )
        return _stored(cursor.fetchone())


def _first_with_images(rows: list[tuple[int, int]]) -> tuple[int, int]:
    if not rows:
        raise NotFound(say("There is no such study, series or instance."))
    return next((row for row in rows if row[1]), rows[0])


def modality_of(stored: StoredInstance) -> str:
    """The modality of the object's series, such as SR."""
    return Series.objects.values_list("modality", flat=True).get(instances=stored.pk) or "DICOM"


def frames(principal: Principal, study: str, series: str, sop: str, numbers: Sequence[int]) -> Frames:
    """Frames by their numbers, which count from 1. Raises NotFound for an object or a frame that isn't there."""
    *columns, packed = _row(principal, f"{COLUMNS}, i.frame_index", study, series, sop)
    stored = StoredInstance(*columns)
    if any(not 1 <= number <= stored.number_of_frames for number in numbers):
        raise NotFound(
            say(
                "The instance has {number_of_frames} frame(s); they count from 1.",
                number_of_frames=stored.number_of_frames,
            )
        )
    return Frames(stored, FrameIndex.from_bytes(bytes(packed)), tuple(numbers))


def bulk_data(principal: Principal, study: str, series: str, sop: str, path: str) -> BulkData:
    """A bulk data value by its path (`00420011`, or `54000100.1.54001010` inside a sequence).

    Raises NotFound; Encapsulated, which is one too, for encapsulated pixel data.
    """
    *columns, packed = _row(principal, f"{COLUMNS}, i.bulk_index", study, series, sop)
    return _bulk(StoredInstance(*columns), packed, path)


def bulk_of(stored: StoredInstance, path: str) -> BulkData:
    """The same of an object that has been retrieved. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bulk_index FROM archive_instance WHERE id = %s", [stored.pk])
        row = cursor.fetchone()
    return _bulk(stored, row[0] if row else b"", path)


def _bulk(stored: StoredInstance, packed: bytes | memoryview, path: str) -> BulkData:
    known = orjson.loads(bytes(packed) or b"{}").get(path)
    if known is None:
        raise NotFound(say("There is no such bulk data."))
    vr, offset, length, swap = known
    if length is None:
        raise Encapsulated(say("This value is encapsulated pixel data: ask for its frames."))
    return BulkData(stored, vr, offset, length, swap)


def iter_file(stored: StoredInstance, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The object's file, or a part of it, in pieces."""
    end = stored.size if length is None else start + length
    for offset in range(start, end, PIECE):
        yield site_objects().read(stored.file_key, offset, min(PIECE, end - offset))


def read_file(stored: StoredInstance) -> bytes:
    """The object's whole file; for small ones."""
    return site_objects().read(stored.file_key, 0, stored.size)


def _stored(row: Sequence[Any]) -> StoredInstance:
    return StoredInstance(*plain(row))


def _row(
    principal: Principal, columns: str, study: str, series: str, sop: str, permission: Permission = Permission.VIEW
) -> list[Any]:
    """One row of the instance with these UIDs, its blobs as bytes; the active practice's, where several have it."""
    condition, parameters = series_sql(principal, permission)
    query = f"SELECT {columns}{JOINED} AND s.series_instance_uid = %s AND i.sop_instance_uid = %s AND {condition}"
    with connection.cursor() as cursor:
        cursor.execute(query, [study, series, sop, *parameters])
        rows = cursor.fetchall()
    if not rows:
        raise denied(principal, permission, study)
    chosen = next((row for row in rows if row[1] == principal.practice_id), rows[0])
    return plain(chosen)
