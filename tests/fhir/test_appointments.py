"""Appointment: booked, changed and moved on by other systems."""

from typing import Any

import pytest
from django.test import Client

from apps.practice.models import Appointment, Lead
from apps.worklist.models import ScheduledStep
from tests.fhir.speaking import found, get, issues, order, person, post, put, valid, visit

SYSTEM = "https://clinic.example/visits"


@pytest.fixture
def subject(lead: Lead) -> str:
    return f"Patient/lead-{lead.pk}"


@pytest.fixture
def made(client: Client, subject: str) -> Any:
    answer = post(client, visit(subject))
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_appointment_is_booked_and_read_as_it_was_sent(client: Client, made: Any, subject: str) -> None:
    appointment, sent = Appointment.objects.get(), visit(subject)
    assert (appointment.external_id, appointment.minutes, appointment.modality) == ("A-1", 20, "PX")
    assert (appointment.practitioner, appointment.location, appointment.station_title) == (
        "Tooth, Tim",
        "Room 1",
        "PANO1",
    )
    read = valid(get(client, f"Appointment/{appointment.pk}").json())
    assert read == made
    for name in ("identifier", "status", "serviceType", "description", "start", "end"):
        assert read[name] == sent[name]
    assert read["participant"][0]["actor"]["reference"] == subject
    assert read["basedOn"] == [{"reference": f"ServiceRequest/{ScheduledStep.objects.get().pk}"}]


def test_an_appointment_takes_its_order_over(client: Client, subject: str) -> None:
    ordered = post(client, order(subject)).json()
    basis = [{"reference": f"ServiceRequest/{ordered['id']}"}]
    bare = visit(subject, basedOn=basis, participant=visit(subject)["participant"][:1])
    del bare["serviceType"]
    made = post(client, bare)
    assert made.status_code == 201, made.content
    assert made.json()["basedOn"] == basis
    assert ScheduledStep.objects.count() == 1
    appointment = Appointment.objects.get()
    assert (appointment.modality, appointment.station_title) == ("PX", "PANO1")
    again = post(client, bare | {"identifier": []})
    assert issues(again, 422) == [("value", "Appointment.basedOn[0]")]
    moved = put(client, ordered | {"occurrencePeriod": {"start": "2026-03-04T08:00:00Z"}})
    assert moved.status_code == 200, moved.content
    assert get(client, f"Appointment/{appointment.pk}").json()["start"] == "2026-03-04T08:00:00Z"


@pytest.mark.parametrize("status", ["arrived", "checked-in", "fulfilled", "noshow", "cancelled", "entered-in-error"])
def test_a_status_moves_it_on_once(client: Client, made: Any, status: str) -> None:
    same = {"checked-in": "arrived", "entered-in-error": "cancelled"}
    moved = put(client, made | {"status": status, "cancelationReason": {"text": "Ill"}})
    assert moved.status_code == 200, moved.content
    assert moved.json()["status"] == same.get(status, status)
    assert ("cancelationReason" in moved.json()) is (moved.json()["status"] == "cancelled")
    assert put(client, moved.json()).json() == moved.json()


def test_a_cancelled_one_is_booked_again(client: Client, made: Any) -> None:
    off = put(client, made | {"status": "cancelled"}).json()
    back = put(client, off | {"status": "booked", "start": "2026-03-05T08:00:00Z", "end": "2026-03-05T08:15:00Z"})
    assert back.status_code == 200, back.content
    assert (back.json()["status"], back.json()["minutesDuration"]) == ("booked", 15)
    assert ScheduledStep.objects.get().state == "scheduled"


def test_what_has_ended_stays(client: Client, made: Any) -> None:
    done = put(client, made | {"status": "fulfilled"}).json()
    assert issues(put(client, done | {"status": "booked"}), 409) == [("conflict", "")]
    assert issues(put(client, done | {"start": "2026-03-05T08:00:00Z", "end": "2026-03-05T09:00:00Z"}), 409) == [
        ("conflict", "")
    ]


def test_what_may_be_a_mistake_is_told_where_it_is_asked_for(client: Client, subject: str) -> None:
    answer = post(client, visit(subject), HTTP_PREFER="return=OperationOutcome")
    told = valid(answer.json())
    assert (answer.status_code, told["resourceType"]) == (201, "OperationOutcome")
    assert "PANO1" in " ".join(each["details"]["text"] for each in told["issue"])
    nothing = post(client, visit(subject, identifier=[]), HTTP_PREFER="return=minimal")
    assert (nothing.status_code, nothing.content, "Location" in nothing) == (201, b"", True)


@pytest.mark.parametrize(
    "query",
    [
        "identifier=A-1", f"identifier={SYSTEM}|A-1", "patient=lead-{lead}", "actor=Patient/lead-{lead}",
        "date=2026-03-02", "date=ge2026-03-02&date=lt2026-03-03", "status=booked", "service-type=PX", "_id={pk}",
        "based-on=ServiceRequest/{step}", "_lastUpdated=ge2020",
    ],
)  # fmt: skip
def test_an_appointment_is_found_by(client: Client, made: Any, lead: Lead, query: str) -> None:
    query = query.format(lead=lead.pk, pk=made["id"], step=ScheduledStep.objects.get().pk)
    assert [each["id"] for each in found(client, f"Appointment?{query}")] == [made["id"]]


@pytest.mark.parametrize(
    "query", ["identifier=A-2", "patient=lead-0", "date=2026-03-03", "status=noshow", "service-type=CT"]
)
def test_an_appointment_is_not_found_by(client: Client, made: Any, query: str) -> None:
    assert found(client, f"Appointment?{query}") == []


def test_a_patient_may_come_with_the_appointment(client: Client) -> None:
    actor = {"actor": {"reference": "#p"}, "status": "accepted"}
    answer = post(client, visit("", participant=[actor], contained=[person(id="p")]))
    assert answer.status_code == 201, answer.content
    assert Appointment.objects.get().lead == Lead.objects.get()
