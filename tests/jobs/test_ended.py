"""The signal that a job has ended for good: once, after the commit, whoever ended it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import Refused, Unavailable
from apps.jobs import claims, control, sweeper, worker
from apps.jobs.claims import Ending
from apps.jobs.events import ended
from apps.jobs.handle import JobHandle, Later, Progress
from apps.jobs.models import Job, State
from tests.jobs.conftest import KIND

pytestmark = pytest.mark.django_db
Work = Callable[[JobHandle], Any]
Choose = Callable[[Work], None]
Commit = DjangoCaptureOnCommitCallbacks


@pytest.fixture
def heard() -> Iterator[list[tuple[int, State]]]:
    """The jobs that were said to have ended, and how."""
    told: list[tuple[int, State]] = []

    def listen(*, job_pk: int, state: State, **_: Any) -> None:
        told.append((job_pk, state))

    ended.connect(listen, dispatch_uid="tests.heard")
    yield told
    ended.disconnect(dispatch_uid="tests.heard")


def failing(error: Exception) -> Work:
    def body(handle: JobHandle) -> None:
        raise error

    return body


def test_a_job_that_is_done_has_ended(
    work: Choose, heard: list[Any], django_capture_on_commit_callbacks: Commit
) -> None:
    work(lambda handle: None)
    job = Job.objects.create(kind=KIND)
    with django_capture_on_commit_callbacks(execute=True):
        worker.run(job.pk)
        assert heard == []
    assert heard == [(job.pk, State.DONE)]


def test_only_the_last_attempt_ends_a_job(
    work: Choose, heard: list[Any], django_capture_on_commit_callbacks: Commit
) -> None:
    work(failing(Unavailable("Not now.")))
    job = Job.objects.create(kind=KIND, max_attempts=2)
    with django_capture_on_commit_callbacks(execute=True):
        worker.run(job.pk)
    assert heard == []
    Job.objects.update(not_before=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        worker.run(job.pk)
    assert heard == [(job.pk, State.FAILED)]


@pytest.mark.parametrize(("error", "said"), [(Refused("No."), [State.FAILED]), (Later(timedelta(minutes=1)), [])])
def test_what_is_tried_later_has_not_ended(
    work: Choose,
    heard: list[Any],
    django_capture_on_commit_callbacks: Commit,
    error: Exception,
    said: list[State],
) -> None:
    work(failing(error))
    job = Job.objects.create(kind=KIND)
    with django_capture_on_commit_callbacks(execute=True):
        worker.run(job.pk)
    assert [state for _, state in heard] == said


def test_a_cancelled_job_has_ended(
    heard: list[Any], practice: Practice, django_capture_on_commit_callbacks: Commit
) -> None:
    job = Job.objects.create(kind=KIND, practice=practice)
    with django_capture_on_commit_callbacks(execute=True):
        control.cancel(Principal.worker(practice.pk), job.pk)
    assert heard == [(job.pk, State.CANCELLED)]


@pytest.mark.parametrize(("cancel", "state"), [(True, State.CANCELLED), (False, State.FAILED)])
def test_a_job_whose_worker_died_has_ended(
    heard: list[Any], django_capture_on_commit_callbacks: Commit, cancel: bool, state: State
) -> None:
    lapsed = timezone.now() - timedelta(seconds=1)
    job = Job.objects.create(
        kind=KIND, state="running", attempts=3, lease_until=lapsed, cancel_requested=cancel
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        sweeper.sweep()
    assert heard == [(job.pk, state)]


def test_an_attempt_that_was_given_up_ends_nothing(
    heard: list[Any], django_capture_on_commit_callbacks: Commit
) -> None:
    job = Job.objects.create(kind=KIND, state="running", attempts=1)
    Job.objects.update(attempts=2)
    with django_capture_on_commit_callbacks(execute=True):
        claims.settle(job, Ending(State.DONE), Progress())
    assert heard == []
