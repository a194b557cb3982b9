"""What the sweeper finds and mends."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from apps.jobs import status, sweeper
from apps.jobs.models import Job, Worker
from tests.jobs.conftest import KIND

pytestmark = pytest.mark.django_db
AGO = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_backoff(settings: Settings) -> None:
    settings.JOB_BACKOFF = 0


def sent() -> list[int]:
    return [queued.task["args"][0] for queued in OrmQ.objects.order_by("pk")]


def swept(**fields: object) -> Job:
    job = Job.objects.create(kind=KIND, max_attempts=2, **fields)
    sweeper.sweep()
    job.refresh_from_db()
    return job


def test_a_job_that_was_never_sent_is_sent_once() -> None:
    job = swept(created_at=timezone.now() - AGO)
    sweeper.sweep()
    assert sent() == [job.pk]


def test_a_job_that_the_queue_lost_is_sent_again() -> None:
    job = swept(sent_at=timezone.now() - AGO)
    assert sent() == [job.pk]


def test_a_job_that_still_waits_in_the_queue_is_not_sent_again() -> None:
    OrmQ.objects.create(key="fovea", payload="another's", lock=timezone.now() - AGO)
    swept(sent_at=timezone.now() - AGO)
    assert OrmQ.objects.count() == 1


def test_a_job_that_is_not_due_is_not_sent() -> None:
    swept(not_before=timezone.now() + AGO)
    assert sent() == []


def test_a_job_whose_worker_died_is_sent_again() -> None:
    job = swept(state="running", attempts=1, lease_until=timezone.now() - AGO)
    assert (job.state, job.attempts, sent()) == ("queued", 1, [job.pk])


def test_a_job_whose_worker_died_too_often_has_failed() -> None:
    job = swept(state="running", attempts=2, lease_until=timezone.now() - AGO)
    assert job.state == "failed"
    assert "more memory" in job.error
    assert sent() == []


def test_a_cancelled_job_whose_worker_died_is_cancelled() -> None:
    job = swept(state="running", attempts=1, lease_until=timezone.now() - AGO, cancel_requested=True)
    assert job.state == "cancelled"


def test_a_job_that_is_alive_is_left_alone() -> None:
    assert swept(state="running", attempts=1, lease_until=timezone.now() + AGO).state == "running"


def test_what_a_stopped_worker_had_goes_back_uncounted() -> None:
    job = Job.objects.create(kind=KIND, state="running", attempts=1, worker="here")
    other = Job.objects.create(kind=KIND, state="running", attempts=1, worker="there")
    sweeper.release("here")
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    assert (other.state, other.attempts) == ("running", 1)


def test_old_rows_are_removed() -> None:
    long_ago = timezone.now() - timedelta(days=31)
    Job.objects.create(kind=KIND, state="done", finished_at=long_ago)
    kept = [
        Job.objects.create(kind=KIND, state="done", finished_at=timezone.now()),
        Job.objects.create(kind=KIND, created_at=long_ago),
    ]
    Worker.objects.create(name="gone", seen_at=long_ago)
    sweeper.prune()
    assert list(Job.objects.order_by("pk")) == kept
    assert not Worker.objects.exists()


def test_the_queue_tells_how_it_is_doing() -> None:
    Worker.objects.create(name="here", seen_at=timezone.now())
    Worker.objects.create(name="gone", seen_at=timezone.now() - AGO)
    assert status.oldest_due() == timedelta(0)
    Job.objects.create(kind=KIND, not_before=timezone.now() - AGO)
    assert status.workers_seen() == 1
    assert status.counts() == {"queued": 1, "running": 0, "done": 0, "failed": 0, "cancelled": 0}
    assert status.oldest_due() >= AGO
    status.broker_answers()
