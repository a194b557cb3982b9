"""What a practice decides on notifications, in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.notifications.models import Policy, Watch
from apps.remotes.models import Remote
from tests.conftest import client_of
from tests.notifications.conftest import Person


@pytest.fixture
def boss(person: Person) -> Client:
    return client_of(person("bea"))


def page(name: str, *args: int) -> str:
    return reverse(f"admin:notifications_{name}", args=args)


def test_an_expected_device_is_added_changed_and_removed(
    boss: Client, practice: Practice, other_practice: Practice
) -> None:
    remote = Remote.objects.create(practice=practice, name="Panorama")
    theirs = Remote.objects.create(practice=other_practice, name="Elsewhere")
    add = page("watch_add")
    form = boss.get(add).content.decode()
    assert "Panorama" in form
    assert "Elsewhere" not in form
    boss.post(add, {"remote": theirs.pk, "hours": 5, "days": "1"})
    assert not Watch.objects.exists()
    boss.post(add, {"remote": remote.pk, "hours": 5, "days": "12345"})
    watch = Watch.objects.get()
    assert (watch.practice, watch.hours) == (practice, 5)
    assert "Heard of" in boss.get(page("watch_changelist")).content.decode()
    boss.post(page("watch_change", watch.pk), {"hours": 6, "days": "1234567"})
    watch.refresh_from_db()
    assert (watch.hours, watch.days) == (6, "1234567")
    boss.post(page("watch_delete", watch.pk), {"post": "yes"})
    assert not Watch.objects.exists()
    details = Event.objects.filter(action=Event.Action.CONFIGURATION).order_by("pk").values_list("detail", flat=True)
    assert [text.partition("Panorama ")[2] for text in details] == [
        "expected within 5 h of days 12345", "expected within 6 h of days 1234567", "no longer expected",
    ]  # fmt: skip


def test_names_leave_when_the_practice_says_so(boss: Client, practice: Practice) -> None:
    boss.post(page("policy_add"), {"practice": practice.pk, "by_chat": "on"})
    assert (Policy.objects.get().by_email, Policy.objects.get().by_chat) == (False, True)
    boss.post(page("policy_change", Policy.objects.get().pk), {})
    assert not Policy.objects.get().by_chat


def test_it_is_for_who_administers(person: Person, practice: Practice) -> None:
    viewer = client_of(person("vera", Permission.VIEW))
    for name in ("watch_changelist", "policy_changelist", "watch_add", "policy_add"):
        assert viewer.get(page(name)).status_code == 403
