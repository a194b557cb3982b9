"""Leads in the REST API: who may what, and what a practice's software does day by day."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.leads import people
from apps.practice.models import Lead
from tests.practice.leads.people import JANE, add, keeper, several, user_with

pytestmark = pytest.mark.django_db

BODY: dict[str, Any] = {"externalId": "P-1", "familyName": "Doe", "givenName": "Jane", "birthDate": "1980-01-31"}


def send(client: Client, address: str, body: Any, method: str = "POST") -> Any:
    return client.generic(method, address, json.dumps(body), content_type="application/json")


def signed_in(user: User) -> Client:
    client = Client(HTTP_SEC_FETCH_SITE="same-origin")
    client.force_login(user)
    return client


@pytest.fixture
def member(practice: Practice) -> Client:
    return signed_in(user_with(practice, "nora", Permission.VIEW, Permission.UPLOAD))


def calls(lead: Lead) -> list[tuple[str, str, Any]]:
    """Every call about a lead, with something that it takes."""
    here = f"/api/leads/{lead.pk}"
    return [
        ("GET", here, None), ("PATCH", here, {"sex": "M"}), ("PUT", here, BODY), ("DELETE", here, None),
        ("POST", f"{here}/restore", None), ("POST", f"{here}/erase", None),
    ]  # fmt: skip


def test_the_software_adds_a_lead_and_sends_it_again(member: Client) -> None:
    first, again = send(member, "/api/leads", BODY), send(member, "/api/leads/", {**BODY, "sex": "F"})
    assert (first.status_code, again.status_code) == (201, 200)
    lead = again.json()
    assert lead["id"] == first.json()["id"]
    assert (lead["externalId"], lead["sex"], lead["version"], lead["source"]) == ("P-1", "F", 2, "API")
    assert (lead["dicomPatientId"], lead["deletedAt"]) == ("P-1", None)


def test_a_lead_without_an_id_is_new_each_time(member: Client) -> None:
    body = {"familyName": "Doe"}
    assert send(member, "/api/leads", body).json()["id"] != send(member, "/api/leads", body).json()["id"]


def test_what_is_wrong_is_said_by_field(member: Client) -> None:
    answer = send(member, "/api/leads", {**BODY, "birthDate": "31.1.1980", "phones": ["1"], "shoeSize": 39})
    assert answer.status_code == 400
    assert {each["field"] for each in answer.json()["errors"]} == {"birthDate", "phones.0", "shoeSize"}
    assert not Lead.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_what_is_no_object_is_refused(member: Client, body: Any) -> None:
    assert send(member, "/api/leads", body).status_code == 400


def test_patch_keeps_what_put_empties(practice: Practice, member: Client) -> None:
    lead = add(practice)
    patched = send(member, f"/api/leads/{lead.pk}", {"middleName": "M."}, "PATCH").json()
    assert (patched["phones"], patched["middleName"]) == (["+41791234567"], "M.")
    put = send(member, f"/api/leads/{lead.pk}", {**patched, "phones": []}, "PUT").json()
    assert (put["phones"], put["middleName"]) == ([], "M.")
    assert send(member, f"/api/leads/{lead.pk}", BODY, "PUT").json()["middleName"] == ""


def test_a_lead_stays_in_its_practice(practice: Practice, other_practice: Practice, member: Client) -> None:
    lead = add(practice)
    answer = send(member, f"/api/leads/{lead.pk}", {"practice": other_practice.pk}, "PATCH")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "practice")


def test_an_external_id_is_an_address(practice: Practice, member: Client) -> None:
    here = "/api/leads/by-external-id/P-1"
    assert member.get(here).status_code == 404
    body = {"familyName": "Doe"}
    assert [send(member, here, body, "PUT").status_code for _ in range(2)] == [201, 200]
    assert member.get(here).json()["externalId"] == "P-1"
    assert member.get(f"{here}%00").status_code == 404


def test_deleting_is_undone_by_restoring(practice: Practice, member: Client) -> None:
    lead = add(practice)
    assert member.delete(f"/api/leads/{lead.pk}").status_code == 204
    assert member.get("/api/leads").json()["results"] == []
    assert [each["id"] for each in member.get("/api/leads?deleted=true").json()["results"]] == [lead.pk]
    assert send(member, f"/api/leads/{lead.pk}/restore", None).json()["deletedAt"] is None


@pytest.mark.parametrize(
    "query",
    [
        "externalId=P-1", "patientId=D-1", "name=doe", "name=JAN%20do", "birthDate=1980-01-31",
        "phone=079%20123%2045%2067", "email=JANE@example.org", "healthNumber=756%209217", "status=lead",
        "updatedSince=2020-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_leads_are_found_by_what_is_known_of_them(practice: Practice, member: Client, query: str) -> None:
    lead = add(practice, health_number="756.9217")
    add(practice, external_id="P-2", patient_id="D-2", family_name="Roe", given_name="Mary", birth_date="1990-01-01",
        phones=[], emails=[], status="patient")  # fmt: skip
    found = [each["id"] for each in member.get(f"/api/leads?{query}").json()["results"]]
    assert lead.pk in found
    assert query.startswith("updatedSince") or found == [lead.pk]


@pytest.mark.parametrize("query", ["nome=doe", "birthDate=x", "status=dead", "practice=0", "updatedSince=x"])
def test_a_wrong_filter_is_refused(member: Client, query: str) -> None:
    assert member.get(f"/api/leads?{query}").status_code == 400


def test_lists_are_read_on_and_ordered(practice: Practice, member: Client) -> None:
    people.upsert_many(keeper(practice), practice.pk, several(5), source="test")
    page = member.get("/api/leads?limit=3&ordering=-familyName").json()
    rest = member.get(page["next"]).json()
    names = [each["familyName"] for each in page["results"] + rest["results"]]
    assert names == ["Fam4", "Fam3", "Fam2", "Fam1", "Fam0"]


def test_many_leads_at_once(practice: Practice, member: Client) -> None:
    rows = [BODY, {"externalId": "P-2"}, {"familyName": "Roe", "birth": 1}]
    preview = send(member, "/api/leads/bulk", {"leads": rows, "preview": True}).json()
    assert not Lead.objects.exists()
    done = send(member, "/api/leads/bulk", {"leads": rows}).json()
    assert [each["outcome"] for each in done["results"]] == ["created", "wrong", "wrong"]
    assert (preview["created"], done["created"], done["wrong"]) == (1, 1, 2)
    assert [each["errors"][0]["field"] for each in done["results"][1:]] == ["familyName", "birth"]
    assert done["results"][0]["id"] == Lead.objects.get().pk


@pytest.mark.parametrize("body", [{}, {"leads": [1]}, {"leads": {}}, {"leads": [], "preview": "x"}, []])
def test_what_is_no_list_of_leads_is_refused(member: Client, body: Any) -> None:
    assert send(member, "/api/leads/bulk", body).status_code == 400


def test_a_list_costs_the_same_however_long(
    practice: Practice, member: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people.upsert_many(keeper(practice), practice.pk, several(60), source="test")
    with django_assert_max_num_queries(8):
        assert len(member.get("/api/leads").json()["results"]) == 50


def test_who_only_looks_changes_nothing(practice: Practice) -> None:
    lead, viewer = add(practice), signed_in(user_with(practice, "vic", Permission.VIEW))
    codes = [viewer.generic(method, address, content_type="application/json").status_code
             for method, address, _ in calls(lead)]  # fmt: skip
    assert codes == [200, 403, 403, 403, 403, 403]
    assert send(viewer, "/api/leads", BODY).status_code == 403
    assert send(viewer, "/api/leads/bulk", {"leads": []}).status_code == 403


def test_another_practices_lead_is_not_there(practice: Practice, other_practice: Practice) -> None:
    lead, other = add(practice), signed_in(user_with(other_practice, "olga"))
    assert [send(other, address, body, method).status_code for method, address, body in calls(lead)] == [404] * 6
    assert other.get("/api/leads").json()["results"] == []
    assert send(other, "/api/leads", {**BODY, "practice": practice.pk}).status_code == 404


def test_nobody_is_asked_to_sign_in(practice: Practice) -> None:
    lead = add(practice)
    assert {send(Client(), address, body, method).status_code for method, address, body in calls(lead)} == {401}
    assert Client().get("/api/leads").status_code == 401


def test_erasing_is_for_who_may_delete(practice: Practice, member: Client) -> None:
    lead = add(practice)
    assert send(member, f"/api/leads/{lead.pk}/erase", None).status_code == 403
    owner = signed_in(user_with(practice, "owner"))
    assert send(owner, f"/api/leads/{lead.pk}/erase", None).json()["familyName"] == ""
    assert JANE["family_name"] not in str(Lead.objects.values().get())
