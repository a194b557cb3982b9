"""What devices have reported, as the admin and the REST API show it."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit import access
from apps.audit.models import Event
from apps.worklist import performing
from apps.worklist.models import PerformedStep, ScheduledStep
from apps.worklist.performing import Reporter
from tests.conftest import client_of
from tests.rights import give
from tests.worklist.planned import plan

API = "/api/worklist/performed/"
ADMIN = "/admin/worklist/performedstep/"
Reported = tuple[ScheduledStep, PerformedStep]


def text(vr: str, value: str) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def at_the_admin(user: User) -> Client:
    """Signed in as one who may open the admin."""
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def reported(practice: Practice) -> Reported:
    """Jane's step, which the device has begun."""
    step = plan(practice)
    named = {"0020000D": text("UI", step.study_instance_uid), "00400009": text("SH", step.step_id)}
    attributes = {
        "00080060": text("CS", "PX"), "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]},
        "00100020": text("LO", "P1"), "00400241": text("AE", "PANO1"), "00400244": text("DA", "20240517"),
        "00400245": text("TM", "0931"), "00400252": text("CS", "IN PROGRESS"), "00400253": text("SH", "PPS1"),
        "00400270": {"vr": "SQ", "Value": [named]},
    }  # fmt: skip
    reporter = Reporter(Principal.worker(practice.pk, "PANO1"), practice.pk)
    return step, performing.create(reporter, "1.2.3.4", attributes)


@pytest.fixture
def client(user: User) -> Client:
    return at_the_admin(user)


def test_the_api_lists_what_was_reported(client: Client, reported: Reported) -> None:
    step, performed = reported
    (row,) = client.get(API).json()["results"]
    assert {name: row[name] for name in ("id", "sopInstanceUid", "state", "steps", "stationTitle", "startedAt")} == {
        "id": performed.pk, "sopInstanceUid": "1.2.3.4", "state": "IN PROGRESS", "steps": [step.pk],
        "stationTitle": "PANO1", "startedAt": "2024-05-17T09:31:00Z",
    }  # fmt: skip
    assert "dataset" not in row


@pytest.mark.parametrize(
    ("asked", "count"), [("state=COMPLETED", 0), ("state=IN+PROGRESS", 1), ("stationTitle=PANO2", 0)]
)
def test_the_api_searches(client: Client, reported: Reported, asked: str, count: int) -> None:
    assert len(client.get(f"{API}?{asked}").json()["results"]) == count


def test_the_api_shows_the_attributes_and_puts_that_on_record(client: Client, reported: Reported) -> None:
    answer = client.get(f"{API}{reported[1].pk}/").json()
    assert answer["dataset"]["00100020"]["Value"] == ["P1"]
    access.flush()
    assert Event.objects.get(action=Event.Action.QUERY).source == "a performed step"


@pytest.mark.parametrize("address", [API, ADMIN])
def test_another_practice_sees_none(address: str, reported: Reported, stranger: User) -> None:
    client = at_the_admin(stranger)
    assert client.get(f"{address}{reported[1].pk}/", follow=True).status_code == 404
    assert b"1.2.3.4" not in client.get(address).content


def test_who_may_not_look_is_refused(practice: Practice, reported: Reported) -> None:
    auditor = User.objects.create_user("ada", practice=practice)
    give(auditor, practice, Permission.AUDIT)
    assert client_of(auditor).get(API).status_code == 403


@pytest.mark.parametrize("address", [API, ADMIN])
def test_nobody_sees_nothing(address: str, reported: Reported) -> None:
    assert Client().get(address).status_code in {302, 401}


def test_the_admin_lists_it_with_its_step(client: Client, reported: Reported) -> None:
    page = client.get(ADMIN).content.decode()
    assert "Doe, Jane" in page
    assert f"/admin/worklist/scheduledstep/{reported[0].pk}/change/" in page
    access.flush()
    assert Event.objects.get(action=Event.Action.QUERY).source == "performed steps"


def test_the_admin_shows_it_to_be_read(client: Client, reported: Reported) -> None:
    address = f"{ADMIN}{reported[1].pk}/change/"
    page = client.get(address).content.decode()
    assert "1.2.3.4" in page
    assert "Doe, Jane, P1" in page
    assert "0 in 0 series" in page
    assert client.post(address, {"state": "COMPLETED"}).status_code == 403


@pytest.mark.parametrize(("chosen", "count"), [("planned=1", 1), ("planned=0", 0), ("state__exact=COMPLETED", 0)])
def test_the_admin_filters(client: Client, reported: Reported, chosen: str, count: int) -> None:
    assert client.get(f"{ADMIN}?{chosen}").content.decode().count("Doe, Jane") == count
