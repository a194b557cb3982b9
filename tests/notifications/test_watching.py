"""What goes by the clock: silent devices, the disk, old notifications."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.archive import room
from apps.archive.room import Disk
from apps.notifications import watching
from apps.notifications.kinds import Kind
from apps.notifications.models import Condition, Notification, Watch
from apps.remotes.models import Remote
from tests.notifications.conftest import Person, told

MONDAY = "2026-06-15T08:00:00Z"


@pytest.fixture
def watch(practice: Practice) -> Watch:
    """A device that has called on Monday at eight, and is used on weekdays."""
    heard = datetime.fromisoformat(MONDAY)
    Grant.objects.update(valid_from=heard - timedelta(days=9))
    remote = Remote.objects.create(practice=practice, name="Pano", title="PANO", networks="10.0.0.1", seen_at=heard)
    return Watch.objects.create(practice=practice, remote=remote, hours=10, since=heard - timedelta(days=9))


def look(moment: str) -> bool:
    """Whether the device counts as silent then."""
    with time_machine.travel(moment, tick=False):
        watching.listen_for_devices()
    return Watch.objects.get().silent_since is not None


def test_a_silent_device_is_told_once(user: User, person: Person, watch: Watch) -> None:
    viewer = person("vera", Permission.VIEW)
    assert not look("2026-06-15T17:59:00Z")
    assert look("2026-06-15T18:00:00Z")
    assert look("2026-06-15T22:00:00Z")
    assert (told(user), told(viewer)) == ([Kind.DEVICE_SILENT], [])
    assert Notification.objects.get().values == {"device": "Pano", "hours": 10}


def test_one_that_calls_again_is_well(user: User, watch: Watch) -> None:
    assert look("2026-06-15T18:00:00Z")
    Remote.objects.update(seen_at=datetime.fromisoformat("2026-06-16T08:00:00Z"))
    assert not look("2026-06-16T08:01:00Z")
    Notification.objects.update(seen_at=timezone.now())
    assert look("2026-06-16T19:00:00Z")
    assert told(user) == [Kind.DEVICE_SILENT] * 2


def test_a_weekend_is_no_silence(user: User, watch: Watch) -> None:
    Remote.objects.update(seen_at=datetime.fromisoformat("2026-06-19T16:00:00Z"))
    assert not look("2026-06-22T01:00:00Z")
    assert look("2026-06-22T03:00:00Z")


def test_one_that_never_called_is_expected_since_it_was_said(watch: Watch) -> None:
    Remote.objects.update(seen_at=None)
    Watch.objects.update(since=datetime.fromisoformat(MONDAY))
    assert not look("2026-06-15T17:00:00Z")
    assert look("2026-06-15T18:00:00Z")


def test_one_that_is_switched_off_is_not_listened_for(watch: Watch) -> None:
    Remote.objects.update(is_active=False)
    assert not look("2026-06-20T18:00:00Z")


def fill(monkeypatch: pytest.MonkeyPatch, percent: int) -> None:
    total = 100 * 10**9
    monkeypatch.setattr(room, "disk", lambda: Disk(total, percent * 10**9, total - percent * 10**9))
    watching.watch_disk()


def test_a_disk_that_fills_up_is_told_until_it_has_room(
    user: User, stranger: User, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, viewer = person("bea", Permission.VIEW), person("vera", Permission.VIEW)
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    for percent in (89, 90, 95, 89):
        fill(monkeypatch, percent)
    assert [told(each) for each in (user, stranger, boss, viewer)] == [[Kind.STORAGE]] * 3 + [[]]
    assert Notification.objects.filter(user=user).get().values == {"percent": 90, "free": 10}
    fill(monkeypatch, 80)
    assert not Condition.objects.exists()
    Notification.objects.update(seen_at=timezone.now())
    fill(monkeypatch, 91)
    assert told(user) == [Kind.STORAGE] * 2


def test_what_is_old_goes(practice: Practice, user: User) -> None:
    now = timezone.now()
    facts = {"practice": practice, "user": user, "kind": Kind.JOB_FAILED}
    for key, days, seen in (("a", 29, now), ("b", 31, now), ("c", 31, None), ("d", 91, None)):
        Notification.objects.create(**facts, key=key, occurred_at=now - timedelta(days=days), seen_at=seen)
    watching.prune()
    assert set(Notification.objects.values_list("key", flat=True)) == {"a", "c"}
