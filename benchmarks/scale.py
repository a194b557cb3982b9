"""What searches cost when the index grows: the same ones with 1,000 and with 100,000 studies, and how they are planned.

The index is filled by benchmarks/filling.py.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.filling import GIVEN, INSTANCES, attributes_of, family, fill, uid

if TYPE_CHECKING:
    from apps.accounts.principal import Principal
    from apps.archive.query import Search

PAGE = Path("docs/query-plans.md")
SMALL, LARGE = 1_000, 100_000
RUNS = 15
# What a measurement may vary by: more than this beyond the small index is growth.
FACTOR, SLACK_MS = 1.6, 0.25


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

    from apps.accounts.models import Grant, Practice, Role, User
    from apps.accounts.principal import Principal
    from apps.archive.models import Study

    call_command("migrate", verbosity=0)
    if Study.objects.exists():
        raise SystemExit("This database is not empty: name one that is.")
    practice = Practice.objects.create(name="Scale")
    user = User.objects.create_user("scale", practice=practice)
    Grant.objects.create(user=user, practice=practice, role=Role.objects.get(practice=None, name="radiologist"))
    return Principal.of(user)


def _grown(principal: "Principal", start: int, end: int) -> dict[str, Measured]:
    """Every search's figures once the index has studies up to `end`."""
    began = time.perf_counter()
    fill(principal.practice_id or 0, start, end)
    print(f"{end:,} studies, {end * INSTANCES:,} instances: filled in {time.perf_counter() - began:.0f} s", flush=True)
    return {kind.name: measure(principal, kind.search) for kind in kinds(end)}


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
        Kind("Patient's Birth Date", by({"PatientBirthDate": attributes_of(number)["00100030"]["Value"][0]})),
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
