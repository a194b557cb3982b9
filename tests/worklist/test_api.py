"""/api/worklist/steps: listing, planning, moving on, and bringing in from files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit import access
from apps.audit.models import Event
from apps.worklist import importing, scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.searching import find
from tests.conftest import client_of
from tests.rights import give
from tests.worklist.planned import plan, planner

STEPS, JSON = "/api/worklist/steps/", "application/json"
ASKED = {
    "patientId": "P9", "patientName": "Roe^Richard", "modality": "IO", "stationTitles": "IO1",
    "startDate": "2024-05-17", "startTime": "10:15",
}  # fmt: skip


@pytest.fixture
def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return client_of(user)


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type=JSON)


def test_a_step_is_planned_shown_and_listed(client: Client, practice: Practice) -> None:
    answer = post(client, STEPS, ASKED)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["practice"], made["startTime"], made["study"]) == (
        "scheduled", practice.pk, "10:15:00", None,
    )  # fmt: skip
    assert made["accessionNumber"]
    assert made["studyInstanceUid"].startswith("2.25.")
    assert client.get(f"{STEPS}{made['id']}").json() == made
    assert client.get(STEPS, {"dateFrom": "2024-05-17", "modality": "IO"}).json()["results"] == [made]
    assert len(list(find(practice.pk, {}, 10))) == 1


def test_a_birth_date_is_iso_outside(client: Client) -> None:
    made = post(client, STEPS, ASKED | {"patientBirthDate": "1980-01-02"}).json()
    assert made["patientBirthDate"] == "1980-01-02"
    assert ScheduledStep.objects.get(pk=made["id"]).patient_birth_date == "19800102"
    assert post(client, STEPS, ASKED | {"patientBirthDate": "1980"}).status_code == 400
    changed = client.patch(f"{STEPS}{made['id']}", {"patientBirthDate": None}, content_type=JSON)
    assert changed.json()["patientBirthDate"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"state": "scheduled"}, 1),
        ({"modality": "CT"}, 1),
        ({"stationTitle": "PANO1"}, 1),
        ({"dateFrom": "2024-05-18"}, 0),
        ({"dateTo": "2024-05-17"}, 2),
        ({"patientId": "P1"}, 2),
        ({"externalId": "E1"}, 1),
    ],
)
def test_the_list_is_narrowed(client: Client, practice: Practice, query: dict[str, str], count: int) -> None:
    plan(practice, external_id="E1")
    scheduling.cancel(plan(practice, modality="CT", station_titles="CT1"), planner(practice))
    assert client.get(STEPS, query).json()["count"] == count


def test_a_step_is_planned_otherwise(client: Client, practice: Practice) -> None:
    step = plan(practice)
    answer = client.patch(f"{STEPS}{step.pk}/", {"startTime": "14:00", "location": "Room 2"}, content_type=JSON)
    assert (answer.status_code, answer.json()["startTime"], answer.json()["location"]) == (200, "14:00:00", "Room 2")
    assert answer.json()["accessionNumber"] == step.accession_number


@pytest.mark.parametrize(
    ("action", "state"),
    [("cancel", "cancelled"), ("start", "in_progress"), ("complete", "completed"), ("discontinue", "discontinued")],
)
def test_a_step_moves_on(client: Client, practice: Practice, action: str, state: str) -> None:
    answer = post(client, f"{STEPS}{plan(practice).pk}/{action}/", {"reason": "Because"})
    assert (answer.status_code, answer.json()["state"]) == (200, state)


def test_a_move_that_there_is_not_is_a_conflict(client: Client, practice: Practice) -> None:
    address = f"{STEPS}{plan(practice).pk}"
    assert post(client, f"{address}/reopen").status_code == 409
    post(client, f"{address}/cancel", {"reason": "Called off"})
    assert client.get(address).json()["reason"] == "Called off"
    assert post(client, f"{address}/cancel").status_code == 409
    assert post(client, f"{address}/reopen").json()["state"] == "scheduled"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"patientId": None}, "patientId"),
        ({"modality": "not a modality!"}, "capital"),
        ({"startDate": "soon"}, "startDate"),
        ({"attributes": ["x"]}, "attributes"),
        ({"studyInstanceUid": "1..2"}, "UID"),
        ({"priority": "NOW"}, "priority"),
    ],
)
def test_what_is_wrong_is_said(client: Client, changes: dict[str, Any], word: str) -> None:
    answer = post(client, STEPS, ASKED | changes)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert word in answer.content.decode()


def test_a_file_is_brought_in(client: Client) -> None:
    table = b"patient_id,patient_name,modality,start_date\nP1,Doe^Jane,PX,2024-05-17\nP2,,PX,2024-05-17\n"
    answer = client.post(f"{STEPS}import", {"file": SimpleUploadedFile("list.csv", table)})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["planned"], told["failed"]) == (1, 1)
    assert told["wrong"] == [{"where": "list.csv, line 3", "error": "Say the patient's name."}]


def test_a_file_that_is_missing_or_too_large_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.post(f"{STEPS}import", {}).status_code == 400
    monkeypatch.setattr(importing, "MAX_BYTES", 10)
    answer = client.post(f"{STEPS}import", {"file": SimpleUploadedFile("list.csv", b"x" * 11)})
    assert answer.status_code == 413


def test_who_may_what(
    client: Client, viewer: Client, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    step = plan(practice)
    own = f"{STEPS}{step.pk}"
    assert viewer.get(own).status_code == 200
    assert stranger_client.get(own).status_code == 404
    assert stranger_client.get(STEPS).json()["count"] == 0
    assert anonymous.get(own).status_code == 401
    for address in (STEPS, f"{own}/cancel", f"{STEPS}import"):
        assert post(viewer, address, ASKED).status_code == 403, address
        assert post(anonymous, address, ASKED).status_code == 401, address
    assert stranger_client.patch(own, {}, content_type=JSON).status_code == 404
    assert post(stranger_client, f"{own}/cancel").status_code == 404
    assert post(stranger_client, STEPS, ASKED | {"practice": practice.pk}).status_code == 404
    assert ScheduledStep.objects.get().state == StepState.SCHEDULED


def test_reading_is_on_record_without_what_was_looked_for(client: Client, practice: Practice) -> None:
    plan(practice)
    client.get(STEPS, {"patientId": "P1"})
    access.flush()
    event = Event.objects.get(action=Event.Action.QUERY)
    assert (event.source, event.detail, event.count) == ("scheduled steps", "patientId", 1)
