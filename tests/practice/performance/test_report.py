"""GET /api/dental/xrays/performance: what it counts and times, within what one administers, in few queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Series, Study
from apps.core import metrics
from apps.jobs.models import Job, State
from apps.practice.models import Batch, BatchFile, FileOutcome, Match, XRay, XrayStatus
from apps.practice.performance import reporting
from apps.practice.performance.span import Span
from tests.conftest import client_of
from tests.practice.linking import cases
from tests.rights import give

ADDRESS = "/api/dental/xrays/performance"
NOON = datetime(2024, 3, 5, 12, tzinfo=timezone.get_default_timezone())
MARCH = {"from": "2024-03-01", "to": "2024-03-10"}


@pytest.fixture(autouse=True)
def nothing_held(db: None) -> None:
    cache.clear()


def came(practice: Practice, number: int, at: datetime = NOON, seconds: float | None = None, **facts: Any) -> Study:
    """A study of an X-ray of that moment, matched so many seconds after it had come."""
    study = cases.study(practice, number)
    Study.objects.filter(pk=study.pk).update(received_at=at, updated_at=at + timedelta(seconds=1), size=1000)
    matched = None if seconds is None else at + timedelta(seconds=seconds)
    status = XrayStatus.RECEIVED if matched is None else XrayStatus.MATCHED
    series = Series.objects.get(study=study)
    facts = {"source": "C-STORE", "modality": "PX", **facts}
    XRay.objects.create(
        practice=practice, study=study, series=series, received_at=at, matched_at=matched, status=status, **facts
    )
    if matched:
        Match.objects.create(practice=practice, study=study, created_at=at + timedelta(seconds=2))
    return study


def ended(practice: Practice, kind: str, seconds: float, state: State = State.DONE, attempts: int = 1) -> None:
    Job.objects.create(
        practice=practice, kind=kind, state=state, attempts=attempts, started_at=NOON,
        finished_at=NOON + timedelta(seconds=seconds),
    )  # fmt: skip


def ask(client: Client, **query: Any) -> Any:
    answer = client.get(ADDRESS, {**MARCH, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_is_for_those_who_administer(client: Client, anonymous: Client, practice: Practice) -> None:
    assert client.get(ADDRESS).status_code == 200
    assert anonymous.get(ADDRESS).status_code == 401
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW, Permission.UPLOAD)
    assert client_of(viewer).get(ADDRESS).status_code == 403


def test_another_practice_is_not_counted(client: Client, practice: Practice, other_practice: Practice) -> None:
    came(practice, 1)
    came(other_practice, 2)
    ended(other_practice, "theirs", 1)
    report = ask(client)
    assert sum(day["xrays"] for day in report["days"]) == 1
    assert ([each["practice"] for each in report["storage"]], report["jobs"]) == ([practice.pk], [])
    assert client.get(ADDRESS, {"practice": other_practice.pk}).status_code == 404


def test_whoever_administers_all_sees_each_and_all(
    admin_client: Client, practice: Practice, other_practice: Practice
) -> None:
    came(practice, 1)
    came(other_practice, 2)
    admin_client.defaults["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert len(ask(admin_client)["storage"]) == 2
    assert len(ask(admin_client, practice=other_practice.pk)["storage"]) == 1


def test_what_came_is_told_by_day_door_and_modality(client: Client, practice: Practice) -> None:
    came(practice, 1)
    came(practice, 2, source="STOW-RS", modality="IO")
    came(practice, 3, NOON - timedelta(days=1))
    came(practice, 4, NOON + timedelta(days=20))
    days = {day["date"]: day for day in ask(client)["days"]}
    assert (len(days), min(days), max(days)) == (10, "2024-03-01", "2024-03-10")
    assert days["2024-03-05"] == {
        "date": "2024-03-05", "xrays": 2, "byDoor": {"C-STORE": 1, "STOW-RS": 1}, "byModality": {"PX": 1, "IO": 1},
        "studies": 2, "instances": 2, "bytes": 2000,
    }  # fmt: skip
    assert (days["2024-03-04"]["xrays"], days["2024-03-06"]["xrays"]) == (1, 0)


def test_percentiles_are_those_of_all_that_were_matched(client: Client, practice: Practice) -> None:
    for number in range(20):
        came(practice, number, seconds=number + 5)
    came(practice, 100)
    report = ask(client)
    assert report["matched"] == {"name": "from arrival to lead", "count": 20, "p50": 14, "p95": 23, "longest": 24}
    steps = {each["name"]: each for each in report["steps"]}
    assert (steps["arriving"]["count"], steps["waiting to be looked at"]["p50"]) == (21, 2)
    assert (steps["deciding whose it is"]["p95"], report["slowest"]) == (21, "deciding whose it is")


def test_jobs_are_timed_and_rated_by_kind(client: Client, practice: Practice) -> None:
    for seconds in (1, 2, 3, 10):
        ended(practice, "practice-match", seconds)
    ended(practice, "practice-batch", 60, State.FAILED, attempts=3)
    ended(practice, "practice-batch", 30, attempts=2)
    ended(practice, "practice-batch", 5, State.CANCELLED)
    batch, match = ask(client)["jobs"]
    assert (match["kind"], match["done"], match["errorRate"]) == ("practice-match", 4, 0)
    assert match["times"] == {"name": "practice-match", "count": 4, "p50": 2, "p95": 10, "longest": 10}
    assert {name: batch[name] for name in ("done", "failed", "cancelled", "retries", "errorRate")} == {
        "done": 1, "failed": 1, "cancelled": 1, "retries": 3, "errorRate": 0.5,
    }  # fmt: skip


def test_refused_files_are_rated(client: Client, practice: Practice) -> None:
    job = Job.objects.create(practice=practice, kind="practice-batch")
    batch = Batch.objects.create(practice=practice, job=job, folder="x", total=4, size=1, created_at=NOON)
    for number, outcome in enumerate([FileOutcome.STORED] * 3 + [FileOutcome.REFUSED]):
        BatchFile.objects.create(batch=batch, key=str(number), name="x", size=1, outcome=outcome)
    rates = ask(client)["errorRates"]
    assert (rates["files"], rates["filesRefused"], rates["fileRate"]) == (4, 1, 0.25)


def test_storage_and_its_growth(client: Client, practice: Practice) -> None:
    came(practice, 1)
    came(practice, 2, NOON - timedelta(days=100))
    assert ask(client)["storage"] == [
        {"practice": practice.pk, "name": "North", "studies": 2, "instances": 2, "bytes": 2000, "bytesPerDay": 100}
    ]


def test_reads_of_caches_are_counted(client: Client) -> None:
    before = metrics.cache_reads()
    metrics.cache_read("thumbnails", was_ready=True)
    metrics.cache_read("thumbnails", was_ready=False)
    found = next(each for each in ask(client)["caches"] if each["name"] == "thumbnails")
    ready = before.get(("thumbnails", "ready"), 0) + 1
    made = before.get(("thumbnails", "made"), 0) + 1
    assert (found["ready"], found["reads"]) == (ready, ready + made)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2024-03-11"},
        {"from": "2023-03-09"},
        {"from": "yesterday"},
        {"practice": "x"},
        {"day": "2024-03-01"},
    ],
)
def test_wrong_days_are_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get(ADDRESS, {**MARCH, **query}).status_code == 400


def test_without_days_it_is_of_the_last_thirty(client: Client) -> None:
    report = client.get(ADDRESS).json()
    assert (len(report["days"]), report["to"]) == (30, f"{timezone.localdate():%Y-%m-%d}")


def test_it_takes_as_many_queries_whatever_there_is(
    practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    span = Span(NOON.date(), NOON.date(), frozenset({practice.pk}))
    for number in range(3):
        came(practice, number, seconds=number)
        ended(practice, f"kind-{number}", 1)
        with django_assert_num_queries(9):
            reporting.make(span)


def test_a_report_is_held_for_a_minute(client: Client, practice: Practice) -> None:
    first = ask(client)
    came(practice, 1)
    assert ask(client) == first
    assert sum(day["xrays"] for day in ask(client, to="2024-03-09")["days"]) == 1
