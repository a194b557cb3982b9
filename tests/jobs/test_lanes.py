"""Lanes: so many long jobs at once and no more, and nothing else waits for them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.jobs import lanes, registry, worker
from apps.jobs.handle import Elsewhere, JobHandle
from apps.jobs.models import Job, State
from apps.jobs.registry import job
from tests.jobs.conftest import KIND

pytestmark = pytest.mark.django_db
LONG, LANE = "tests-long", "tests"
Work = Callable[[JobHandle], Any]


@pytest.fixture(autouse=True)
def long_kind() -> Iterator[list[int]]:
    """A kind in a lane; the jobs of it that were done."""
    done: list[int] = []
    job(LONG, max_attempts=2, lane=LANE)(lambda handle: done.append(handle.job_id))
    yield done
    del registry._kinds[LONG]


@pytest.fixture
def full() -> Iterator[ExitStack]:
    """Every place of the lane is taken, until this is closed."""
    with ExitStack() as stack:
        for _ in range(lanes.places()):
            taken = lanes._take(LANE)
            assert taken is not None
            stack.enter_context(taken)
        yield stack


def new(kind: str = LONG, **columns: Any) -> Job:
    return Job.objects.create(kind=kind, sent_at=timezone.now(), **columns)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize(("cores", "workers", "places"), [(1, 2, 1), (2, 2, 1), (8, 2, 1), (8, 8, 4), (4, 3, 2)])
def test_half_the_cores_and_never_the_whole_pool(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, cores: int, workers: int, places: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    settings.WORKERS = workers
    assert lanes.places() == places


def test_a_pool_has_two_processes_at_least() -> None:
    from config.settings import WORKERS

    assert WORKERS >= 2


def test_who_finds_no_place_lets_go_of_the_job_uncounted(full: ExitStack, long_kind: list[int]) -> None:
    waiting = new()
    worker.run(waiting.pk)
    row = again(waiting)
    assert (row.state, row.attempts, row.sent_at, row.started_at, long_kind) == ("queued", 0, None, None, [])
    assert timezone.now() < row.not_before <= timezone.now() + lanes.PAUSE


def test_others_pass_a_full_lane(full: ExitStack, work: Callable[[Work], None]) -> None:
    work(lambda handle: handle.job_id)
    quick = new(KIND)
    worker.run(quick.pk)
    assert again(quick).state == State.DONE


def test_whoever_leaves_sends_for_the_one_that_waits_longest(full: ExitStack, long_kind: list[int]) -> None:
    first, second, last = new(), new(), new()
    for each in (first, second):
        worker.run(each.pk)
    full.close()
    worker.run(last.pk)
    assert long_kind == [last.pk]
    assert again(first).sent_at is not None
    assert again(first).not_before <= timezone.now()
    assert again(second).sent_at is None
    worker.run(first.pk)
    worker.run(second.pk)
    assert long_kind == [last.pk, first.pk, second.pk]


def test_one_that_failed_waits_out_its_pause(long_kind: list[int]) -> None:
    failed = new(attempts=1, not_before=timezone.now() + timedelta(seconds=9))
    Job.objects.update(sent_at=None)
    worker.run(new().pk)
    assert again(failed).sent_at is None


def test_a_place_is_free_again_after_an_error() -> None:
    del registry._kinds[LONG]

    @job(LONG, max_attempts=1, lane=LANE)
    def fails(handle: JobHandle) -> None:
        raise KeyError

    for _ in range(lanes.places() + 1):
        failing = new()
        worker.run(failing.pk)
        assert again(failing).state in {State.FAILED, State.QUEUED}
    taken = lanes._take(LANE)
    assert taken is not None
    taken.close()


def test_a_place_is_free_again_when_its_process_is_killed() -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - the other process
        held = [lanes._take(LANE) for _ in range(lanes.places())]
        os.write(write, b"x" * len(held))
        time.sleep(600)
    os.read(read, 1)
    assert lanes._take(LANE) is None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    free = lanes._take(LANE)
    assert free is not None
    free.close()


def test_a_job_of_another_kind_goes_on_as_such_at_once(work: Callable[[Work], None], long_kind: list[int]) -> None:
    def body(handle: JobHandle) -> None:
        raise Elsewhere(LONG)

    work(body)
    moved = new(KIND)
    worker.run(moved.pk)
    row = again(moved)
    assert (row.kind, row.state, row.attempts, row.sent_at is not None) == (LONG, "queued", 0, True)
    worker.run(moved.pk)
    assert (again(moved).state, long_kind) == ("done", [moved.pk])


def test_a_cancelled_one_does_not_go_elsewhere(work: Callable[[Work], None], long_kind: list[int]) -> None:
    def body(handle: JobHandle) -> None:
        Job.objects.update(cancel_requested=True)
        raise Elsewhere(LONG)

    work(body)
    moved = new(KIND)
    worker.run(moved.pk)
    assert (again(moved).state, again(moved).kind, long_kind) == ("cancelled", KIND, [])
