"""What searches cost when the index grows: the same ones with 1,000 and with 100,000 studies, and how they are planned.

The index is filled with rows of the store's own making, without files behind them.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.accounts.principal import Principal
    from apps.archive.query import Search

PAGE = Path("docs/query-plans.md")
SMALL, LARGE, INSTANCES = 1_000, 100_000, 10
STUDIES_OF_A_PATIENT = 5
ROOT = "1.2.826.0.1.3680043.10.1561.7"
RUNS = 15
# Studies written together: whole patients.
CHUNK = 2_000
# What a measurement may vary by: more than this beyond the small index is growth.
FACTOR, SLACK_MS = 1.6, 0.25
CONSONANTS, VOWELS = "bdfghjklmnprstvwyzcx", "aeiou"
GIVEN = ("Anna", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Irene", "Jonas")
MODALITIES = ("CT", "MR", "CT", "US", "CT", "MR", "DX", "PT", "MG", "XA")
NOW = "2026-01-01 00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Kind:
    """A search by name; `is_indexed` where it is to cost the same however much there is."""

    name: str
    search: "Search"
    is_indexed: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of a search and its answer, its rows, and the database's plan for it."""

    ms: float
    rows: int
    plan: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--database", default="", help="postgresql://… of an empty database; SQLite in a new folder")
    parser.add_argument("--studies", type=int, default=LARGE, help="how many the large index has")
    parser.add_argument("--write", action="store_true", help=f"put the table and the plans into {PAGE}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fovea-scale-") as folder:
        principal = _set_up(folder, options.database)
        small = _grown(principal, 0, SMALL)
        large = _grown(principal, SMALL, options.studies)
    text = report(small, large, options.studies)
    print(text)
    if options.write:
        write(text, "PostgreSQL" if options.database else "SQLite")
    growing = [
        kind.name for kind in kinds(options.studies) if kind.is_indexed and grows(small[kind.name], large[kind.name])
    ]
    sys.exit(f"These cost more in the large index: {', '.join(growing)}" if growing else 0)


def _set_up(folder: str, database: str) -> "Principal":
    """An empty index with a practice and its user. Ends where the database isn't empty: it could be a site's."""
    os.environ |= {"FOVEA_DATA": folder, "FOVEA_DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "config.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from apps.accounts.models import Membership, Practice, User
    from apps.accounts.principal import Principal
    from apps.archive.models import Study

    call_command("migrate", verbosity=0)
    if Study.objects.exists():
        raise SystemExit("This database is not empty: name one that is.")
    practice = Practice.objects.create(name="Scale")
    user = User.objects.create_user("scale", practice=practice)
    Membership.objects.create(user=user, practice=practice)
    return Principal.of(user)


def _grown(principal: "Principal", start: int, end: int) -> dict[str, Measured]:
    """Every search's figures once the index has studies up to `end`."""
    began = time.perf_counter()
    fill(principal.practice_id or 0, start, end)
    print(f"{end:,} studies, {end * INSTANCES:,} instances: filled in {time.perf_counter() - began:.0f} s", flush=True)
    return {kind.name: measure(principal, kind.search) for kind in kinds(end)}


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
def _attributes(number: int) -> dict[str, dict[str, Any]]:
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
    from apps.archive.attributes import patient_columns

    columns = patient_columns(_attributes(number * STUDIES_OF_A_PATIENT))
    return {"id": number + 1, "practice_id": practice} | asdict(columns)


def _study(practice: int, number: int) -> dict[str, Any]:
    from apps.archive import attributes as index
    from apps.archive.indexing import modalities_text, with_study_counts

    attributes = _attributes(number)
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
        **_written(index.pack(answer)),
        **index.study_columns(attributes),
    }


def _written(found: bytes) -> dict[str, Any]:
    return {"size": 0, "received_at": NOW, "updated_at": NOW, "version": 1, "found": found}


def _name_keys(number: int) -> Iterator[dict[str, Any]]:
    from apps.archive.attributes import keys_of_name
    from apps.dicom import likeness

    name, _ = keys_of_name(_attributes(number), "00100010")
    return ({"study_id": number + 1, "key": key} for key in sorted(likeness.keys(name)))


def _series(number: int) -> dict[str, Any]:
    from apps.archive import attributes as index
    from apps.archive.indexing import with_series_count

    attributes = _attributes(number)
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


