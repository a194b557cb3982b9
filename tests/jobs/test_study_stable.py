"""The job that makes a study ready once nothing more comes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.store import Batch, Origin
from apps.jobs import arrivals, worker
from apps.jobs.models import Job
from tests import dicoms


@pytest.fixture(autouse=True)
def nothing_asked() -> Iterator[None]:
    arrivals.forget_all()
    yield
    arrivals.forget_all()


@pytest.fixture
def origin(practice: Practice) -> Origin:
    return Origin("test", practice.pk, "nora")


def store(origin: Origin, *files: bytes) -> None:
    with Batch(origin) as batch:
        for file in files:
            batch.receive([file])
        batch.commit()


def age(study: Study, seconds: int) -> None:
    Study.objects.filter(pk=study.pk).update(updated_at=timezone.now() - timedelta(seconds=seconds))
    Job.objects.update(not_before=timezone.now())


def test_a_study_has_one_job_while_it_settles(origin: Origin, practice: Practice) -> None:
    for file in dicoms.ct_series(3):
        store(origin, file)
    (job,) = Job.objects.all()
    assert (job.kind, job.practice, job.sent_at) == ("study-stable", practice, None)
    assert job.parameters == {"study": Study.objects.get().pk}
    assert job.not_before > timezone.now()


def test_it_is_one_job_whatever_process_asks(origin: Origin) -> None:
    for file in dicoms.ct_series(2):
        arrivals.forget_all()
        store(origin, file)
    assert Job.objects.count() == 1


def test_the_store_pays_one_statement_at_first_and_nothing_after(
    origin: Origin, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        arrivals.on_stored(study_pks={1, 2}, origin=origin)
    with django_assert_num_queries(0):
        arrivals.on_stored(study_pks={1, 2}, origin=origin)


def test_a_study_that_still_grows_is_left_to_settle(origin: Origin) -> None:
    store(origin, dicoms.ct_slice())
    age(Study.objects.get(), 1)
    worker.run(Job.objects.get().pk)
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("queued", 0)
    assert job.not_before > timezone.now()


def test_a_settled_study_is_made_ready(origin: Origin, settings: Settings) -> None:
    store(origin, *dicoms.ct_series(2), dicoms.secondary_capture())
    age(Study.objects.get(), 3600)
    worker.run(Job.objects.get().pk)
    job = Job.objects.get(kind="study-stable")
    assert (job.state, job.result, job.error) == ("done", {"series": 2}, "")
    cache = Path(settings.DATA) / "cache"
    assert len(list(cache.glob("metadata/series/*/*/*.gz"))) == 2
    assert len(list(cache.glob("thumbnails/*/*-256.jpg"))) == 2


def test_an_object_that_can_not_be_drawn_does_no_harm(origin: Origin) -> None:
    store(origin, dicoms.encapsulated([b"no JPEG at all"]))
    age(Study.objects.get(), 3600)
    worker.run(Job.objects.get().pk)
    assert Job.objects.get().state == "done"


@pytest.mark.django_db
def test_a_study_that_was_deleted_is_nothing_to_do() -> None:
    job = Job.objects.create(kind="study-stable", parameters={"study": 404})
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"series": 0})
