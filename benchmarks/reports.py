"""What reports cost: one begun and opened with 500 measurements and their earlier values, saved, and set as a PDF.

`python -m benchmarks.reports [--rounds 5] [--write]`; with requirements/reports.txt. An index of its own (SQLite); the
quickest round of each counts, by this process's CPU and that of the processes it starts, and by the clock. `--write`
puts the table into docs/performance.md.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from pydicom import dcmread
from pydicom.uid import CTImageStorage

from benchmarks.report import put

if TYPE_CHECKING:
    from django.test import Client

    from apps.accounts.models import Practice
    from apps.reports.content.document import Document

BEGIN, END = "<!-- reports: begin -->", "<!-- reports: end -->"
# In five reports of a hundred groups, in the study and in each of two earlier ones.
MEASUREMENTS: Final = 500
REPORTS: Final = 5
EARLIER: Final = 2
IMAGES: Final = 6
SIDE: Final = 512
# Of 400 characters each, so that there are six pages with the images.
PARAGRAPHS: Final = 52
TEMPLATE: Final = "https://example.org/benchmark"

Row = tuple[str, ...]
Work = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fovea-reports-", dir="/var/tmp") as folder:
        lines = list(_table(folder, asked.rounds))
    if asked.write:
        put(BEGIN, END, lines, f"the quickest of {asked.rounds} rounds")


def _table(folder: str, rounds: int) -> Iterator[str]:
    """The lines of the table, printed as they come."""
    practice, client = _set_up(folder)
    uid = _studies(practice)
    head = [("work", "CPU", "by the clock", "target"), ("---",) * 4]
    rows = chain(head, _written(client, uid, rounds), _printed(practice, uid, Path(folder), rounds))
    for row in rows:
        line = f"| {' | '.join(row)} |"
        print(line, flush=True)
        yield line


# Data -----------------------------------------------------------------------------------------------------------------


def _set_up(folder: str) -> "tuple[Practice, Client]":
    os.environ |= {"FOVEA_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_LOG_LEVEL": "ERROR"}
    os.environ.setdefault("FOVEA_SECRET_KEY", "benchmark")
    import django
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    from apps.accounts.models import Practice, User
    from tests.rights import give

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    practice = Practice.objects.create(name="Benchmark")
    user = User.objects.create_user("writer", practice=practice)
    give(user, practice)
    client = Client(HTTP_SEC_FETCH_SITE="same-origin")
    client.force_login(user)
    return practice, client


def _studies(practice: "Practice") -> str:
    """A study and earlier ones, all measured alike; the UID of the newest."""
    from apps.archive.store import Batch, Origin
    from tests import dicoms

    for number in range(EARLIER + 1):
        with Batch(Origin("benchmark", practice.pk, "benchmark")) as batch:
            for data in _objects(dicoms.uid(80, number), f"2024010{number + 1}", 10.0 + number):
                batch.receive([data])
            batch.commit()
    return dicoms.uid(80, EARLIER)


def _objects(study: str, date: str, size: float) -> Iterator[bytes]:
    """Images, and reports of what was measured in the study."""
    from tests import dicoms

    given: dict[str, Any] = {"StudyInstanceUID": study, "StudyDate": date, "KVP": "120", "Rows": SIDE, "Columns": SIDE}
    image = b""
    for number in range(1, IMAGES + 1):
        uids = {"SeriesInstanceUID": f"{study}.1", "SOPInstanceUID": f"{study}.1.{number}"}
        image = dicoms.ct_slice(InstanceNumber=number, **uids, **given)
        yield image
    header = dcmread(BytesIO(image), stop_before_pixels=True).to_json_dict()
    for number in range(REPORTS):
        yield _report(header, study, number, size)


def _report(header: dict[str, Any], study: str, number: int, size: float) -> bytes:
    """By a person, so that nobody has to verify it."""
    from apps.measurements.content import concepts
    from apps.measurements.content.groups import Group, Value
    from apps.measurements.writing.documents import Evidence, ReportSeries
    from apps.measurements.writing.sr import Observer, report_object
    from tests import dicoms

    each = MEASUREMENTS // REPORTS
    groups = [
        Group(
            dicoms.uid(81, number * each + at), label=f"Thing {number}.{at}",
            values=(Value(concepts.LENGTH, size + at, concepts.MILLIMETRE),),
        )
        for at in range(each)
    ]  # fmt: skip
    series = ReportSeries(f"{study}.9.{number}", f"{study}.9.{number}.1", "Measurements")
    evidence = Evidence(study, f"{study}.1", CTImageStorage, f"{study}.1.1")
    return report_object(header, groups, series=series, evidence=[evidence], observer=Observer("Ray^Xavier"))


def _template() -> None:
    """A template of the product's, with a field for each group of words."""
    from hashlib import sha256

    from apps.dicom.sr_tree import NO_CODE
    from apps.reports.content.structure import Field, FieldKind, Section, Structure
    from apps.reports.models import ReportTemplate, TemplateVersion
    from apps.reports.mrrt.writing import source_of

    fills = (
        "{patient.name}, {patient.age}", "appointment.indication | study.description", "series.technique",
        "prior.comparison", "measurement(SCT:410668003, unit=mm, pick=largest, show=both)", "measurements.list",
        "calcium.summary", "lesions.summary", "dose.summary", "prior.impression",
    )  # fmt: skip
    fields = tuple(Field(f"f{at}", FieldKind.LONG_TEXT, f"Field {at}", fill=fill) for at, fill in enumerate(fills))
    sections = (Section("all", "All", NO_CODE, (*fields, Field("text", FieldKind.LONG_TEXT, "Findings"))),)
    structure = Structure(TEMPLATE, "Benchmark", "en", sections, modalities=("CT",))
    row = ReportTemplate.objects.create(
        identifier=structure.identifier, title=structure.title, language="en", modalities=["CT"]
    )
    source = source_of(structure)
    digest = sha256(source.encode()).hexdigest()
    TemplateVersion.objects.create(template=row, number=1, source=source, digest=digest)


