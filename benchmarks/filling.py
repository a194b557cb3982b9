"""Filling an index for benchmarks/scale.py: rows as the store makes them, in bulk, without files behind them."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

INSTANCES = 10
STUDIES_OF_A_PATIENT = 5
# Studies written together: whole patients.
CHUNK = 2_000
ROOT = "1.2.826.0.1.3680043.10.1561.7"
CONSONANTS, VOWELS = "bdfghjklmnprstvwyzcx", "aeiou"
GIVEN = ("Anna", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Irene", "Jonas")
MODALITIES = ("CT", "MR", "CT", "US", "CT", "MR", "DX", "PT", "MG", "XA")
NOW = "2026-01-01 00:00:00+00:00"


def fill(practice: int, start: int, end: int) -> None:
    """Studies numbered from `start` up to `end`, of one series and ten instances each."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
        for first in range(start, end, CHUNK):
            with transaction.atomic():
                for table, rows in _tables(practice, first, min(first + CHUNK, end)):
                    _insert(table, rows)
        # As a PostgreSQL does by itself after a while.
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _tables(practice: int, start: int, end: int) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    numbers = range(start, end)
    patients = range(-(-start // STUDIES_OF_A_PATIENT), -(-end // STUDIES_OF_A_PATIENT))
    yield "archive_patient", (_patient(practice, number) for number in patients)
    yield "archive_study", (_study(practice, number) for number in numbers)
    yield "archive_namekey", (row for number in numbers for row in _name_keys(number))
    yield "archive_series", (_series(number) for number in numbers)
    yield "archive_requestattributes", (_request(number) for number in numbers)
    yield "archive_instance", _instances(numbers)


def _insert(table: str, rows: Iterable[dict[str, Any]]) -> None:
    """All rows, by COPY on PostgreSQL; they have the same columns."""
    from django.db import connection

    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    names = ", ".join(first)
    values = (tuple(row.values()) for row in _chained(first, rows))
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["?"] * len(first))
            cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)