def kinds(studies: int) -> list[Kind]:
    """Every kind of search that an index serves, and those whose cost is that of the studies they pass."""
    from apps.archive.query import Level, Search, tag_path

    def by(keys: dict[str, str], level: Level = Level.STUDY, limit: int = 100, *, fuzzy: bool = False) -> Search:
        wanted = {str(tag_path(key)): [text] for key, text in keys.items()}
        return Search(level, wanted, fuzzy=fuzzy, limit=limit)

    number, name, requests = 500, family(100), "RequestAttributesSequence"
    dates, week = {"StudyDate": "20180101-20191231"}, {"ModalitiesInStudy": "XA", "StudyDate": "20180101-20180107"}
    slip = {"PatientName": f"{name[:2]}{name[3:]} {GIVEN[0]}"}
    deep = studies * 9 // 10
    return [
        Kind("the newest 100 studies", by({})),
        Kind("Patient Name, its beginning", by({"PatientName": f"{name}*"})),
        Kind("Patient Name, whole", by({"PatientName": f"{name}^{GIVEN[0]}"})),
        Kind("Patient Name, fuzzily", by(slip, fuzzy=True)),
        Kind("Patient ID", by({"PatientID": "PID000100"})),
        Kind("Patient's Birth Date", by({"PatientBirthDate": _attributes(number)["00100030"]["Value"][0]})),
        Kind("Accession Number", by({"AccessionNumber": "ACC0000500"})),
        Kind("Study Date, a range, 20 of them", by(dates, limit=20)),
        Kind("Modalities in Study, within a week", by(week, limit=10), is_indexed=False),
        Kind("Study Instance UID", by({"StudyInstanceUID": uid(number)})),
        Kind("series of a study", Search(Level.SERIES, study=uid(number))),
        Kind("instances of a study", Search(Level.INSTANCE, study=uid(number))),
        Kind("instances of a series", Search(Level.INSTANCE, study=uid(number), series=uid(number, 1))),
        Kind("Series Instance UID", by({"SeriesInstanceUID": uid(number, 1)}, Level.SERIES)),
        Kind("SOP Instance UID", by({"SOPInstanceUID": uid(number, 1, 3)}, Level.INSTANCE)),
        Kind("Scheduled Procedure Step ID", by({f"{requests}.ScheduledProcedureStepID": "SPS500"}, Level.SERIES)),
        Kind("Requested Procedure ID, of studies", by({f"{requests}.RequestedProcedureID": "RP500"})),
        Kind("Modalities in Study", by({"ModalitiesInStudy": "XA"}, limit=10), is_indexed=False),
        Kind("100 studies, nine tenths down the list", Search(Level.STUDY, limit=100, offset=deep), is_indexed=False),
        Kind("Patient Name, within", by({"PatientName": f"*{name[1:]}*"}), is_indexed=False),
        Kind("Referring Physician's Name", by({"ReferringPhysicianName": "Nobody"}), is_indexed=False),
    ]


def measure(principal: "Principal", search: "Search") -> Measured:
    """The quickest of several runs, in the server's own process: from the search to the bytes of its answer."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.archive.query import find

    def run() -> int:
        answer = find(principal, search)
        answer.json("http://localhost/dicom-web")
        return len(answer)

    with CaptureQueriesContext(connection) as queries:
        rows = run()
    return Measured(_least_ms(run), rows, _plan(queries.captured_queries[0]["sql"]))


def _least_ms(run: Callable[[], int]) -> float:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - began))
    return min(times)


def _plan(sql: str) -> tuple[str, ...]:
    from django.db import connection

    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return tuple(str(row[-1]) for row in cursor.fetchall())


def grows(small: Measured, large: Measured) -> bool:
    """Whether a search costs more because there is more."""
    return large.ms > small.ms * FACTOR + SLACK_MS


def report(small: dict[str, Measured], large: dict[str, Measured], studies: int) -> str:
    """Markdown: a row a search, then the plans with the large index."""
    lines = [f"| search | rows | {SMALL:,} studies: ms | {studies:,} studies: ms | |", "|---|---|---|---|---|"]
    for kind in kinds(studies):
        few, many = small[kind.name], large[kind.name]
        verdict = "grows" if grows(few, many) else "same"
        name = kind.name if kind.is_indexed else f"{kind.name} (passes over studies)"
        lines.append(f"| {name} | {few.rows} · {many.rows} | {few.ms:.2f} | {many.ms:.2f} | {verdict} |")
    plans = [f"{kind.name}:\n\n{_indented(large[kind.name].plan)}" for kind in kinds(studies)]
    return "\n".join([*lines, "", "\n\n".join(plans)])


def _indented(plan: Sequence[str]) -> str:
    return "\n".join(f"    {step}" for step in plan)


def write(text: str, database: str) -> None:
    """Put the report into the page, in place of the database's last one."""
    begin, end = f"<!-- {database}: begin -->", f"<!-- {database}: end -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    said = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores."
    PAGE.write_text(f"{before}{begin}\n{said}\n\n{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
