"""What lists have in common: chosen fields, orders, and the version in the address."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from tests import dicoms
from tests.api.conftest import NewJob


def rows(client: Client, address: str) -> list[dict[str, Any]]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return list(response.json()["results"])


def wrong(client: Client, address: str, field: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_fields_are_chosen_of_a_list_and_of_one(client: Client, new_job: NewJob) -> None:
    job = new_job()
    assert rows(client, "/api/jobs?fields=id,kind") == [{"id": job.pk, "kind": "study-stable"}]
    assert client.get("/api/jobs?fields=id").json()["count"] == 1
    assert client.get(f"/api/jobs/{job.pk}?fields=state").json() == {"state": "queued"}


def test_a_field_that_there_is_not_is_refused_even_of_an_empty_list(client: Client) -> None:
    for fields in ("nothing", "id,nothing", "", ","):
        wrong(client, f"/api/jobs?fields={fields}", "fields")
    assert rows(client, "/api/jobs?fields=id") == []


def test_an_order_holds_over_pages(client: Client, practice: Practice) -> None:
    for number, name in enumerate(["Doe^Jane", "Abel^Ann", "Zorn^Zoe", "Abel^Ann"]):
        uids = {"StudyInstanceUID": dicoms.uid(9, number), "SOPInstanceUID": dicoms.uid(9, number, 1)}
        store_one([dicoms.ct_slice(PatientName=name, **uids)], Origin("test", practice.pk, "nora"))
    first = client.get("/api/studies?ordering=-patientName&limit=2").json()
    names = [*first["results"], *client.get(first["next"]).json()["results"]]
    assert [row["patientName"] for row in names] == ["Zorn^Zoe", "Doe^Jane", "Abel^Ann", "Abel^Ann"]
    assert len({row["studyInstanceUid"] for row in names}) == 4


@pytest.mark.parametrize("ordering", ["patientname", "pk", "study_date", "-", "studyDate,,", "practice__name", "?"])
def test_an_order_that_there_is_not_is_refused(client: Client, ordering: str) -> None:
    wrong(client, f"/api/studies?ordering={ordering}", "ordering")


def test_a_list_with_one_order_refuses_others(client: Client) -> None:
    assert client.get("/api/tokens?ordering=name").status_code == 400
    assert client.get("/api/audit/events?ordering=id").status_code == 400


@pytest.mark.parametrize("query", ["patientBirthDate=1970-01-02", "receivedAfter=2020-01-01T00:00:00Z"])
def test_studies_are_found_by(client: Client, study: Study, query: str) -> None:
    assert len(rows(client, f"/api/studies?{query}")) == 1
    assert not rows(client, f"/api/studies?{query.replace('1970', '1971').replace('2020', '2120')}")


def test_patients_are_found_by_their_birth_dates(client: Client, study: Study) -> None:
    assert len(rows(client, "/api/patients?patientBirthDate=1970-01-02&ordering=-patientBirthDate")) == 1
    assert not rows(client, "/api/patients?patientBirthDate=1970-01-03")


def test_the_version_may_be_named(client: Client, study: Study) -> None:
    for address in ("studies", f"studies/{dicoms.STUDY_UID}/", "me", ""):
        named = client.get(f"/api/v1/{address}")
        assert (named.status_code, named["Fovea-API-Version"]) == (200, "1")
        assert named.content == client.get(f"/api/{address}").content.replace(b"/api/studies?", b"/api/v1/studies?")
    assert "/api/v1/studies?" in client.get("/api/v1/studies?limit=1&offset=1").json()["previous"]
