"""Asking for jobs."""

from datetime import timedelta

import pytest
from django.db import transaction
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.jobs import registry
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.jobs.registry import UnknownKind
from tests.jobs.conftest import KIND

pytestmark = pytest.mark.django_db


def test_a_job_goes_to_the_queue_when_its_row_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(KIND, {"study": 1})
        assert not OrmQ.objects.exists()
    (task,) = [queued.task for queued in OrmQ.objects.all()]
    assert (task["args"], task["timeout"]) == ((job.pk,), registry.find(KIND).timeout)


def test_a_job_of_a_transaction_that_fails_never_was(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        enqueue(KIND)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_job_is_its_askers_practices(user: User, practice: Practice) -> None:
    job = enqueue(KIND, principal=Principal.of(user))
    assert (job.practice, job.requested_by, job.max_attempts) == (practice, user, 2)


def test_of_one_key_one_job_is_queued() -> None:
    first = enqueue(KIND, {"study": 1}, key="1")
    assert enqueue(KIND, {"study": 1}, key="1") == first
    assert enqueue(KIND, {"study": 2}, key="2") != first
    Job.objects.filter(pk=first.pk).update(state="running")
    assert enqueue(KIND, {"study": 1}, key="1") != first


def test_a_delayed_job_is_left_to_the_sweeper(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        job = enqueue(KIND, delay=timedelta(minutes=1))
    assert not callbacks
    assert job.sent_at is None


def test_an_unknown_kind_and_data_for_parameters_are_refused() -> None:
    with pytest.raises(UnknownKind):
        enqueue("no-such-kind")
    with pytest.raises(ValueError, match="ids, not data"):
        enqueue(KIND, {"header": "x" * 20_000})


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="Two functions"):
        registry.job(KIND)(print)
