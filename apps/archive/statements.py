"""The store's hand-written SQL: what is run for every batch of instances, on SQLite and PostgreSQL alike.

The ORM costs half a millisecond a statement, as much as storing an instance may cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from apps.archive.attributes import PatientColumns


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """What the index says of an instance that is there already."""

    pk: int
    sop_instance_uid: str
    digest: bytes
    size: int
    file_key: str


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as the store needs one; `is_corrected` says that what leaves of their studies is changed."""

    pk: int
    is_corrected: bool


@dataclass(slots=True)
class StudyRow:
    """A study as the store finds it and leaves it; its version and time tell whether it is still as it was."""

    pk: int
    version: int
    updated_at: Any
    identity: str
    has_other_patient: bool
    modalities: str
    series_count: int
    instance_count: int
    size: int
    found: bytes
    is_corrected: bool


@dataclass(slots=True)
class SeriesRow:
    """A series as the store finds it and leaves it; its version and time tell whether it is still as it was."""

    pk: int
    version: int
    updated_at: Any
    instance_count: int
    size: int
    found: bytes


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A row of the Instance table, but for its key."""

    series_id: int
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None
    number_of_frames: int
    file_key: str
    size: int
    digest: bytes
    dataset_offset: int
    header: bytes
    frame_index: bytes
    bulk_index: bytes
    found: bytes
    source: str
    received_at: datetime


def plain(row: Sequence[Any]) -> list[Any]:
    """A row with its binary columns as bytes, on PostgreSQL too."""
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]


def marks(count: int) -> str:
    return ", ".join(["%s"] * count)


INSTANCE_COLUMNS: Final = tuple(field.name for field in fields(InstanceRow))
INSERT_INSTANCE: Final = (
    f"INSERT INTO archive_instance ({', '.join(INSTANCE_COLUMNS)}) VALUES ({marks(len(INSTANCE_COLUMNS))})"  # noqa: S608
)
INSERT_REQUEST: Final = (
    "INSERT INTO archive_requestattributes"
    " (series_id, scheduled_procedure_step_id, requested_procedure_id, accession_number) VALUES (%s, %s, %s, %s)"
)
INSERT_NAME_KEY: Final = "INSERT INTO archive_namekey (study_id, key) VALUES (%s, %s)"
# dataclasses.astuple would copy every value deeply.
_values: Final = attrgetter(*INSTANCE_COLUMNS)
PATIENT: Final = (
    "SELECT p.id, p.merged_into_id IS NOT NULL OR p.corrected_identity <> '',"
    " (SELECT c.id FROM archive_patient c WHERE c.practice_id = p.practice_id AND c.id <> p.id"
    " AND NOT (c.corrected_identity = '') AND c.corrected_identity = p.identity AND p.merged_into_id IS NULL)"
    " FROM archive_patient p WHERE p.practice_id = %s AND p.identity = %s"
)
FOLLOW: Final = (
    "UPDATE archive_patient SET merged_into_id = %s,"
    " root_id = COALESCE((SELECT c.root_id FROM archive_patient c WHERE c.id = %s), %s) WHERE id = %s"
)
KNOWN: Final = (
    "SELECT id, sop_instance_uid, digest, size, file_key FROM archive_instance"
    " WHERE series_id = %s AND sop_instance_uid IN ({})"
)


def known_instances(cursor: CursorWrapper, series_pk: int, sop_uids: Sequence[str]) -> dict[str, KnownInstance]:
    """The series' instances with these SOP Instance UIDs, by them."""
    cursor.execute(KNOWN.format(marks(len(sop_uids))), [series_pk, *sop_uids])
    return {row[1]: KnownInstance(*plain(row)) for row in cursor.fetchall()}


def insert_instances(cursor: CursorWrapper, rows: Iterable[InstanceRow]) -> None:
    cursor.executemany(INSERT_INSTANCE, [_values(row) for row in rows])


