"""/api/jobs."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.conftest import NewJob


def test_a_job_tells_how_it_is_doing(client: Client, new_job: NewJob) -> None:
    job = new_job(state="running", attempts=1, progress_done=3, progress_total=4, progress_text="Preparing")
    shown = client.get(f"/api/jobs/{job.pk}/").json()
    assert shown["progress"] == {"done": 3, "total": 4, "percent": 75, "text": "Preparing"}
    assert (shown["state"], shown["kind"], shown["requestedBy"]) == ("running", "study-stable", "nora")
    assert (shown["attempts"], shown["maxAttempts"], shown["cancelRequested"]) == (1, 3, False)


def test_results_and_parameters_are_as_the_job_wrote_them(client: Client, new_job: NewJob) -> None:
    job = new_job(state="done", parameters={"study_pk": 1}, result={"series_pk": [2]})
    shown = client.get(f"/api/jobs/{job.pk}").json()
    assert (shown["parameters"], shown["result"]) == ({"study_pk": 1}, {"series_pk": [2]})


def test_jobs_are_listed_newest_first_and_filtered(client: Client, new_job: NewJob) -> None:
    old, new = new_job(state="failed"), new_job()
    assert [job["id"] for job in client.get("/api/jobs").json()["results"]] == [new.pk, old.pk]
    assert [job["id"] for job in client.get("/api/jobs?state=failed").json()["results"]] == [old.pk]
    assert client.get("/api/jobs?state=lost").status_code == 400


def test_a_queued_job_is_cancelled_and_retried(client: Client, new_job: NewJob) -> None:
    job = new_job(attempts=3)
    assert client.post(f"/api/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/jobs/{job.pk}/cancel").status_code == 409
    retried = client.post(f"/api/jobs/{job.pk}/retry/").json()
    assert (retried["state"], retried["attempts"], retried["cancelRequested"]) == ("queued", 0, False)
    assert client.post(f"/api/jobs/{job.pk}/retry").status_code == 409


def test_a_running_job_is_asked_to_stop(client: Client, new_job: NewJob) -> None:
    shown = client.post(f"/api/jobs/{new_job(state='running').pk}/cancel").json()
    assert (shown["state"], shown["cancelRequested"]) == ("running", True)


@pytest.mark.parametrize("action", ["", "/cancel", "/retry"])
def test_another_practice_and_nobody_get_at_no_job(
    stranger_client: Client, anonymous: Client, new_job: NewJob, action: str
) -> None:
    job = new_job(state="queued")
    address = f"/api/jobs/{job.pk}{action}"
    assert (stranger_client.post(address) if action else stranger_client.get(address)).status_code == 404
    assert (anonymous.post(address) if action else anonymous.get(address)).status_code == 401
    job.refresh_from_db()
    assert job.state == "queued"


def test_the_sites_own_jobs_are_for_superusers(client: Client, new_job: NewJob) -> None:
    job = new_job(practice=None)
    assert client.get("/api/jobs").json()["count"] == 0
    assert client.get(f"/api/jobs/{job.pk}").status_code == 404


def test_a_list_costs_three_queries_whatever_its_length(
    warm_client: Client, new_job: NewJob, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        new_job()
    with django_assert_num_queries(3):
        warm_client.get("/api/jobs")
