"""/api/dental/dicom/worklist: what practice management calls, of a patient by name and ID, or of a lead."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import Appointment, Lead
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from tests.conftest import client_of
from tests.practice.appointments.booked import book, lead_of
from tests.rights import give
from tests.worklist.planned import plan, planner

WORKLIST, JSON = "/api/dental/dicom/worklist", "application/json"
DEVICE: dict[str, Any] = {
    "modality": "PX", "stationAeTitle": "PANO1", "scheduledStart": "2024-05-17T10:15:00", "description": "Panoramic",
    "externalId": "appointment-7",
}  # fmt: skip
PATIENT = {"patientId": "P9", "patientName": "Roe, Richard"}
ENTRY = PATIENT | DEVICE


@pytest.fixture
def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return client_of(user)


@pytest.fixture
def lead(practice: Practice) -> Lead:
    return lead_of(practice, patient_id="P7")


def post(client: Client, body: Any, address: str = WORKLIST) -> Any:
    return client.post(address, body, content_type=JSON)


def patch(client: Client, pk: int, **body: Any) -> Any:
    return client.patch(f"{WORKLIST}/{pk}", body, content_type=JSON)


def errors(answer: Any) -> list[str]:
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    return [each["field"] for each in answer.json()["errors"]]


def test_an_entry_is_planned_once(client: Client) -> None:
    first = post(client, ENTRY)
    assert first.status_code == 201
    step = first.json()
    assert (step["patientName"], step["stationTitles"], step["startDate"], step["startTime"]) == (
        "Roe^Richard", "PANO1", "2024-05-17", "10:15:00",
    )  # fmt: skip
    assert (step["leadId"], step["appointmentId"], step["viewerUrl"]) == (None, None, None)
    again = post(client, ENTRY, f"{WORKLIST}/")
    assert (again.status_code, again.json()) == (200, step)
    later = post(client, ENTRY | {"scheduledStart": "2024-05-18T09:00"}).json()
    assert (later["id"], later["startDate"], later["accessionNumber"], later["studyInstanceUid"]) == (
        step["id"], "2024-05-18", step["accessionNumber"], step["studyInstanceUid"],
    )  # fmt: skip


def test_an_entry_that_has_begun_is_answered_as_it_is(client: Client, practice: Practice, lead: Lead) -> None:
    for body in (ENTRY, DEVICE | {"leadId": lead.pk, "externalId": "appointment-8"}):
        made = post(client, body).json()
        scheduling.start(ScheduledStep.objects.get(pk=made["id"]), planner(practice))
        answer = post(client, body | {"modality": "CT"})
        assert (answer.status_code, answer.json()["modality"], answer.json()["state"]) == (200, "PX", "in_progress")


def test_the_same_entry_of_two_practices_is_two(client: Client, stranger_client: Client) -> None:
    assert post(client, ENTRY).status_code == 201
    assert post(stranger_client, ENTRY).status_code == 201
    assert ScheduledStep.objects.count() == 2


def test_with_a_lead_an_appointment_is_booked(client: Client, lead: Lead) -> None:
    answer = post(client, DEVICE | {"leadId": lead.pk})
    made = answer.json()
    assert (answer.status_code, made["patientId"], made["patientName"], made["patientBirthDate"]) == (
        201, "P7", "Doe^Jane", "1980-01-02",
    )  # fmt: skip
    appointment = Appointment.objects.get()
    assert (made["leadId"], made["appointmentId"], made["externalId"]) == (lead.pk, appointment.pk, "appointment-7")
    assert post(client, DEVICE | {"leadId": lead.pk}).json() == made
    assert post(client, DEVICE | {"leadId": lead.pk, "description": "Again"}).json()["description"] == "Again"


def test_an_entry_of_nobody_is_refused(client: Client, stranger_client: Client, lead: Lead) -> None:
    assert errors(post(client, DEVICE)) == ["patientId", "patientName"]
    assert errors(post(client, DEVICE | {"leadId": 999_999_999})) == ["leadId"]
    assert errors(post(stranger_client, DEVICE | {"leadId": lead.pk})) == ["leadId"]
    assert errors(post(client, ENTRY | {"scheduledStart": "0001-01-01T00:00+14:00"})) == ["scheduledStart"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"date": "2024-05-17"}, 1),
        ({"dateFrom": "2026-01-01", "dateTo": "2026-12-31"}, 1),
        ({"stationAeTitle": "PANO1"}, 2),
        ({"state": "in_progress"}, 1),
        ({"modality": "CT"}, 0),
        ({"patientId": "P1"}, 1),
    ],
)
def test_the_worklist_is_narrowed(client: Client, practice: Practice, query: dict[str, str], count: int) -> None:
    scheduling.start(plan(practice), planner(practice))
    appointment = book(practice)
    assert client.get(WORKLIST, query).json()["count"] == count
    (own,) = client.get(WORKLIST, {"leadId": appointment.lead_id}).json()["results"]
    assert own == client.get(f"{WORKLIST}/{own['id']}").json()


def test_an_entry_is_changed_called_off_and_put_back(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    for pk in (plan(practice).pk, appointment.step_id):
        assert pk is not None
        assert patch(client, pk, scheduledStart="2026-03-05T08:00:00").json()["startDate"] == "2026-03-05"
        off = patch(client, pk, state="cancelled", reason="ill").json()
        assert (off["state"], off["reason"]) == ("cancelled", "ill")
        assert patch(client, pk, state="cancelled").status_code == 200
        back = patch(client, pk, state="scheduled", stationAeTitle="PANO2").json()
        assert (back["state"], back["stationTitles"]) == ("scheduled", "PANO2")
        assert patch(client, pk).json() == back
    appointment.refresh_from_db()
    assert (appointment.state, appointment.station_title) == ("booked", "PANO2")


def test_an_entry_becomes_a_lead_s(client: Client, practice: Practice, lead: Lead) -> None:
    step = plan(practice)
    told = patch(client, step.pk, leadId=lead.pk).json()
    assert (told["id"], told["leadId"], told["patientId"], told["startTime"]) == (step.pk, lead.pk, "P7", "09:30:00")
    anytime = plan(practice, start_time=None)
    assert errors(patch(client, anytime.pk, leadId=lead.pk)) == ["scheduledStart"]
    told = patch(client, anytime.pk, leadId=lead.pk, scheduledStart="2026-03-05T08:00:00").json()
    assert told["leadId"] == lead.pk


def test_what_has_begun_is_not_changed(client: Client, practice: Practice, lead: Lead) -> None:
    step = scheduling.start(plan(practice), planner(practice))
    for body in ({"modality": "CT"}, {"leadId": lead.pk}, {"state": "cancelled"}, {"state": "scheduled"}):
        assert patch(client, step.pk, **body).status_code == 409, body


def test_all_of_a_change_is_made_or_nothing(client: Client, practice: Practice) -> None:
    step = plan(practice)
    assert patch(client, step.pk, state="cancelled", modality="not one").status_code == 400
    step.refresh_from_db()
    assert step.state == StepState.SCHEDULED


def test_who_may_what(
    client: Client, viewer: Client, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    step = plan(practice)
    own = f"{WORKLIST}/{step.pk}"
    answers = [each.get(own).status_code for each in (client, viewer, stranger_client, anonymous)]
    assert answers == [200, 200, 404, 401]
    assert stranger_client.get(WORKLIST).json()["count"] == 0
    codes = [post(each, ENTRY).status_code for each in (viewer, anonymous)]
    assert codes == [403, 401]
    changed = [patch(each, step.pk, state="cancelled").status_code for each in (viewer, stranger_client, anonymous)]
    assert changed == [403, 404, 401]
