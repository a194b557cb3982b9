"""What is refused, in FHIR's words: what is no resource, no order, elsewhere, foreign, or too much."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.practice.models import Appointment, Lead
from apps.worklist.models import ScheduledStep
from tests.fhir.speaking import found, get, issues, order, person, post, put, send, visit
from tests.practice.appointments.booked import book, lead_of
from tests.worklist.arriving import arrive, plan

PERIOD = {"start": "2026-03-02T09:30:00Z"}


def nested(levels: int) -> bytes:
    return b'{"resourceType":"ServiceRequest","x":' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415), (b"[]", 400), (b"null", 400), (b"{", 400), (b"\xff", 400), (b"{}", 400), (nested(40), 400),
        (nested(100_000), 400), (b'{"resourceType":"Patient"}', 400), (b'{"x":"' + b"x" * (3 << 20) + b'"}', 413),
    ],
    ids=["nothing", "list", "null", "cut", "bytes", "no type", "deep", "abyss", "another type", "huge"],
)  # fmt: skip
def test_what_is_no_such_resource(client: Client, body: bytes, status: int) -> None:
    issues(send(client, "POST", "ServiceRequest", body), status)
    assert not ScheduledStep.objects.exists()


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ({"status": "draft"}, "status"), ({"status": "completed"}, "status"), ({"status": 7}, "status"),
        ({"intent": "proposal"}, "intent"), ({"doNotPerform": True}, "doNotPerform"),
        ({"doNotPerform": "no"}, "doNotPerform"),
        ({"priority": "now"}, "priority"), ({"orderDetail": []}, "orderDetail"), ({"orderDetail": {}}, "orderDetail"),
        ({"orderDetail": [7]}, "orderDetail[0]"), ({"subject": "Patient/lead-1"}, "subject"),
        ({"subject": {}}, "subject"),
        ({"subject": {"reference": "Patient/lead-999999"}}, "subject"),
        ({"subject": {"reference": "Patient/9"}}, "subject"), ({"subject": {"reference": "Group/lead-1"}}, "subject"),
        ({"subject": {"reference": "https://other.example/fhir/Patient/lead-1"}}, "subject"),
        ({"subject": {"reference": "#p"}}, "subject"), ({"subject": {"reference": "x" * 900}}, "subject.reference"),
        ({"subject": {"identifier": {"value": "nobody"}}}, "subject"),
        ({"occurrencePeriod": {}}, "occurrencePeriod.start"),
        ({"occurrencePeriod": {"start": "2026-03"}}, "occurrencePeriod.start"),
        ({"occurrencePeriod": {"start": "2026"}}, "occurrencePeriod.start"),
        ({"occurrencePeriod": {"start": "soon"}}, "occurrencePeriod.start"),
        ({"occurrencePeriod": PERIOD | {"end": "2026-03-02T09:00:00Z"}}, "occurrencePeriod.end"),
        ({"occurrenceTiming": {}}, "occurrenceTiming"), ({"modifierExtension": []}, "modifierExtension"),
        ({"implicitRules": "x"}, "implicitRules"), ({"identifier": [{"value": "x" * 300}]}, "identifier[0].value"),
        ({"identifier": [{"value": str(each)} for each in range(60)]}, "identifier"),
        ({"performer": [{"type": "Device"}]}, "performer[0].identifier"),
        ({"performer": [{"type": "Device", "identifier": {"value": "é"}}]}, ""),
        ({"code": {"text": "a\\b"}}, ""), ({"code": {"text": "x" * 65}}, "code.text"),
    ],
)  # fmt: skip
def test_an_order_that_can_not_be_taken_says_where_it_is_wrong(
    client: Client, lead: Lead, elements: dict[str, Any], path: str
) -> None:
    told = issues(post(client, order(f"Patient/lead-{lead.pk}", **elements)), 422)
    assert {expression for _, expression in told} == {f"ServiceRequest.{path}" if path else ""}
    assert not ScheduledStep.objects.exists()


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ({"status": "proposed"}, "status"), ({"status": "cancelled"}, "status"), ({"start": "2026-03-02"}, "start"),
        ({"start": "2026-03-02T09:30:00"}, "start"), ({"start": None}, "start"),
        ({"start": "1900-01-01T00:00:00Z", "end": None}, "start"),
        ({"participant": []}, "participant"), ({"minutesDuration": "x", "end": None}, "minutesDuration"),
        ({"minutesDuration": 0, "end": None}, "minutesDuration"), ({"end": "2026-03-04T09:30:00Z"}, "end"),
        ({"basedOn": [{"reference": "ServiceRequest/999999"}]}, "basedOn[0]"),
        ({"basedOn": [{"reference": "x"}]}, "basedOn[0]"),
        ({"serviceType": [{"text": "X-ray"}]}, "serviceType"),
    ],
)  # fmt: skip
def test_an_appointment_that_can_not_be_taken_says_where_it_is_wrong(
    client: Client, lead: Lead, elements: dict[str, Any], path: str
) -> None:
    told = issues(post(client, visit(f"Patient/lead-{lead.pk}", **elements)), 422)
    assert {expression for _, expression in told} == {f"Appointment.{path}"}
    assert not Appointment.objects.exists()


def test_another_patients_order_is_no_basis(client: Client, practice: Practice, lead: Lead) -> None:
    other = lead_of(practice, external_id="L-2")
    ordered = post(client, order(f"Patient/lead-{other.pk}")).json()
    body = visit(f"Patient/lead-{lead.pk}", basedOn=[{"reference": f"ServiceRequest/{ordered['id']}"}])
    assert issues(post(client, body), 422) == [("value", "Appointment.basedOn[0]")]


def test_another_practices_things_are_as_if_they_were_not(
    client: Client, stranger_client: Client, practice: Practice, lead: Lead
) -> None:
    study, step, appointment = arrive(practice), plan(practice), book(practice, lead)
    places = {
        "Patient": (f"lead-{lead.pk}", f"images-{study.patient_id}"), "ImagingStudy": (study.pk,),
        "ServiceRequest": (step.pk,), "Appointment": (appointment.pk,),
    }  # fmt: skip
    for kind, keys in places.items():
        assert found(stranger_client, kind) == []
        for key in keys:
            assert issues(get(stranger_client, f"{kind}/{key}"), 404) == [("not-found", "")]
    subject = f"Patient/lead-{lead.pk}"
    for body in (order(subject), visit(subject), order(f"Patient/images-{study.patient_id}")):
        (told,) = issues(post(stranger_client, body), 422)
        assert told[0] == "value"
    changed = order(subject, id=str(step.pk))
    assert issues(put(stranger_client, changed), 404) == [("not-found", "")]
    assert Lead.objects.count() == 1


def test_who_may_look_may_not_order(viewer: Client, lead: Lead, practice: Practice) -> None:
    subject = f"Patient/lead-{lead.pk}"
    assert [each["id"] for each in found(viewer, "Patient")] == [f"lead-{lead.pk}"]
    for body in (order(subject), visit(subject), person()):
        assert issues(post(viewer, body), 403) == [("forbidden", "")]
    step = plan(practice)
    assert issues(put(viewer, order(subject, id=str(step.pk))), 403) == [("forbidden", "")]


@pytest.mark.parametrize(
    "place", ["Patient", "ImagingStudy/1", "Appointment", "ServiceRequest/1", "Endpoint", "nothing"]
)
def test_nobody_has_to_sign_in(anonymous: Client, db: None, place: str) -> None:
    answer = get(anonymous, place)
    assert issues(answer, 404 if place == "nothing" else 401)


@pytest.mark.parametrize(
    "place", ["Encounter", "Patient/7", "Patient/lead-x", "ImagingStudy/x", "Patient/lead-1/_history", ""]
)
def test_there_is_nothing_elsewhere(client: Client, place: str) -> None:
    assert issues(get(client, place), 404) == [("not-found", "")]


@pytest.mark.parametrize(
    ("method", "place"),
    [("DELETE", "Patient/lead-1"), ("PATCH", "Appointment/1"), ("POST", "ImagingStudy"), ("PUT", "metadata")],
)
def test_other_methods_are_refused(client: Client, method: str, place: str) -> None:
    assert issues(send(client, method, place, {}), 405) == [("not-supported", "")]


def test_json_alone_is_spoken(client: Client, lead: Lead) -> None:
    for place in ("Patient?_format=xml", "Patient?_format=application/fhir%2Bxml", "metadata?_format=ttl"):
        assert issues(get(client, place), 406) == [("not-supported", "")]
    assert issues(get(client, "Patient", HTTP_ACCEPT="application/fhir+xml"), 406)
    assert issues(get(client, "Patient", HTTP_ACCEPT="application/fhir+json; fhirVersion=5.0"), 406)
    for place in (
        "Patient?_format=json",
        "Patient?_format=application/fhir%2Bjson",
        "Patient?_format=application/fhir+json",
    ):
        assert get(client, place).status_code == 200
    assert get(client, "Patient", HTTP_ACCEPT="application/fhir+json; fhirVersion=4.0").status_code == 200
    xml = send(client, "POST", "Patient", b"<Patient/>", content_type="application/fhir+xml")
    assert issues(xml, 415) == [("not-supported", "")]


def test_an_id_is_that_of_its_address(client: Client, practice: Practice, lead: Lead) -> None:
    step = plan(practice)
    body = order(f"Patient/lead-{lead.pk}", id="7")
    assert issues(send(client, "PUT", f"ServiceRequest/{step.pk}", body), 422) == [("value", "ServiceRequest.id")]


def test_what_is_said_is_said_in_the_readers_language(client: Client) -> None:
    answer = get(client, "Patient/lead-1", HTTP_ACCEPT_LANGUAGE="fr")
    assert answer["Content-Language"] == "fr"
    assert json.loads(answer.content)["issue"][0]["details"]["text"]
