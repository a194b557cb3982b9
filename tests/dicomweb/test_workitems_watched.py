"""Subscriptions to workitems and worklists, and the event reports that they bring (PS3.18 11.10 to 11.13)."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.worklist.models import Subscription, WorkitemEvent
from tests.conftest import client_of
from tests.dicomweb.workitems import FILTERED, GIVEN_UP, LOCK, UID, WORKLIST, Ups, asked, code, element, warning_of
from tests.rights import give


@pytest.fixture
def ups(client: Client) -> Ups:
    return Ups(client)


def told(subscriber: str = "WATCHER") -> list[tuple[int, str]]:
    """The event types and what they are about, of what waits for the subscriber."""
    reports = WorkitemEvent.objects.filter(subscriber=subscriber).order_by("pk").values_list("report", flat=True)
    return [(each["00001002"]["Value"][0], each["00001000"]["Value"][0]) for each in reports]


def states(subscriber: str = "WATCHER") -> list[str]:
    reports = WorkitemEvent.objects.filter(subscriber=subscriber).order_by("pk").values_list("report", flat=True)
    return [each["00741000"]["Value"][0] for each in reports if "00741000" in each]


def report(kind: int) -> dict[str, Any]:
    """The last event report of this type."""
    reports = [each.report for each in WorkitemEvent.objects.order_by("pk")]
    return [each for each in reports if each["00001002"]["Value"] == [kind]][-1]


def test_subscribed_to_one_workitem(ups: Ups) -> None:
    """201, where the channel is, and the current state as the first event (CC.2.4.3)."""
    ups.create()
    answer = ups.subscribe()
    assert answer.status_code == 201
    assert answer["Content-Location"] == "ws://testserver:8044/dicom-web/subscribers/WATCHER"
    assert told() == [(1, UID)]
    first = report(1)
    assert first["00000002"]["Value"] == ["1.2.840.10008.5.1.4.34.6.1"]
    assert (first["00741000"]["Value"], first["00404041"]["Value"]) == (["SCHEDULED"], ["READY"])


def test_the_channel_is_below_the_public_address(ups: Ups, settings: Any) -> None:
    ups.create()
    settings.PUBLIC_URL = "https://images.example.org"
    assert ups.subscribe()["Content-Location"] == "wss://images.example.org/dicom-web/subscribers/WATCHER"
    settings.EVENTS_URL = "wss://events.example.org/ups"
    assert ups.subscribe()["Content-Location"] == "wss://events.example.org/ups/subscribers/WATCHER"


def test_told_of_each_change(ups: Ups) -> None:
    ups.create()
    ups.subscribe()
    ups.change("IN PROGRESS")
    ups.update({"00404041": element("CS", "INCOMPLETE")}, query=f"?{LOCK}")
    ups.update({"00404025": element("SQ", code("WS1", "Workstation 1"))}, query=f"?{LOCK}")
    ups.update(GIVEN_UP, query=f"?{LOCK}")
    ups.cancel({"00741238": element("LT", "A mistake")})
    ups.change("CANCELED")
    assert [kind for kind, _ in told()] == [1, 1, 1, 5, 3, 2, 1]
    assert report(2)["00741238"]["Value"] == ["A mistake"]
    assert report(5)["00404025"]["Value"][0]["00080100"]["Value"] == ["WS1"]
    assert states() == ["SCHEDULED", "IN PROGRESS", "IN PROGRESS", "CANCELED"]
    assert "0074100E" in report(1)


def test_cancelled_by_way_of_in_progress(ups: Ups) -> None:
    ups.create()
    ups.subscribe()
    ups.cancel()
    assert states() == ["SCHEDULED", "IN PROGRESS", "CANCELED"]


def test_nothing_is_told_of_what_does_not_change(ups: Ups) -> None:
    ups.create()
    ups.subscribe()
    ups.update({"00741204": element("LO", "Read the knee")})
    assert len(told()) == 1


def test_subscribed_to_the_worklist(ups: Ups) -> None:
    """What there is and what will be; assigned ones with who is to do them."""
    ups.create(asked("1.2.1"))
    assert ups.subscribe(WORKLIST).status_code == 201
    assert told() == []
    ups.create(asked("1.2.2", t00404025=element("SQ", code("WS1", "Workstation 1"))))
    ups.cancel(uid="1.2.1")
    assert told() == [(1, "1.2.2"), (5, "1.2.2"), (1, "1.2.1"), (1, "1.2.1")]


def test_with_a_lock_the_state_of_each_is_told(ups: Ups) -> None:
    ups.create(asked("1.2.1"))
    answer = ups.subscribe(WORKLIST, query="?deletionlock=true")
    assert (answer.status_code, warning_of(answer), told()) == (201, "", [(1, "1.2.1")])
    assert Subscription.objects.get().has_lock


@pytest.mark.parametrize("query", [
    "?filter=ScheduledProcedureStepPriority=HIGH",
    "?filter=00741200=HIGH,PatientID=P1",
    "?00741200=HIGH",
    "?filter=ScheduledWorkitemCodeSequence.CodeValue=READ,00741200=HIGH",
])  # fmt: skip
def test_subscribed_to_what_matches(ups: Ups, query: str) -> None:
    high = element("CS", "HIGH")
    ups.create(asked("1.2.1", t00741200=high))
    ups.create(asked("1.2.2"))
    assert ups.subscribe(FILTERED, query=query).status_code == 201
    ups.create(asked("1.2.3", t00741200=high))
    ups.create(asked("1.2.4"))
    assert sorted(Subscription.objects.values_list("workitem__uid", flat=True)) == ["1.2.1", "1.2.3"]


@pytest.mark.parametrize(("uid", "title", "query"), [
    (FILTERED, "WATCHER", ""),
    (FILTERED, "WATCHER", "?filter=SOPInstanceUID=abc"),
    (WORKLIST, "%5CBAD", ""),
    (UID, "%5CBAD", ""),
    (UID, "WATCHER", "?deletionlock=perhaps"),
])  # fmt: skip
def test_what_can_not_be_subscribed_to(ups: Ups, uid: str, title: str, query: str) -> None:
    ups.create()
    assert ups.subscribe(uid, title, query).status_code == 400


def test_suspended(ups: Ups) -> None:
    """No new workitems; those it is subscribed to, still."""
    ups.create(asked("1.2.1"))
    ups.subscribe(WORKLIST)
    assert ups.send("POST", f"/{WORKLIST}/subscribers/WATCHER/suspend").status_code == 200
    ups.create(asked("1.2.2"))
    assert [each.workitem.uid for each in Subscription.objects.all()] == ["1.2.1"]
    assert ups.send("POST", f"/{FILTERED}/subscribers/WATCHER/suspend").status_code == 404
    assert ups.send("POST", f"/{UID}/subscribers/WATCHER/suspend").status_code == 400


def test_unsubscribed(ups: Ups) -> None:
    ups.create(asked("1.2.1"))
    ups.subscribe(WORKLIST)
    ups.subscribe("1.2.1", "OTHER")
    assert ups.send("DELETE", "/1.2.1/subscribers/OTHER").status_code == 200
    assert ups.send("DELETE", "/1.2.1/subscribers/OTHER").status_code == 404
    assert ups.send("DELETE", f"/{WORKLIST}/subscribers/WATCHER").status_code == 200
    assert not Subscription.objects.exists()
    assert ups.send("DELETE", f"/{WORKLIST}/subscribers/WATCHER").status_code == 404


def test_who_may_only_look_gets_no_lock(ups: Ups, practice: Practice) -> None:
    ups.create()
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    for uid in (UID, WORKLIST):
        answer = Ups(client_of(viewer)).subscribe(uid, "VIEWER", "?deletionlock=true")
        assert (answer.status_code, warning_of(answer)) == (201, "Deletion Lock not granted.")
    assert not Subscription.objects.filter(has_lock=True).exists()


def test_subscribers_of_another_practice_hear_nothing(ups: Ups, stranger_client: Client) -> None:
    Ups(stranger_client).subscribe(WORKLIST, "STRANGER")
    ups.create()
    assert told("STRANGER") == []
