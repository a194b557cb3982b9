"""What rights cost: a frame and searches for a superuser, a whole practice's user, and those with 10,000 narrow grants.

The index is filled by benchmarks/filling.py; requests go through the server's own WSGI application, in this process.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from benchmarks.filling import family, fill, uid

if TYPE_CHECKING:
    from apps.accounts.models import Practice, User

STUDIES, GRANTS = 100_000, 10_000
ROUNDS, TIMES = 15, 40
LABEL = "bench"


@dataclass(frozen=True, slots=True)
class Request:
    """A request by name; `times` of it are measured together."""

    name: str
    path: str
    accept: str
    times: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rights", description=__doc__)
    parser.add_argument("--database", default="", help="postgresql://… of an empty database; SQLite in a new folder")
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--grants", type=int, default=GRANTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fovea-rights-") as folder:
        practice = _set_up(folder, options.database)
        fill(practice.pk, 0, options.studies)
        requests = _requests(practice)
        people = _people(practice, options.studies, options.grants)
        print(_report({each: measure(each, people) for each in requests}, tuple(people)))


def _set_up(folder: str, database: str) -> "Practice":
    """An empty index with a practice. Ends where the database isn't empty: it could be a site's."""
    os.environ |= {"FOVEA_DATA": folder, "FOVEA_DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ |= {"FOVEA_LOG_LEVEL": "ERROR", "FOVEA_AUDIT_SECONDS": "3600"}
    from django.core.management import call_command

    import config.wsgi  # noqa: F401 - sets Django up
    from apps.accounts.models import Practice
    from apps.archive.models import Study

    call_command("migrate", verbosity=0)
    if Study.objects.exists():
        raise SystemExit("This database is not empty: name one that is.")
    return Practice.objects.create(name="Rights")


def _requests(practice: "Practice") -> list[Request]:
    """A frame of a stored slice of 512 KiB, which everybody here reaches, and searches."""
    from apps.archive.store import Origin, store_one
    from benchmarks.dataset import large

    data = large(1).files[0]
    stored = store_one([data], Origin("bench", practice.pk, "bench"))
    of = f"studies/{stored.study_instance_uid}/series/{stored.series_instance_uid}/instances/{stored.sop_instance_uid}"
    frame = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    json = "application/dicom+json"
    return [
        Request("frame", f"/dicom-web/{of}/frames/1", frame, TIMES),
        Request("metadata of an instance", f"/dicom-web/{of}/metadata", json, TIMES),
        Request("the newest 100 studies", "/dicom-web/studies?limit=100", json, 3),
        Request("Patient Name, its beginning", f"/dicom-web/studies?PatientName={family(100)}*&limit=100", json, 10),
        Request("Study Instance UID", f"/dicom-web/studies?StudyInstanceUID={uid(500)}", json, TIMES),
    ]


def _people(practice: "Practice", studies: int, grants: int) -> dict[str, str]:
    """Their bearer tokens by what they are."""
    from apps.accounts.models import Grant, Role, Token, User

    chief = User.objects.create_superuser("chief", practice=practice)
    role = Role.objects.get(practice=None, name="radiologist")
    whole = User.objects.create_user("whole", practice=practice)
    Grant.objects.create(user=whole, practice=practice, role=role)
    narrow = User.objects.create_user("narrow", practice=practice)
    _give_narrowly(narrow, practice, role, studies, grants)
    every = User.objects.create_user("every", practice=practice)
    _give_narrowly(every, practice, role, studies, grants)
    _give_by_rule(every, practice, role, studies)
    people = {"superuser": chief, "whole practice": whole, f"{grants:,} grants": narrow, "of every kind": every}
    return {name: Token.issue(user, "bench")[1] for name, user in people.items()}


def _give_narrowly(user: "User", practice: "Practice", role: Any, studies: int, count: int) -> None:
    """Half of it single studies, the stored one among them, and half patients that are assigned."""
    from apps.accounts.models import Grant
    from apps.accounts.permissions import Scope
    from apps.archive.models import Assignment, Patient, Study

    given: dict[str, Any] = {"user": user, "practice": practice, "role": role}
    step = max(1, studies // count)
    uids = [Study.objects.latest("pk").study_instance_uid, *(uid(number) for number in range(0, studies, 2 * step))]
    single = [Grant(**given, scope=Scope.STUDY, subject=each, subject_key=each) for each in uids]
    Grant.objects.bulk_create(single[: count // 2], batch_size=500)
    Grant.objects.create(**given, scope=Scope.PATIENTS)
    patients = Patient.objects.order_by("pk").values_list("pk", flat=True)[: count // 2]
    Assignment.objects.bulk_create([Assignment(patient_id=pk, user=user) for pk in patients], batch_size=500)


def _give_by_rule(user: "User", practice: "Practice", role: Any, studies: int) -> None:
    """A label's, a physician's and own studies beside."""
    from apps.accounts.models import Grant
    from apps.accounts.permissions import Scope
    from apps.archive.models import Study, StudyLabel

    for scope, subject in ((Scope.UPLOADS, ""), (Scope.LABEL, LABEL), (Scope.PHYSICIAN, "Roe")):
        Grant.objects.create(user=user, practice=practice, role=role, scope=scope, subject=subject)
    uids = [uid(number) for number in range(0, studies, 1000)]
    keys = Study.objects.filter(study_instance_uid__in=uids).values_list("pk", flat=True)
    StudyLabel.objects.bulk_create([StudyLabel(study_id=pk, name=LABEL) for pk in keys])


def measure(request: Request, people: dict[str, str]) -> dict[str, float]:
    """Milliseconds of CPU of one request for each of them, in turns; medians."""
    times: dict[str, list[float]] = {name: [] for name in people}
    for name, token in people.items():
        _ask(request, token)
        assert _ask(request, token) > 0, name
    for _ in range(ROUNDS):
        for name, token in people.items():
            began = time.process_time()
            for _ in range(request.times):
                _ask(request, token)
            times[name].append(1000 * (time.process_time() - began) / request.times)
    return {name: statistics.median(each) for name, each in times.items()}


def _ask(request: Request, token: str) -> int:
    """The length of the answer. Raises RuntimeError for any but 200."""
    from config.wsgi import application

    path, _, query = request.path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1", "HTTP_ACCEPT": request.accept,
        "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_HOST": "localhost", "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http", "wsgi.errors": BytesIO(),
    }  # fmt: skip
    told: list[str] = []
    pieces: Any = application(environ, lambda status, _headers: told.append(status))
    length = sum(map(len, pieces))
    pieces.close()
    if not told[0].startswith("200"):
        raise RuntimeError(f"{request.name}: {told[0]}")
    return length


def _report(measured: dict[Request, dict[str, float]], people: Sequence[str]) -> str:
    """Markdown: a row a request, CPU milliseconds."""
    lines = [f"| request | {' | '.join(people)} |", f"|---|{'---|' * len(people)}"]
    return "\n".join([*lines, *(_row(request.name, each.values()) for request, each in measured.items())])


def _row(name: str, figures: Iterable[float]) -> str:
    return f"| {name} | {' | '.join(f'{figure:.2f}' for figure in figures)} |"


if __name__ == "__main__":
    main()