def insert_requests(cursor: CursorWrapper, series_pk: int, requests: Iterable[tuple[str, str, str]]) -> None:
    """What is searched of a series' requests (`attributes.request_columns`)."""
    if rows := [(series_pk, *request) for request in requests]:
        cursor.executemany(INSERT_REQUEST, rows)


def insert_name_keys(cursor: CursorWrapper, study_pk: int, keys: Iterable[str]) -> None:
    """The keys under which a study's Patient Name is found fuzzily."""
    if rows := [(study_pk, key) for key in keys]:
        cursor.executemany(INSERT_NAME_KEY, rows)


def delete_instances(cursor: CursorWrapper, pks: Sequence[int]) -> None:
    cursor.execute(f"DELETE FROM archive_instance WHERE id IN ({marks(len(pks))})", list(pks))  # noqa: S608


def insert(cursor: CursorWrapper, table: str, columns: Mapping[str, Any]) -> int:
    """Insert one row and give its key."""
    names = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks(len(columns))}) RETURNING id",  # noqa: S608
        list(columns.values()),
    )
    return int(cursor.fetchone()[0])


def update(cursor: CursorWrapper, table: str, row: StudyRow | SeriesRow, columns: Mapping[str, Any]) -> bool:
    """Set these columns of a row, and raise its version; False where it is not as it was any more, or is gone."""
    assignments = ", ".join([f"{name} = %s" for name in columns])
    cursor.execute(
        f"UPDATE {table} SET {assignments}, version = version + 1 WHERE id = %s AND version = %s AND updated_at = %s",  # noqa: S608
        [*columns.values(), row.pk, row.version, row.updated_at],
    )
    return bool(cursor.rowcount)


def lock_study(cursor: CursorWrapper, practice_id: int, study_uid: str) -> None:
    """Hold others off this study until the transaction ends. SQLite has one writer anyway."""
    if cursor.db.vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [practice_id, study_uid])


def study(cursor: CursorWrapper, practice_id: int, study_uid: str) -> StudyRow | None:
    """The study as its objects have it, without corrections."""
    cursor.execute(
        "SELECT t.id, t.version, t.updated_at, p.identity, t.has_other_patient,"
        " t.modalities, t.series_count, t.instance_count, t.size,"
        " CASE WHEN length(t.correction) > 0 THEN t.original_found ELSE t.found END, length(t.correction) > 0"
        " FROM archive_study t JOIN archive_patient p ON p.id = COALESCE(t.original_patient_id, t.patient_id)"
        " WHERE t.practice_id = %s AND t.study_instance_uid = %s",
        [practice_id, study_uid],
    )
    row = cursor.fetchone()
    return StudyRow(*plain(row)) if row else None


def series(cursor: CursorWrapper, study_pk: int, series_uid: str) -> SeriesRow | None:
    cursor.execute(
        "SELECT id, version, updated_at, instance_count, size, found FROM archive_series"
        " WHERE study_id = %s AND series_instance_uid = %s",
        [study_pk, series_uid],
    )
    row = cursor.fetchone()
    return SeriesRow(*plain(row)) if row else None


def patient(cursor: CursorWrapper, practice_id: int, columns: PatientColumns, demographics: bytes) -> PatientRow:
    """The patient's row, which is made where there is none. It stays as it is until the transaction ends.

    A new one with the Patient ID that another has been given by a correction counts as that one.
    """
    names = [field.name for field in fields(columns)]
    cursor.execute(
        f"INSERT INTO archive_patient (practice_id, demographics, corrected_identity, {', '.join(names)})"  # noqa: S608
        f" VALUES ({marks(len(names) + 3)}) ON CONFLICT (practice_id, identity) DO NOTHING",
        [practice_id, demographics, "", *astuple(columns)],
    )
    lock = " FOR SHARE OF p" if cursor.db.vendor == "postgresql" else ""
    cursor.execute(PATIENT + lock, [practice_id, columns.identity])
    pk, is_corrected, namesake = cursor.fetchone()
    if namesake is not None:
        cursor.execute(FOLLOW, [namesake, namesake, namesake, pk])
    return PatientRow(pk, bool(is_corrected) or namesake is not None)
