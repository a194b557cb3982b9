"""Jobs in the admin."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts.models import Practice, User
from apps.jobs.models import Job
from tests.conftest import client_of

LIST = "admin:jobs_job_changelist"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def staff_client(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def staff(user: User) -> Client:
    return staff_client(user)


@pytest.fixture
def job(practice: Practice) -> Job:
    return Job.objects.create(
        kind="study-stable",
        practice=practice,
        state="running",
        attempts=1,
        progress_done=1,
        progress_total=4,
        progress_text="<b>Preparing</b>",
    )


def act(client: Client, action: str, job: Job) -> str:
    response = client.post(reverse(LIST), {"action": action, "_selected_action": [job.pk]})
    job.refresh_from_db()
    return " ".join(map(str, get_messages(response.wsgi_request)))


def test_the_list_shows_how_a_job_is_doing(staff: Client, job: Job) -> None:
    page = staff.get(reverse(LIST)).content.decode()
    assert "study-stable" in page
    assert 'aria-label="25 %"' in page
    assert "&lt;b&gt;Preparing" in page


def test_a_job_has_a_page_to_read(staff: Client, job: Job) -> None:
    address = reverse("admin:jobs_job_change", args=[job.pk])
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"state": "done"}).status_code == 403


def test_a_running_job_is_asked_to_stop(staff: Client, job: Job) -> None:
    assert "stops at its next step" in act(staff, "cancel_selected", job)
    assert job.cancel_requested


def test_a_failed_job_is_tried_again_and_another_is_not(staff: Client, job: Job) -> None:
    assert "Only a job that failed" in act(staff, "retry_selected", job)
    Job.objects.update(state="failed")
    assert "queued again" in act(staff, "retry_selected", job)
    assert job.state == "queued"


def test_another_practice_sees_no_job_and_changes_none(stranger: User, job: Job) -> None:
    client = staff_client(stranger)
    assert "study-stable" not in client.get(reverse(LIST)).content.decode()
    act(client, "cancel_selected", job)
    assert not job.cancel_requested
    assert client.get(reverse("admin:jobs_job_change", args=[job.pk])).status_code == 404


def test_the_list_costs_the_same_whatever_its_length(
    staff: Client, job: Job, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    staff.get(reverse(LIST))
    with django_assert_max_num_queries(30) as one:
        staff.get(reverse(LIST))
    for _ in range(5):
        Job.objects.create(kind="study-stable", practice=job.practice)
    with django_assert_max_num_queries(len(one)):
        staff.get(reverse(LIST))
