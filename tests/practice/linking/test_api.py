"""Matches in the REST API: read by who sees the practice, decided by who may merge."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit import access
from apps.audit.models import Event
from apps.practice.models import Lead, Match
from tests.conftest import client_of
from tests.practice.linking.cases import lead, matched, study
from tests.rights import give

DEEDS = ("link", "reject", "no-lead", "unlink", "create-lead", "undo")
STRANGER = {"PatientID": "X-77777", "PatientName": "Roe^Richard", "PatientBirthDate": "19330808", "PatientSex": "M"}


@pytest.fixture
def jane(practice: Practice) -> Lead:
    return lead(practice, external_id="E-1")


@pytest.fixture
def case(practice: Practice, jane: Lead) -> Match:
    return matched(practice, **STRANGER)


def address(match: Match, deed: str = "") -> str:
    return f"/api/studies/{match.study.study_instance_uid}/match{f'/{deed}' if deed else ''}"


def post(client: Client, where: str, **sent: Any) -> Any:
    return client.post(where, sent, content_type="application/json")


def viewer(practice: Practice, *permissions: Permission, **grant: Any) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, *(permissions or (Permission.VIEW,)), **grant)
    return client_of(user)


def test_whose_a_study_is_and_why(client: Client, practice: Practice, jane: Lead) -> None:
    match = matched(practice)
    answer = client.get(address(match)).json()
    assert (answer["state"], answer["leadId"], answer["how"]) == ("linked", jane.pk, "machine")
    assert answer["probability"] > 0.99
    assert {"field", "level", "bits", "words"} == set(answer["explanation"][0])
    assert [made["verdict"] for made in answer["history"]] == ["looked"]
    assert client.get(f"/api/matches/{match.pk}").json() == answer
    access.flush()
    assert Event.objects.filter(action=Event.Action.QUERY, source="a match").exists()


def test_a_study_that_nobody_has_looked_at_is_pending(client: Client, practice: Practice) -> None:
    uid = study(practice).study_instance_uid
    answer = client.get(f"/api/studies/{uid}/match").json()
    assert (answer["id"], answer["state"], answer["leadId"], answer["study"]) == (None, "pending", None, uid)


def test_the_queue_is_filtered(client: Client, practice: Practice, jane: Lead, case: Match) -> None:
    linked = matched(practice, 2)
    found = client.get("/api/matches").json()["results"]
    assert [row["id"] for row in found] == [linked.pk, case.pk]
    filters = {"state": "noLead"}, {"study": case.study.study_instance_uid}, {"how": "machine", "state": "noLead"}
    for each in filters:
        assert [row["id"] for row in client.get("/api/matches", each).json()["results"]] == [case.pk]
    assert [row["id"] for row in client.get("/api/matches", {"lead": jane.pk}).json()["results"]] == [linked.pk]
    assert client.get("/api/matches", {"since": "2999-01-01T00:00:00Z"}).json()["results"] == []
    assert client.get("/api/matches", {"state": "no_lead"}).status_code == 400


def test_people_decide(client: Client, case: Match, jane: Lead) -> None:
    linked = post(client, address(case, "link"), leadId=jane.pk, reason="asked at the desk").json()
    assert (linked["state"], linked["leadId"], linked["how"]) == ("linked", jane.pk, "person")
    assert (linked["history"][0]["by"], linked["history"][0]["reason"]) == ("nora", "asked at the desk")
    assert post(client, address(case, "undo")).json()["state"] == "noLead"
    assert post(client, address(case, "link"), leadExternalId="E-1").json()["leadId"] == jane.pk
    assert post(client, address(case, "unlink")).json()["state"] == "needsReview"
    assert post(client, address(case, "reject"), leadId=jane.pk).json()["state"] == "noLead"
    assert post(client, address(case, "no-lead")).json()["how"] == "person"
    made = post(client, address(case, "create-lead")).json()
    assert Lead.objects.get(pk=made["leadId"]).family_name == "Roe"


def test_the_second_of_two_is_told(client: Client, case: Match, jane: Lead) -> None:
    assert post(client, address(case, "link"), leadId=jane.pk, version=case.version).status_code == 200
    second = post(client, address(case, "no-lead"), version=case.version)
    assert (second.status_code, "in the meantime" in second.json()["detail"]) == (409, True)


@pytest.mark.parametrize("sent", [{}, {"leadId": 999_999}, {"leadId": "x"}, {"leadExternalId": "?"}, {"leadId": 2**70}])
def test_an_unknown_lead_is_named_by_its_field(client: Client, case: Match, sent: dict[str, Any]) -> None:
    answer = post(client, address(case, "link"), **sent)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == ("leadExternalId" if "leadExternalId" in sent else "leadId")


def test_another_practices_lead_is_none(client: Client, case: Match, other_practice: Practice) -> None:
    answer = post(client, address(case, "link"), leadId=lead(other_practice).pk)
    assert answer.json()["errors"][0]["field"] == "leadId"


@pytest.mark.parametrize("deed", DEEDS)
def test_who_may_only_look_decides_nothing(practice: Practice, case: Match, jane: Lead, deed: str) -> None:
    answer = post(viewer(practice), address(case, deed), leadId=jane.pk)
    assert answer.status_code == 403


def test_who_sees_less_than_the_practice_sees_no_matches(practice: Practice, case: Match) -> None:
    narrow = viewer(practice, scope="study", subject=case.study.study_instance_uid)
    assert narrow.get(address(case)).status_code == 404
    assert narrow.get("/api/matches").json()["results"] == []


def test_strangers_find_nothing(stranger_client: Client, anonymous: Client, case: Match, jane: Lead) -> None:
    places = (address(case), f"/api/matches/{case.pk}", f"/api/leads/{jane.pk}/studies")
    assert [stranger_client.get(place).status_code for place in places] == [404] * 3
    assert stranger_client.get("/api/matches").json()["results"] == []
    assert [anonymous.get(place).status_code for place in (*places, "/api/matches")] == [401] * 4
    for deed in DEEDS:
        assert post(stranger_client, address(case, deed), leadId=jane.pk).status_code == 404
        assert post(anonymous, address(case, deed), leadId=jane.pk).status_code == 401


def test_several_are_confirmed_where_there_is_nothing_to_think_about(
    client: Client, practice: Practice, other_practice: Practice, jane: Lead
) -> None:
    sure = matched(practice, 2)
    twin = matched(practice, 3, PatientID=None, PatientName="Doe^Ruth")
    foreign = matched(other_practice, 4)
    sent = [sure.pk, twin.pk, foreign.pk]
    results = post(client, "/api/matches/confirm", matches=sent).json()["results"]
    assert [(row["isConfirmed"], row["leadId"]) for row in results] == [(True, jane.pk), (False, None), (False, None)]
    assert results[1]["detail"].startswith("Something says")
    assert results[2]["detail"] == "There is no such match."


def test_the_studies_of_a_lead(client: Client, practice: Practice, jane: Lead) -> None:
    match = matched(practice)
    matched(practice, 2, **STRANGER)
    found = client.get(f"/api/leads/{jane.pk}/studies").json()["results"]
    assert [row["studyInstanceUid"] for row in found] == [match.study.study_instance_uid]
