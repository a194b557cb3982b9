"""Patient: leads, and whom the images show where no lead is known."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Patient, Study
from apps.fhir.receivers import forget_erased
from apps.practice.leads import erasing
from apps.practice.models import Lead, Match, MatchState
from tests.fhir.speaking import found, get, issues, person, post, put, valid
from tests.practice.appointments.booked import secretary
from tests.worklist.arriving import arrive

SYSTEM = "https://clinic.example/patients"


def ids(client: Client, query: str = "") -> list[str]:
    return [each["id"] for each in found(client, f"Patient{query}")]


def matched(study: Study, lead: Lead) -> None:
    Match.objects.create(practice=study.practice, study=study, lead=lead, state=MatchState.LINKED)


@pytest.fixture
def jane(client: Client) -> Any:
    answer = post(client, person())
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_what_was_sent_is_what_is_read(client: Client, jane: Any) -> None:
    sent = person()
    read = valid(get(client, f"Patient/{jane['id']}").json())
    assert read == jane
    for name in ("gender", "birthDate", "name", "address"):
        assert read[name] == sent[name]
    assert read["identifier"][0] == sent["identifier"][0]
    assert [each["value"] for each in read["telecom"]] == ["+41791234567", "jane@example.org"]
    lead = Lead.objects.get()
    assert (lead.external_id, lead.middle_name, lead.preferred_language) == ("P-7", "Mary", "fr")


@pytest.mark.parametrize(
    "query",
    [
        "identifier=P-7", f"identifier={SYSTEM}|P-7", "identifier=urn:fovea:external-id|P-7",
        "identifier=urn:fovea:patient-id|P-7", "name=jane", "name=ma,xy", "family=do", "given=mary",
        "birthdate=1980-01-02", "birthdate=1980", "birthdate=ge1980-01&birthdate=lt1980-02", "gender=female",
        "phone=0791234567", "email=jane@example.org", "telecom=jane@example.org", "active=true", "_id=lead-{pk}",
        "_lastUpdated=gt2020-01-01",
    ],
)  # fmt: skip
def test_a_lead_is_found_by(client: Client, jane: Any, query: str) -> None:
    query = query.format(pk=Lead.objects.get().pk)
    assert ids(client, f"?{query}") == [jane["id"]]


@pytest.mark.parametrize(
    "query",
    [
        "identifier=https://other.example|P-7", "name=joe", "family=mary", "given=doe", "birthdate=1980-01-03",
        "birthdate=lt1980", "gender=male", "phone=0791234568", "active=false", "_id=images-{pk}", "_id=x",
        "_lastUpdated=lt2020",
    ],
)  # fmt: skip
def test_a_lead_is_not_found_by(client: Client, jane: Any, query: str) -> None:
    assert ids(client, f"?{query.format(pk=Lead.objects.get().pk)}") == []


def test_whom_images_show_is_found_until_a_lead_is_known(client: Client, practice: Practice, lead: Lead) -> None:
    study = arrive(practice)
    images = f"images-{study.patient_id}"
    for query in ("?name=doe&birthdate=1970-01-01", "?identifier=urn:fovea:patient-id|P1", "?family=doe&given=jane"):
        assert images in ids(client, query)
    matched(study, lead)
    assert ids(client) == [f"lead-{lead.pk}"]
    shown = valid(get(client, f"Patient/{images}").json())
    assert shown["link"] == [{"other": {"reference": f"Patient/lead-{lead.pk}"}, "type": "refer"}]
    (known,) = found(client, "Patient")
    assert known["link"] == [{"other": {"reference": f"Patient/{images}"}, "type": "seealso"}]


def test_a_merged_patient_says_by_whom_it_was_replaced(client: Client, practice: Practice) -> None:
    kept = arrive(practice).patient
    merged = Patient.objects.create(practice=practice, identity="x", merged_into=kept, demographics=b"{}")
    shown = valid(get(client, f"Patient/images-{merged.pk}").json())
    assert (shown["active"], shown["link"][0]["type"]) == (False, "replaced-by")
    assert ids(client) == [f"images-{kept.pk}"]


def test_saying_the_same_again_changes_nothing(client: Client, jane: Any) -> None:
    assert put(client, jane).json() == jane
    assert Lead.objects.get().version == 1


def test_what_is_not_said_becomes_empty_and_the_practices_own_stays(client: Client, jane: Any) -> None:
    Lead.objects.update(status="patient", health_number="7", identifiers=[{"value": "X1", "issuer": "Elsewhere"}])
    less = {"resourceType": "Patient", "id": jane["id"], "name": [{"family": "Doe", "given": ["Janet"]}]}
    answer = put(client, less)
    assert answer.status_code == 200, answer.content
    lead = Lead.objects.get()
    assert (lead.given_name, lead.phones, lead.birth_date, lead.sex) == ("Janet", [], None, "")
    assert (lead.status, lead.external_id, lead.health_number, len(lead.identifiers)) == ("patient", "P-7", "7", 1)


def test_a_name_of_three_groups_is_marked_as_such(client: Client) -> None:
    names = [
        {"use": "official", "family": "Yamada", "given": ["Tarou"]},
        {"use": "official", "family": "山田", "given": ["太郎"], "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "valueCode": "IDE"}]},
    ]  # fmt: skip
    made = post(client, person(name=names)).json()
    assert valid(made)["name"] == names
    assert Lead.objects.get().dicom_name == "Yamada^Tarou=山田^太郎"


def test_the_same_is_made_once(client: Client, jane: Any) -> None:
    assert issues(post(client, person()), 409) == [("conflict", "")]
    again = post(client, person(), HTTP_IF_NONE_EXIST=f"identifier={SYSTEM}|P-7")
    assert (again.status_code, again.json()) == (200, jane)
    other = person(identifier=[{"system": SYSTEM, "value": "P-8"}])
    assert post(client, other, HTTP_IF_NONE_EXIST=f"identifier={SYSTEM}|P-8").status_code == 201
    assert issues(post(client, person(), HTTP_IF_NONE_EXIST="name=jane"), 412) == [("conflict", "")]
    assert Lead.objects.count() == 2


def test_a_wrong_element_is_named(client: Client) -> None:
    assert issues(post(client, person(gender="f")), 422) == [("value", "Patient.gender")]
    assert issues(post(client, person(birthDate="3000-01-01")), 422) == [("value", "Patient.birthDate")]
    assert issues(post(client, person(telecom=[{"system": "phone", "value": "x"}])), 422) == [
        ("value", "Patient.telecom")
    ]


def test_a_birth_date_that_is_not_known_to_the_day_is_none(client: Client) -> None:
    assert "birthDate" not in post(client, person(birthDate="1980-01")).json()


def test_what_was_deleted_is_gone_and_what_was_erased_leaves_no_identifier(client: Client, jane: Any) -> None:
    lead = Lead.objects.get()
    client.delete(f"/api/leads/{lead.pk}")
    assert issues(get(client, f"Patient/{jane['id']}"), 410) == [("deleted", "")]
    assert ids(client) == []
    erasing.erase(secretary(lead.practice), lead, source="test")
    # As after the commit, which a test has none of.
    forget_erased(practice_id=lead.practice_id, lead_pks={lead.pk})
    assert not lead.fhir_identifiers.exists()  # type: ignore[attr-defined]
