"""What is kept of workitems, and for how long (PS3.4 CC.2.1.3, deletion locks; PS3.18 11.5.3, 410)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.audit.models import Event
from apps.jobs.events import minute_passed
from apps.worklist.models import Subscription, Workitem, WorkitemEvent
from tests.dicomweb.workitems import UID, Ups

LONG = timedelta(days=400)


@pytest.fixture
def ended(client: Client) -> Ups:
    """A workitem that was cancelled long ago, and one that is still scheduled."""
    ups = Ups(client)
    ups.create()
    ups.cancel()
    ups.send("POST", "?1.2.9", ups.dataset() | {"00080018": {"vr": "UI"}, "00741002": {"vr": "SQ"},
                                               "00741000": {"vr": "CS", "Value": ["SCHEDULED"]}})  # fmt: skip
    assert Workitem.objects.filter(uid=UID).update(ended_at=timezone.now() - LONG) == 1
    return ups


def a_minute_passes() -> None:
    minute_passed.send(sender=None)


def test_what_ended_long_ago_is_gone(ended: Ups) -> None:
    a_minute_passes()
    assert ended.get().status_code == 410
    assert ended.cancel().status_code == 410
    assert [found["00080018"]["Value"] for found in ended.found()] == [["1.2.9"]]
    left = Workitem.objects.get(uid=UID)
    assert (left.dataset, left.patient_id, left.label) == ({}, "", "")
    assert Event.objects.filter(detail="ended workitems removed", actor="retention").count() == 1
    assert ended.create().status_code == 409


def test_a_deletion_lock_keeps_it(ended: Ups) -> None:
    ended.subscribe(query="?deletionlock=true")
    a_minute_passes()
    assert ended.get().status_code == 200
    ended.send("DELETE", f"/{UID}/subscribers/WATCHER")
    a_minute_passes()
    assert ended.get().status_code == 410


def test_a_subscription_without_a_lock_does_not(ended: Ups) -> None:
    ended.subscribe()
    a_minute_passes()
    assert ended.get().status_code == 410
    assert not Subscription.objects.exists()


def test_that_it_ever_was_is_forgotten_in_the_end(ended: Ups) -> None:
    a_minute_passes()
    Workitem.objects.filter(uid=UID).update(gone_at=timezone.now() - LONG)
    a_minute_passes()
    assert ended.get().status_code == 404


def test_events_that_nobody_came_for_go(ended: Ups) -> None:
    ended.subscribe("1.2.9")
    ended.cancel(uid="1.2.9")
    old = WorkitemEvent.objects.order_by("pk").first()
    assert old
    WorkitemEvent.objects.filter(pk=old.pk).update(created_at=timezone.now() - LONG)
    before = WorkitemEvent.objects.count()
    a_minute_passes()
    assert WorkitemEvent.objects.count() == before - 1
