"""GET /api/audit/events: to be read by those who may, and of their practices alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit import access
from apps.audit.models import Event
from apps.audit.record import Action, Entry, record, tell
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.rights import give

pytestmark = pytest.mark.django_db
EVENTS = "/api/audit/events"


@pytest.fixture
def auditor(practice: Practice) -> Client:
    user = User.objects.create_user("audrey", practice=practice)
    give(user, practice, Permission.AUDIT)
    return client_of(user)


@pytest.fixture
def write(practice: Practice, other_practice: Practice) -> Callable[..., None]:
    def write(action: Event.Action, **facts: Any) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            entry = {"actor": "nora", "practice_id": practice.pk, "source": "tests"} | facts
            record(cursor, [Entry(action, **entry)])

    return write


def found(client: Client, **filters: Any) -> list[dict[str, Any]]:
    return client.get(EVENTS, filters).json()["results"]


def test_who_may_read_it(auditor: Client, client: Client, practice: Practice, anonymous: Client) -> None:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW, Permission.ADMINISTER)
    assert auditor.get(EVENTS).status_code == 200
    assert client_of(user).get(EVENTS).status_code == 403
    assert anonymous.get(EVENTS).status_code == 401


def test_it_is_of_the_callers_practices_alone(
    auditor: Client, other_practice: Practice, write: Callable[..., None], stranger_client: Client
) -> None:
    write(Action.DELETE, study_instance_uid="1.2.3")
    write(Action.DELETE, practice_id=other_practice.pk)
    write(Action.START, practice_id=None)
    assert [each["studyInstanceUid"] for each in found(auditor, action="delete")] == ["1.2.3"]
    assert found(auditor, action="start") == []
    assert {each["practice"] for each in found(stranger_client)} == {other_practice.pk}
    assert found(auditor, practice=other_practice.pk) == []


def test_what_belongs_to_no_practice_is_for_superusers(write: Callable[..., None], practice: Practice) -> None:
    write(Action.START, practice_id=None)
    boss = client_of(User.objects.create_superuser("boss", practice=practice))
    assert [each["practice"] for each in found(boss, action="start")] == [None]


def test_an_event_says_what_happened(auditor: Client, write: Callable[..., None], practice: Practice) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    write(Action.ACCESS, study_instance_uid="1.2.3", count=500, at=at, until=at, via="Basic", address="192.0.2.1")
    (event,) = found(auditor, action="access")
    told = {"at": "2026-03-01T12:00:00Z", "eventId": "110103", "count": 500, "outcome": 0, "address": "192.0.2.1"}
    assert told.items() <= event.items()
    assert {"onBehalfOf", "prevHash", "hash", "sequence", "requestId", "reason", "until", "patient"} <= set(event)


@pytest.mark.parametrize(
    ("filters", "details"),
    [
        ({"actor": "sam"}, ["behalf"]),
        ({"studyInstanceUid": "1.2.3"}, ["study"]),
        ({"outcome": "4"}, ["failed"]),
        ({"dayFrom": "2026-03-02", "dayTo": "2026-03-02"}, ["failed"]),
        ({"dayTo": "2026-03-01"}, ["study", "behalf"]),
    ],
)
def test_it_is_filtered(
    auditor: Client, write: Callable[..., None], filters: dict[str, str], details: list[str]
) -> None:
    first, second = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    write(Action.EDIT, detail="behalf", on_behalf_of="sam", at=first)
    write(Action.EDIT, detail="study", study_instance_uid="1.2.3", at=first)
    write(Action.EDIT, detail="failed", outcome=4, at=second)
    assert [each["detail"] for each in found(auditor, action="edit", **filters)] == details


def test_who_looked_at_this_persons_images(auditor: Client, client: Client, practice: Practice) -> None:
    keep(practice, dicoms.ct_slice(PatientID="4711"))
    client.get(f"/dicom-web/studies/{dicoms.uid(1)}/metadata")
    access.flush()
    assert {each["actor"] for each in found(auditor, patient="4711", action="access")} == {"nora"}
    pseudonym = found(auditor, patient="4711")[0]["patient"]
    assert len(found(auditor, patient=pseudonym)) == 2
    assert found(auditor, patient="4712") == []


def test_reading_it_is_on_record(auditor: Client) -> None:
    found(auditor, actor="somebody secret")
    access.flush()
    event = Event.objects.get(action=Action.LOG_USED)
    assert (event.actor, event.source, event.detail) == ("audrey", "api", "actor")


@pytest.mark.parametrize(
    "query", ["outcome=5", "action=x", "nonsense=1", "dayFrom=x", "practice=-1", "actor=a&actor=b"]
)
def test_a_filter_that_is_none_is_invalid(auditor: Client, query: str) -> None:
    assert auditor.get(f"{EVENTS}?{query}").status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(auditor: Client, method: str) -> None:
    assert getattr(auditor, method)(EVENTS).status_code == 405


def test_the_record_comes_in_pages(auditor: Client, practice: Practice) -> None:
    for number in range(3):
        tell(Action.EDIT, actor="nora", practice_id=practice.pk, detail=str(number))
    page = auditor.get(EVENTS, {"limit": 2, "action": "edit"}).json()
    assert (page["count"], [each["detail"] for each in page["results"]]) == (3, ["2", "1"])