def _chained(first: dict[str, Any], rest: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def family(patient: int) -> str:
    """A family name of three syllables, another one for each of the first million patients."""
    number, name = patient * 7919 % 1_000_000, ""
    for _ in range(3):
        number, syllable = divmod(number, 100)
        name += CONSONANTS[syllable // 5] + VOWELS[syllable % 5]
    return name.capitalize()


def uid(number: int, *below: int) -> str:
    return ".".join(map(str, (ROOT, number, *below)))


@lru_cache(maxsize=CHUNK)
def attributes_of(number: int) -> dict[str, dict[str, Any]]:
    """The header of a study's only series, as far as the index has it."""
    patient = number // STUDIES_OF_A_PATIENT
    taken, born = date(2014, 1, 1) + timedelta(number * 37 % 3650), date(1930, 1, 1) + timedelta(patient * 31 % 29000)
    said = {
        "00080020": ("DA", f"{taken:%Y%m%d}"),
        "00080030": ("TM", f"{8 + number % 10:02}{number % 60:02}00"),
        "00080050": ("SH", f"ACC{number:07}"),
        "00080060": ("CS", MODALITIES[number % len(MODALITIES)]),
        "00080090": ("PN", {"Alphabetic": f"{family(number % 300)}^{GIVEN[number % 7]}"}),
        "00081030": ("LO", f"Examination {number % 40}"),
        "0008103E": ("LO", "Axial 2.0"),
        "00100010": ("PN", {"Alphabetic": f"{family(patient)}^{GIVEN[patient % len(GIVEN)]}"}),
        "00100020": ("LO", f"PID{patient:06}"),
        "00100030": ("DA", f"{born:%Y%m%d}"),
        "00100040": ("CS", "FM"[patient % 2]),
        "0020000D": ("UI", uid(number)),
        "0020000E": ("UI", uid(number, 1)),
        "00200010": ("SH", str(number)),
        "00200011": ("IS", 1),
    }
    return {tag: {"vr": vr, "Value": [value]} for tag, (vr, value) in said.items()}


def _patient(practice: int, number: int) -> dict[str, Any]:
    from apps.archive.attributes import demographics, patient_columns

    attributes = attributes_of(number * STUDIES_OF_A_PATIENT)
    columns = asdict(patient_columns(attributes))
    of_its_own = {"id": number + 1, "practice_id": practice, "corrected_identity": ""}
    return of_its_own | {"demographics": demographics(attributes)} | columns


def _study(practice: int, number: int) -> dict[str, Any]:
    from apps.archive import attributes as index
    from apps.archive.growing import modalities_text, with_study_counts

    attributes = attributes_of(number)
    modalities = modalities_text([index.text(attributes, "00080060")])
    answer = with_study_counts(index.study_answer(attributes), modalities, 1, INSTANCES)
    return {
        "id": number + 1,
        "practice_id": practice,
        "patient_id": number // STUDIES_OF_A_PATIENT + 1,
        "study_instance_uid": uid(number),
        "has_other_patient": False,
        "modalities": modalities,
        "series_count": 1,
        "instance_count": INSTANCES,
        "source": "scale",
        "correction": b"",
        "original_found": b"",
        **_written(index.pack(answer)),
        **index.study_columns(attributes),
    }


def _written(found: bytes) -> dict[str, Any]:
    return {"size": 0, "received_at": NOW, "updated_at": NOW, "version": 1, "found": found}


def _name_keys(number: int) -> Iterator[dict[str, Any]]:
    from apps.archive.attributes import keys_of_name
    from apps.dicom import likeness

    name, _ = keys_of_name(attributes_of(number), "00100010")
    return ({"study_id": number + 1, "key": key} for key in sorted(likeness.keys(name)))


def _series(number: int) -> dict[str, Any]:
    from apps.archive import attributes as index
    from apps.archive.growing import with_series_count

    attributes = attributes_of(number)
    answer = with_series_count(index.series_answer(attributes), INSTANCES)
    return {
        "id": number + 1,
        "study_id": number + 1,
        "series_instance_uid": uid(number, 1),
        "instance_count": INSTANCES,
        **_written(index.pack(answer)),
        **index.series_columns(attributes),
    }


def _request(number: int) -> dict[str, Any]:
    names = ("scheduled_procedure_step_id", "requested_procedure_id", "accession_number")
    return {"series_id": number + 1} | dict(zip(names, (f"SPS{number}", f"RP{number}", f"ACC{number:07}"), strict=True))


def _instances(numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    from apps.archive import attributes as index

    marks = {
        "0020000D": "@study@",
        "0020000E": "@series@",
        "00080018": "@sop@",
        "00080016": "1.2.840.10008.5.1.4.1.1.2",
    }
    image: dict[str, Any] = {tag: {"vr": "UI", "Value": [text]} for tag, text in marks.items()}
    image |= {tag: {"vr": "US", "Value": [512]} for tag in ("00280010", "00280011")}
    image["00200013"] = {"vr": "IS", "Value": [987654321]}
    template = index.pack(index.instance_answer(image))
    for number in numbers:
        study = template.replace(b"@study@", uid(number).encode()).replace(b"@series@", uid(number, 1).encode())
        for place in range(1, INSTANCES + 1):
            found = study.replace(b"@sop@", uid(number, 1, place).encode()).replace(b"987654321", b"%d" % place)
            yield _instance(number, place, found)


def _instance(number: int, place: int, found: bytes) -> dict[str, Any]:
    return {
        "series_id": number + 1,
        "sop_instance_uid": uid(number, 1, place),
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "instance_number": place,
        "number_of_frames": 1,
        "found": found,
        "file_key": f"{number}/{place}",
        "size": 0,
        "digest": b"",
        "dataset_offset": 0,
        "header": b"",
        "frame_index": b"",
        "bulk_index": b"",
        "source": "scale",
        "received_at": NOW,
    }
