"""/api/appointments: by who may, who may not, another practice's user, and nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit import access
from apps.audit.models import Event
from apps.practice.models import Appointment, Lead
from apps.remotes.models import Remote
from apps.worklist import linking, scheduling
from apps.worklist.models import ScheduledStep
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.practice.appointments.booked import START, book, lead_of, secretary, step_of
from tests.rights import give

APPOINTMENTS, JSON = "/api/appointments", "application/json"
ASKED: dict[str, Any] = {
    "externalId": "A-7", "startAt": "2026-03-02T09:30:00", "minutes": 20, "practitioner": "Tooth, Tim",
    "location": "Room 1", "description": "Panoramic X-ray", "modality": "PX", "stationTitle": "PANO1",
}  # fmt: skip
MOVES = ("arrive", "fulfil", "cancel", "no-show", "reopen")


@pytest.fixture
def lead(practice: Practice) -> Lead:
    return lead_of(practice, external_id="L-1")


@pytest.fixture
def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return client_of(user)


def post(client: Client, address: str = APPOINTMENTS, **body: Any) -> Any:
    return client.post(address, body, content_type=JSON)


def patch(client: Client, appointment: Appointment, **body: Any) -> Any:
    return client.patch(f"{APPOINTMENTS}/{appointment.pk}", body, content_type=JSON)


def errors(answer: Any) -> list[str]:
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    return [each["field"] for each in answer.json()["errors"]]


def test_an_appointment_is_booked_shown_and_listed(client: Client, practice: Practice, lead: Lead) -> None:
    answer = post(client, leadId=lead.pk, **ASKED)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["leadId"], made["practice"], made["state"], made["study"]) == (lead.pk, practice.pk, "booked", None)
    assert {name: made[name] for name in ASKED} == ASKED | {"startAt": "2026-03-02T09:30:00Z"}
    step = ScheduledStep.objects.get()
    assert made["step"] == {
        "id": step.pk, "state": "scheduled", "stepId": step.step_id, "accessionNumber": step.accession_number,
        "studyInstanceUid": step.study_instance_uid,
    }  # fmt: skip
    assert client.get(f"{APPOINTMENTS}/{made['id']}").json() == made
    (listed,) = client.get(APPOINTMENTS).json()["results"]
    assert listed == {name: value for name, value in made.items() if name != "remarks"}


def test_a_retry_books_once_and_a_change_changes(client: Client, lead: Lead) -> None:
    first = post(client, leadId=lead.pk, **ASKED)
    again = post(client, leadId=lead.pk, **ASKED)
    assert (again.status_code, again.json()) == (200, first.json())
    later = post(client, leadId=lead.pk, **(ASKED | {"startAt": "2026-03-03T08:00:00"})).json()
    assert (later["id"], later["version"], later["step"]) == (first.json()["id"], 2, first.json()["step"])


def test_the_lead_may_be_named_as_elsewhere(client: Client, lead: Lead) -> None:
    assert post(client, leadExternalId="L-1", **ASKED).json()["leadId"] == lead.pk
    assert errors(post(client, leadExternalId="L-2", **ASKED)) == ["leadExternalId"]


def test_an_appointment_is_changed(client: Client, practice: Practice, lead: Lead) -> None:
    appointment = book(practice)
    answer = patch(client, appointment, startAt="2026-03-04T10:00:00", leadId=lead.pk)
    assert (answer.status_code, answer.json()["leadId"]) == (200, lead.pk)
    assert f"{step_of(appointment).start_date}" == "2026-03-04"
    assert patch(client, appointment, leadExternalId="L-1", minutes=5).json()["minutes"] == 5


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"state": "cancelled"}, 1),
        ({"modality": "CT"}, 1),
        ({"station": "PANO1"}, 1),
        ({"dateFrom": "2026-03-03"}, 1),
        ({"dateTo": "2026-03-02"}, 1),
        ({"dateFrom": "0001-01-01", "dateTo": "9999-12-31"}, 2),
        ({"externalId": "E1"}, 1),
    ],
)
def test_the_list_is_narrowed(client: Client, practice: Practice, query: dict[str, str], count: int) -> None:
    lead = lead_of(practice)
    book(practice, lead, external_id="E1")
    other = book(practice, start_at=START + timedelta(days=1), modality="CT", station_title="CT1")
    assert post(client, f"{APPOINTMENTS}/{other.pk}/cancel", reason="ill").json()["reason"] == "ill"
    assert client.get(APPOINTMENTS, query).json()["count"] == count
    assert client.get(APPOINTMENTS, {"leadId": lead.pk}).json()["count"] == 1


@pytest.mark.parametrize(
    ("move", "state"), [("arrive", "arrived"), ("fulfil", "fulfilled"), ("cancel", "cancelled"), ("no-show", "noshow")]
)
def test_an_appointment_moves_on(client: Client, practice: Practice, move: str, state: str) -> None:
    address = f"{APPOINTMENTS}/{book(practice).pk}/{move}"
    for _ in range(2):
        answer = post(client, address)
        assert (answer.status_code, answer.json()["state"]) == (200, state)


def test_one_that_has_ended_is_not_changed_until_it_is_reopened(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    post(client, f"{APPOINTMENTS}/{appointment.pk}/cancel")
    refused = patch(client, appointment, minutes=40)
    assert (refused.status_code, "reopen it" in refused.json()["detail"]) == (409, True)
    assert post(client, f"{APPOINTMENTS}/{appointment.pk}/reopen").json()["step"]["state"] == "scheduled"
    assert patch(client, appointment, minutes=40).status_code == 200


def test_an_appointment_is_deleted(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    assert client.delete(f"{APPOINTMENTS}/{appointment.pk}").status_code == 204
    assert client.get(f"{APPOINTMENTS}/{appointment.pk}").status_code == 404


def test_the_study_is_shown_once_it_has_come(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    step = step_of(appointment)
    uid, series, instance = step.study_instance_uid, dicoms.uid(9, 1), dicoms.uid(9, 1, 1)
    facts = {"PatientID": step.patient_id, "PatientName": "Doe^Jane", "PatientBirthDate": "19800102"}
    keep(practice, dicoms.ct_slice(StudyInstanceUID=uid, SeriesInstanceUID=series, SOPInstanceUID=instance, **facts))
    linking.link(Study.objects.get())
    told = client.get(f"{APPOINTMENTS}/{appointment.pk}").json()["study"]
    assert (told["studyInstanceUid"], told["viewerUrl"]) == (uid, f"/viewer/viewer?StudyInstanceUIDs={uid}")
    assert client.delete(f"{APPOINTMENTS}/{appointment.pk}").status_code == 409


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"startAt": None}, ["startAt"]),
        ({"startAt": "1066-10-14T09:00:00"}, ["startAt"]),
        ({"minutes": 0}, ["minutes"]),
        ({"modality": "not a modality!"}, ["modality"]),
        ({"stationTitle": "ÄÖÜ"}, ["stationTitle"]),
        ({"description": "x" * 65}, ["description"]),
        ({"leadId": 999_999_999}, ["leadId"]),
        ({"leadId": None}, ["leadId"]),
    ],
)
def test_what_is_wrong_is_said_with_its_field(
    client: Client, lead: Lead, changes: dict[str, Any], fields: list[str]
) -> None:
    assert errors(post(client, **({"leadId": lead.pk} | ASKED | changes))) == fields
    assert not Appointment.objects.exists()


def test_what_may_be_a_mistake_is_remarked(client: Client, practice: Practice, lead: Lead) -> None:
    Remote.objects.create(practice=practice, name="Pano", title="PANO1", host="127.0.0.1", port=1)
    book(practice, lead)
    told = post(client, leadId=lead.pk, **ASKED).json()["remarks"]
    assert "PANO1 has another appointment at that time." in told
    assert "The lead has another appointment at that time." in told
    (unknown,) = post(client, leadId=lead.pk, **{**ASKED, "stationTitle": "X9", "startAt": "2090-01-01T09:00"}).json()[
        "remarks"
    ]
    assert unknown == "No device of the practice has the AE title X9."


def test_another_practice_s_lead_is_no_lead(stranger_client: Client, lead: Lead) -> None:
    assert errors(post(stranger_client, leadId=lead.pk, **ASKED)) == ["leadId"]


def test_who_may_what(
    client: Client, viewer: Client, stranger_client: Client, anonymous: Client, practice: Practice, lead: Lead
) -> None:
    appointment = book(practice, lead)
    own = f"{APPOINTMENTS}/{appointment.pk}"
    answers = [each.get(own).status_code for each in (client, viewer, stranger_client, anonymous)]
    assert answers == [200, 200, 404, 401]
    assert stranger_client.get(APPOINTMENTS).json()["count"] == 0
    assert post(viewer, leadId=lead.pk, **ASKED).status_code == 403
    assert post(anonymous, leadId=lead.pk, **ASKED).status_code == 401
    for move in MOVES:
        codes = [post(each, f"{own}/{move}").status_code for each in (viewer, stranger_client, anonymous)]
        assert codes == [403, 404, 401], move
    for each, code in ((viewer, 403), (stranger_client, 404), (anonymous, 401)):
        assert patch(each, appointment, minutes=5).status_code == code
        assert each.delete(own).status_code == code
    assert step_of(appointment).minutes == 15


def test_reading_is_on_record_without_what_was_looked_for(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    client.get(APPOINTMENTS, {"leadId": appointment.lead_id})
    access.flush()
    event = Event.objects.get(action=Event.Action.QUERY)
    assert (event.source, event.detail, event.count) == ("appointments", "leadId", 1)


def test_one_that_a_device_has_begun_with_says_so(client: Client, practice: Practice) -> None:
    appointment = book(practice)
    scheduling.start(step_of(appointment), secretary(practice))
    refused = patch(client, appointment, modality="CT")
    assert (refused.status_code, "The device has begun" in refused.json()["detail"]) == (409, True)
