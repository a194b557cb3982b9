"""What a worker makes of a job, in this process."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.exceptions import TimeoutException

from apps.core.errors import NotFound, Unavailable
from apps.jobs import claims, worker
from apps.jobs.claims import Ending
from apps.jobs.handle import Cancelled, JobHandle, Later, Lost, Progress, Sign
from apps.jobs.models import Job, State
from tests.jobs.conftest import KIND

pytestmark = pytest.mark.django_db
Work = Callable[[JobHandle], Any]


def run(job: Job) -> Job:
    worker.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_ends_done_with_its_result_and_progress(work: Callable[[Work], None]) -> None:
    def body(handle: JobHandle) -> dict[str, int]:
        handle.progress(2, 2, "Ready")
        return {"attempt": handle.attempt}

    work(body)
    job = run(Job.objects.create(kind=KIND))
    assert (job.state, job.attempts, job.result, job.percent) == ("done", 1, {"attempt": 1}, 100)
    assert job.progress_text == "Ready"
    assert job.started_at
    assert job.finished_at


def test_a_job_that_is_sent_twice_is_done_once(work: Callable[[Work], None]) -> None:
    begun: list[int] = []
    work(lambda handle: begun.append(handle.attempt))
    job = Job.objects.create(kind=KIND)
    run(job)
    run(job)
    assert begun == [1]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "running", "lease_until": timezone.now() + timedelta(days=1)},
        {"state": "cancelled"},
        {"state": "failed"},
        {"attempts": 2},
        {"not_before": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_is_not_to_be_had_is_not_claimed(fields: dict[str, Any]) -> None:
    job = Job.objects.create(kind=KIND, max_attempts=2, **fields)
    assert claims.claim(job.pk) is None


def test_an_attempt_is_counted_before_the_work(work: Callable[[Work], None]) -> None:
    seen: list[tuple[str, int]] = []
    work(lambda handle: seen.extend(Job.objects.values_list("state", "attempts")))
    run(Job.objects.create(kind=KIND))
    assert seen == [("running", 1)]


def test_an_error_is_tried_again_and_then_told_without_its_message(
    work: Callable[[Work], None], caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    def body(handle: JobHandle) -> None:
        raise KeyError("DOE^JANE")

    settings.JOB_BACKOFF = 0
    work(body)
    job = Job.objects.create(kind=KIND, max_attempts=2)
    with caplog.at_level(logging.INFO):
        assert run(job).state == "queued"
        assert run(job).state == "failed"
    assert (job.attempts, job.error) == (2, "It failed unexpectedly. The server's log says where.")
    assert "KeyError" in caplog.text
    assert "DOE" not in caplog.text


def test_the_pause_between_attempts_grows(settings: Any) -> None:
    settings.JOB_BACKOFF = 15
    assert [claims.backoff(attempts).seconds for attempts in (1, 2, 3, 50)] == [15, 30, 60, 600]


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (NotFound("There is no such study."), "failed", "There is no such study."),
        (Unavailable("The storage is away."), "queued", "The storage is away."),
        (TimeoutException(), "queued", "It took longer than it may. Try again, or ask your administrator."),
        (Cancelled(), "cancelled", ""),
    ],
)
def test_how_an_attempt_ends_follows_from_the_error(
    work: Callable[[Work], None], error: BaseException, state: str, told: str
) -> None:
    def body(handle: JobHandle) -> None:
        raise error

    work(body)
    job = run(Job.objects.create(kind=KIND))
    assert (job.state, job.error) == (state, told)


def test_a_job_that_came_too_early_waits_uncounted(work: Callable[[Work], None]) -> None:
    def body(handle: JobHandle) -> None:
        raise Later(timedelta(minutes=5))

    work(body)
    job = run(Job.objects.create(kind=KIND))
    assert (job.state, job.attempts) == ("queued", 0)
    assert job.not_before > timezone.now() + timedelta(minutes=4)


def test_a_kind_that_is_gone_fails_at_once() -> None:
    job = run(Job.objects.create(kind="of-an-app-that-was-removed"))
    assert (job.state, job.attempts) == ("failed", 1)


@pytest.mark.parametrize("result", [object(), "x" * 70_000])
def test_a_result_that_can_not_be_kept_fails(work: Callable[[Work], None], result: object) -> None:
    work(lambda handle: result)
    assert run(Job.objects.create(kind=KIND, max_attempts=1)).state == "failed"


def test_what_a_lost_attempt_brings_is_left_out() -> None:
    job = Job.objects.create(kind=KIND)
    old = claims.claim(job.pk)
    assert old is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    new = claims.claim(job.pk)
    assert new is not None
    claims.settle(old, Ending(State.DONE, result="old"), Progress())
    assert claims.renew(old, Progress()).name == "LOST"
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("running", 2, None)


def test_a_cancelled_attempt_that_fails_is_not_tried_again() -> None:
    Job.objects.create(kind=KIND)
    job = claims.claim(Job.objects.get().pk)
    assert job is not None
    Job.objects.update(cancel_requested=True)
    claims.settle(job, Ending(State.FAILED, error="It broke."), Progress())
    assert Job.objects.get().state == "cancelled"


def test_an_attempt_whose_work_was_asked_for_again_gives_way() -> None:
    job = claims.claim(Job.objects.create(kind=KIND, key="1").pk)
    assert job is not None
    Job.objects.create(kind=KIND, key="1")
    claims.settle(job, Ending(State.FAILED, error="It broke."), Progress())
    job.refresh_from_db()
    assert (job.state, Job.objects.filter(state="queued").count()) == ("cancelled", 1)


def test_a_handle_stops_the_work_when_it_is_told() -> None:
    handle = JobHandle(1, 1)
    handle.progress(-5, 2**70)
    assert handle.said == Progress(0, 2**63 - 1)
    handle.sign = Sign.CANCEL
    with pytest.raises(Cancelled):
        handle.progress(1)
    handle.sign = Sign.LOST
    with pytest.raises(Lost):
        handle.check()