# Work -----------------------------------------------------------------------------------------------------------------


def _written(client: "Client", uid: str, rounds: int) -> Iterator[Row]:
    """A report by the REST API, through all of the server but the network."""
    _template()
    # A first time the reports that have come are read, which jobs have done long before.
    _begun(client, uid)
    took = _best(rounds, partial(_begun, client, uid), before=partial(_discarded, client))
    yield _row(f"begin a report: filled in, with {MEASUREMENTS} measurements", took, "")
    address = f"/api/reports/{_newest()}"
    size = len(_get(client, address)) >> 10
    yield _row(f"open it: {size} KiB of JSON", _best(rounds, partial(_get, client, address)), "≤ 200 ms of CPU")
    yield _row("what may stand in its table", _best(rounds, partial(_get, client, f"{address}/measurements")), "")
    took = _best(rounds * 4, partial(_saved, client, address, count(1)))
    yield _row("save a field", took, "≤ 10 ms of CPU")


def _begun(client: "Client", uid: str) -> None:
    answer = client.post("/api/reports", {"study": uid, "template": TEMPLATE}, content_type="application/json")
    if answer.status_code != 201:
        raise RuntimeError(answer.content.decode())
    told = answer.json()
    if len(told["measurements"]) != MEASUREMENTS or not told["measurements"][0]["earlier"]:
        raise RuntimeError("The report is not filled in.")


def _discarded(client: "Client") -> None:
    if client.delete(f"/api/reports/{_newest()}").status_code != 204:
        raise RuntimeError("The report was not discarded.")


def _newest() -> int:
    from apps.reports.models import Report

    return Report.objects.latest("pk").pk


def _get(client: "Client", address: str) -> bytes:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(answer.content.decode())
    return bytes(answer.content)


def _saved(client: "Client", address: str, revisions: Iterator[int]) -> None:
    revision = next(revisions)
    body = {"revision": revision, "entries": {"text": {"value": f"Unchanged, {revision}. " * 20}}}
    answer = client.patch(address, body, content_type="application/json")
    if answer.status_code != 200:
        raise RuntimeError(answer.content.decode())


def _printed(practice: "Practice", uid: str, folder: Path, rounds: int) -> Iterator[Row]:
    """A document of six pages: by the worker, its images drawn and a process started; then set alone, in a process that
    has it all imported."""
    from django.conf import settings

    from apps.reports.paper import pdf_of
    from apps.reports.printing.pdf import pdf
    from tests.reports.printing import documents, papers

    document = _document(uid)
    took = _best(rounds, lambda: pdf_of(document, practice, _unheard))
    yield _row(f"PDF by the worker: {IMAGES} images drawn, its process started", took, "≤ 3 s of CPU")
    images = [documents.picture(1200, 900)] * IMAGES
    asked = papers.laid_ready(document, folder, Path(settings.FONTS), images)
    pages = pdf(asked, _unheard)["pages"]
    took = _best(rounds, lambda: pdf(asked, _unheard))
    yield _row(f"PDF set: {pages} pages, {IMAGES} images", took, "≤ 1 s of CPU")


def _unheard(_done: int, _total: int) -> None:
    """Nobody listens how far it is."""


def _document(uid: str) -> "Document":
    from dataclasses import replace

    from apps.archive.models import Instance
    from apps.reports.content.entries import KeyImage
    from tests.reports.printing import documents

    rows = Instance.objects.filter(series__study__study_instance_uid=uid, number_of_frames__gt=0)
    names = rows.values_list("series__series_instance_uid", "sop_class_uid", "sop_instance_uid")
    images = tuple(KeyImage(uid, *each, caption="A slice") for each in names)
    long = documents.long_document(PARAGRAPHS)
    return replace(long, key_images=images, report_id=_newest(), status="draft", signed=None)


# Measuring ------------------------------------------------------------------------------------------------------------


def _best(rounds: int, work: Work, before: Work = lambda: None) -> tuple[float, float]:
    """CPU and wall seconds of the quickest round; a first one, which fills the caches, isn't counted, nor is what is
    done before each."""
    taken = []
    for _ in range(rounds + 1):
        before()
        taken.append(_took(work))
    return min(cpu for cpu, _ in taken[1:]), min(wall for _, wall in taken[1:])


def _took(work: Work) -> tuple[float, float]:
    cpu, wall = _cpu(), perf_counter()
    work()
    return _cpu() - cpu, perf_counter() - wall


def _cpu() -> float:
    used = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _row(work: str, took: tuple[float, float], target: str) -> Row:
    return work, *(f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s" for seconds in took), target


if __name__ == "__main__":
    main()
