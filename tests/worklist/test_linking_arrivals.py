"""The worklist listens to the archive: what a store costs, and what becomes of a study's steps by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.outcomes import Origin
from apps.jobs.handle import JobHandle, Later
from apps.jobs.models import Job
from apps.worklist import receivers, tasks
from apps.worklist.models import ScheduledStep, StepState
from tests import dicoms
from tests.remotes.jobs import do
from tests.worklist.arriving import arrive, plan


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    receivers.forget_all()


def jobs(kind: str) -> list[Job]:
    return list(Job.objects.filter(kind=kind))


def state(step: ScheduledStep) -> str:
    step.refresh_from_db()
    return step.state


def test_the_first_image_begins_the_step(practice: Practice) -> None:
    step = plan(practice)
    arrive(practice)
    for job in jobs(receivers.LINK):
        do(job)
    assert state(step) == StepState.IN_PROGRESS


def test_a_study_is_asked_about_once_while_it_comes(practice: Practice) -> None:
    plan(practice)
    for number in range(1, 4):
        arrive(practice, InstanceNumber=str(number))
    assert len(jobs(receivers.LINK)) == 1


def test_a_practice_that_plans_nothing_pays_nothing(
    practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    arrive(practice)
    with django_assert_num_queries(0):
        receivers.on_stored(study_pks={1}, origin=Origin("test", practice.pk, "test"))
    assert not jobs(receivers.LINK)


def test_a_study_that_settled_completes_its_step_after_a_while(practice: Practice, settings: Settings) -> None:
    step, study = plan(practice), arrive(practice)
    receivers.on_settled(study=study)
    (job,) = jobs(receivers.COMPLETE)
    with pytest.raises(Later):
        do(job)
    Study.objects.update(updated_at=timezone.now() - timedelta(minutes=settings.STEP_COMPLETES_MINUTES))
    do(job)
    assert state(step) == StepState.COMPLETED
    do(job)


def test_a_site_may_leave_completing_to_people(practice: Practice, settings: Settings) -> None:
    settings.STEP_COMPLETES_MINUTES = 0
    plan(practice)
    receivers.on_settled(study=arrive(practice))
    assert not jobs(receivers.COMPLETE)


def test_a_study_that_is_gone_needs_no_job(db: None) -> None:
    assert tasks.link(JobHandle(1, 1), study=404) == {"steps": 0}
    assert tasks.complete(JobHandle(1, 1), study=404) == {"study": None}


def test_a_step_planned_after_the_first_images_is_found_when_the_study_has_settled(practice: Practice) -> None:
    study = arrive(practice)
    step = plan(practice, study_instance_uid=dicoms.STUDY_UID)
    receivers.on_settled(study=study)
    assert state(step) == StepState.IN_PROGRESS
