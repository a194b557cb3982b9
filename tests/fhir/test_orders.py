"""ServiceRequest: orders of other systems into the worklist, and the worklist as orders."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.practice.models import Lead
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep
from tests.fhir.speaking import DCM, THEIRS, found, get, issues, order, person, post, put, send, valid
from tests.practice.appointments.booked import secretary
from tests.worklist.arriving import arrive


@pytest.fixture
def subject(lead: Lead) -> str:
    return f"Patient/lead-{lead.pk}"


@pytest.fixture
def made(client: Client, subject: str) -> Any:
    answer = post(client, order(subject))
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_order_is_planned_and_read_as_it_was_sent(client: Client, made: Any, lead: Lead) -> None:
    step = ScheduledStep.objects.get()
    assert (step.modality, step.patient_id, step.patient_name, step.minutes) == ("PX", "L-1", "Doe^Jane", 20)
    assert (step.station_titles, step.performing_physician, step.referring_physician) == (
        "PANO1", "Ray^Xavier", "Tooth^Tim",
    )  # fmt: skip
    assert (step.priority, step.location, step.external_id, step.source) == ("HIGH", "Room 1", "O-1", "FHIR")
    sent, read = order(f"Patient/lead-{lead.pk}"), valid(get(client, f"ServiceRequest/{step.pk}").json())
    assert read == made
    for name in ("status", "intent", "priority", "code", "orderDetail", "locationReference"):
        assert read[name] == sent[name]
    assert read["identifier"][0] == sent["identifier"][0]
    assert read["requester"]["display"] == "Tooth, Tim"
    assert Event.objects.filter(source="FHIR", detail__contains=step.step_id).exists()


def test_where_it_is_and_its_version_are_told(client: Client, subject: str) -> None:
    answer = post(client, order(subject))
    resource = answer.json()
    version = resource["meta"]["versionId"]
    place = f"http://testserver/api/fhir/ServiceRequest/{resource['id']}"
    assert (answer["ETag"], answer["Location"]) == (f'W/"{version}"', f"{place}/_history/{version}")
    read = get(client, f"ServiceRequest/{resource['id']}", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (read.status_code, read.content) == (304, b"")


def test_the_same_order_is_planned_once(client: Client, made: Any, subject: str) -> None:
    assert issues(post(client, order(subject)), 409) == [("conflict", "")]
    again = post(client, order(subject), HTTP_IF_NONE_EXIST=f"identifier={THEIRS}|O-1")
    assert (again.status_code, again.json()) == (200, made)
    strict = post(client, order(subject), HTTP_IF_NONE_EXIST="ident=O-1")
    assert issues(strict, 400) == [("invalid", "")]
    assert issues(post(client, order(subject), HTTP_IF_NONE_EXIST="_count=1"), 400) == [("invalid", "")]
    assert ScheduledStep.objects.count() == 1


def test_an_order_is_changed_called_off_and_put_back(client: Client, made: Any) -> None:
    later = made | {"occurrencePeriod": {"start": "2026-03-03T10:00:00Z"}, "priority": "stat"}
    changed = put(client, later).json()
    assert changed["occurrencePeriod"]["start"] == "2026-03-03T10:00:00+00:00"
    assert changed["meta"]["versionId"] != made["meta"]["versionId"]
    revoked = put(client, changed | {"status": "revoked", "note": [{"text": "Moved away"}]}).json()
    step = ScheduledStep.objects.get()
    assert (revoked["status"], step.state, step.reason) == ("revoked", "cancelled", "Moved away")
    assert put(client, revoked).json() == revoked
    assert put(client, revoked | {"status": "active"}).json()["status"] == "active"
    assert put(client, made | {"status": "completed"}).json()["status"] == "completed"
    assert issues(put(client, made | {"status": "active", "priority": "stat"}), 409) == [("conflict", "")]


def test_saying_the_same_again_changes_nothing(client: Client, made: Any) -> None:
    assert put(client, made).json() == made


def test_a_change_names_the_version_that_it_is_of(client: Client, made: Any) -> None:
    version = made["meta"]["versionId"]
    first = put(client, made | {"priority": "stat"}, HTTP_IF_MATCH=f'W/"{version}"')
    assert first.status_code == 200
    assert issues(put(client, made, HTTP_IF_MATCH=f'W/"{version}"'), 412) == [("conflict", "")]
    assert put(client, made, HTTP_IF_MATCH="*").status_code == 200


def test_by_its_identifier_an_order_is_made_or_changed(client: Client, subject: str) -> None:
    place, body = f"ServiceRequest?identifier={THEIRS}|O-1", order(subject)
    first, again = (send(client, "PUT", place, body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert ScheduledStep.objects.count() == 1


@pytest.mark.parametrize(
    "reference", [{"identifier": {"value": "L-1"}}, {"identifier": {"system": "urn:fovea:patient-id", "value": "L-1"}}]
)
def test_a_patient_may_be_named_by_an_identifier(client: Client, lead: Lead, reference: Any) -> None:
    answer = post(client, order("", subject=reference))
    assert answer.json()["subject"]["reference"] == f"Patient/lead-{lead.pk}"


def test_whom_images_show_can_be_ordered_for(client: Client, practice: Practice) -> None:
    study = arrive(practice)
    reference = f"Patient/images-{study.patient_id}"
    made = post(client, order(reference)).json()
    assert (made["subject"]["reference"], ScheduledStep.objects.get().patient_id) == (reference, "P1")
    assert [each["id"] for each in found(client, f"ServiceRequest?patient={reference}")] == [made["id"]]


def test_a_patient_may_come_with_the_order(client: Client) -> None:
    whole = order("#p", contained=[person(id="p")])
    first = post(client, whole)
    assert first.status_code == 201, first.content
    second = post(client, whole | {"identifier": [{"system": THEIRS, "value": "O-2"}]}).json()
    assert first.json()["subject"] == second["subject"]
    assert Lead.objects.get().given_name == "Jane"


def test_a_code_reaches_the_devices(client: Client, subject: str) -> None:
    snomed = {"system": "http://snomed.info/sct", "code": "39714003", "display": "Skeletal X-ray"}
    made = post(client, order(subject, code={"coding": [snomed, {"system": "https://x.example", "code": "9"}]})).json()
    assert made["code"] == {"coding": [snomed], "text": "Skeletal X-ray"}
    item = ScheduledStep.objects.get().attributes["00321064"]["Value"][0]
    assert item["00080100"]["Value"] == ["39714003"]
    assert put(client, made).json() == made


def test_a_day_without_a_time_is_any_time_of_it(client: Client, subject: str) -> None:
    body = order(subject, occurrenceDateTime="2026-03-02")
    del body["occurrencePeriod"]
    made = valid(post(client, body).json())
    assert (made["occurrenceDateTime"], ScheduledStep.objects.get().start_time) == ("2026-03-02", None)


@pytest.mark.parametrize(
    "query",
    [
        f"identifier={THEIRS}|O-1", "identifier=O-1", "patient=lead-{lead}", "subject=Patient/lead-{lead}",
        "status=active", "status=completed,active", "intent=order", "occurrence=2026-03-02", "occurrence=ge2026-03",
        "occurrence=2026-03-02T09:30:00Z", "authored=ge2020", f"code={DCM}|PX", "_id={pk}",
        "identifier=urn:fovea:accession-number|{accession}",
    ],
)  # fmt: skip
def test_an_order_is_found_by(client: Client, made: Any, lead: Lead, query: str) -> None:
    step = ScheduledStep.objects.get()
    query = query.format(lead=lead.pk, pk=step.pk, accession=step.accession_number)
    assert [each["id"] for each in found(client, f"ServiceRequest?{query}")] == [made["id"]]


@pytest.mark.parametrize(
    "query", ["identifier=https://x|O-1", "patient=lead-0", "status=revoked", "occurrence=lt2026-03-02", "code=CT"]
)
def test_an_order_is_not_found_by(client: Client, made: Any, query: str) -> None:
    assert found(client, f"ServiceRequest?{query}") == []


def test_a_step_of_nobody_known_names_its_patient(client: Client, practice: Practice) -> None:
    planned = scheduling.Planned(patient_id="X9", patient_name="Roe^Rae", modality="CT", start_date=date(2026, 3, 2))
    scheduling.schedule(practice.pk, planned, secretary(practice))
    (shown,) = found(client, "ServiceRequest")
    assert shown["subject"]["identifier"]["value"] == "X9"
    assert (shown["subject"]["display"], "reference" in shown["subject"]) == ("Roe, Rae", False)
