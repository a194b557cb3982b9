"""POST /api/dental/dicom/query: a lead's studies at another archive, by who may, who may not, strangers and nobody."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import Lead
from apps.remotes.models import Remote
from tests.dicomweb.archive import keep
from tests.practice.appointments.booked import lead_of
from tests.practice.devices.conftest import JANE, JOHN, STRANGER, slice_of
from tests.rights import give

QUERY, JSON = "/api/dental/dicom/query", "application/json"


def post(client: Client, **body: Any) -> Any:
    return client.post(QUERY, body, content_type=JSON)


def test_a_lead_s_studies_are_found_and_judged(client: Client, remote: Remote, lead: Lead) -> None:
    keep(remote.practice, slice_of(JANE, PatientName="Doe^Jane", PatientID="X-1", StudyDate="20240301"))
    answer = post(client, remote=remote.pk, leadId=lead.pk)
    assert answer.status_code == 200, answer.json()
    told = {each["studyInstanceUid"]: each for each in answer.json()["studies"]}
    assert list(told) == [JANE, JOHN, STRANGER]
    assert [each["match"]["verdict"] for each in told.values()] == ["same", "other", "other"]
    assert [each["ours"] for each in told.values()] == [1, 0, 0]
    assert "The given name is another." in told[JOHN]["match"]["notes"]
    assert told[JANE]["match"]["explanation"]


def test_what_is_said_is_asked_for_alone(client: Client, remote: Remote, lead: Lead) -> None:
    answer = post(client, remote="Old archive", leadId=lead.pk, patientName="Doe, Jo", modality="ct")
    (study,) = answer.json()["studies"]
    assert (study["studyInstanceUid"], study["match"]["verdict"]) == (JOHN, "other")


def test_without_a_lead_nothing_is_judged(client: Client, remote: Remote) -> None:
    (study,) = post(client, remote=remote.pk, patientId="X-1", studyDateFrom="2024-01-01").json()["studies"]
    assert (study["studyInstanceUid"], study["match"]) == (JANE, None)


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({}, 400, ["remote"]),
        ({"remote": "Nobody"}, 400, ["remote"]),
        ({"remote": 999_999_999}, 400, ["remote"]),
        ({"remote": [1]}, 400, ["remote"]),
        ({"remote": "Nowhere"}, 400, []),
        ({"remote": "Nowhere", "birthDate": "soon"}, 400, ["birthDate"]),
        ({"remote": "Nowhere", "leadId": 999_999_999}, 400, ["leadId"]),
        ({"remote": "Nowhere", "patientId": "P7"}, 502, []),
    ],
)
def test_what_is_wrong_is_said(
    client: Client, nowhere: Remote, body: dict[str, Any], status: int, fields: list[str]
) -> None:
    answer = post(client, **body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert [each["field"] for each in answer.json().get("errors", [])] == fields


def test_it_is_for_who_may_fetch(
    user: User, client: Client, stranger_client: Client, anonymous: Client, nowhere: Remote, practice: Practice
) -> None:
    body = {"remote": nowhere.pk, "patientId": "P7"}
    answers = [post(each, **body).status_code for each in (stranger_client, anonymous)]
    assert answers == [400, 401]
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW, Permission.ADMINISTER)
    assert post(client, **body).status_code == 403


def test_another_practice_s_lead_is_no_lead(client: Client, nowhere: Remote, other_practice: Practice) -> None:
    answer = post(client, remote=nowhere.pk, leadId=lead_of(other_practice).pk)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, ["leadId"])
