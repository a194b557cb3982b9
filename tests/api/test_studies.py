"""/api/studies."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from tests import dicoms


def test_a_study_is_listed_with_what_it_is(client: Client, study: Study, practice: Practice) -> None:
    (found,) = client.get("/api/studies/").json()["results"]
    expected = {
        "studyInstanceUid": dicoms.STUDY_UID,
        "studyDate": "2024-02-29",
        "studyTime": "10:15:30",
        "patientName": "Doe^Jane",
        "patientId": "P1",
        "patientBirthDate": "1970-01-02",
        "accessionNumber": "A1",
        "modalities": ["CT"],
        "seriesCount": 1,
        "instanceCount": 1,
        "practice": practice.pk,
        "viewerUrl": f"/viewer/viewer?StudyInstanceUIDs={dicoms.STUDY_UID}",
    }
    assert expected.items() <= found.items()


def test_one_study_shows_its_series(client: Client, study: Study) -> None:
    found = client.get(f"/api/studies/{dicoms.STUDY_UID}").json()
    (series,) = found["series"]
    assert series["seriesInstanceUid"] == dicoms.SERIES_UID
    assert series["modality"] == "CT"
    assert series["instanceCount"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "patientName=doe",
        "patientName=Jane Döe",
        "patientName=doe^jane",
        "patientId=P1",
        "accessionNumber=A1",
        "modality=ct",
        "studyDateFrom=2024-02-29",
        "studyDateTo=2024-02-29",
        "studyDateFrom=2024-02-01&studyDateTo=2024-03-01&modality=CT",
    ],
)
def test_a_study_is_found_by(client: Client, study: Study, query: str) -> None:
    assert client.get(f"/api/studies?{query}").json()["count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "patientName=Doe John",
        "patientName=%25",
        "patientId=P",
        "accessionNumber=A",
        "modality=C",
        "studyDateFrom=2024-03-01",
        "studyDateTo=2024-02-28",
        "offset=1",
    ],
)
def test_a_study_is_not_found_by(client: Client, study: Study, query: str) -> None:
    assert client.get(f"/api/studies?{query}").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "patientname=doe",
        "studyDateFrom=yesterday",
        "modality=CT&modality=MR",
        "limit=ten",
        "limit=-1",
        "offset=99999999999999999999",
        "offset=100001",
        "patientName=%00",
        f"patientName={'x' * 251}",
    ],
)
def test_a_search_that_is_not_understood_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/api/studies?{query}").status_code == 400


def test_studies_come_newest_first_in_pages(client: Client, practice: Practice) -> None:
    for number, day in enumerate(["20240101", "20240301", "20240201"]):
        uids = {"StudyInstanceUID": dicoms.uid(9, number), "SOPInstanceUID": dicoms.uid(9, number, 1)}
        store_one([dicoms.ct_slice(StudyDate=day, **uids)], Origin("test", practice.pk, "nora"))
    first = client.get("/api/studies?limit=2").json()
    assert [study["studyDate"] for study in first["results"]] == ["2024-03-01", "2024-02-01"]
    assert (first["count"], first["previous"]) == (3, None)
    second = client.get(first["next"]).json()
    assert [study["studyDate"] for study in second["results"]] == ["2024-01-01"]


def test_dates_that_are_none_are_null(client: Client, practice: Practice) -> None:
    store_one([dicoms.ct_slice(StudyDate="", StudyTime="")], Origin("test", practice.pk, "nora"))
    (found,) = client.get("/api/studies").json()["results"]
    assert (found["studyDate"], found["studyTime"]) == (None, None)
    assert client.get("/api/studies?studyDateTo=2024-01-01").json()["count"] == 0


def test_another_practice_sees_nothing(stranger_client: Client, study: Study) -> None:
    assert stranger_client.get("/api/studies").json()["count"] == 0
    assert stranger_client.get(f"/api/studies/{dicoms.STUDY_UID}").status_code == 404


@pytest.mark.parametrize("uid", ["1.2.3", "1..2", "x", "1" * 65, "%00"])
def test_a_study_that_is_not_there_is_not_found(client: Client, uid: str) -> None:
    assert client.get(f"/api/studies/{uid}").status_code == 404


@pytest.mark.parametrize("address", ["/api/studies", f"/api/studies/{dicoms.STUDY_UID}"])
def test_nobody_is_told_anything(anonymous: Client, study: Study, address: str) -> None:
    assert anonymous.get(address).status_code == 401


def test_a_list_costs_four_queries_and_a_study_four(
    warm_client: Client, study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        warm_client.get("/api/studies?patientName=doe")
    with django_assert_num_queries(4):
        warm_client.get(f"/api/studies/{dicoms.STUDY_UID}")
