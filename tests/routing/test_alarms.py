"""Alarms of destinations: raised once, told once, ended when all is well."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.translation import get_language
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.jobs.models import Job
from apps.remotes.models import Remote
from apps.routing.alarms import mailing, raising
from apps.routing.models import Alarm, Destination, Outgoing, OutgoingState
from tests.remotes.jobs import do
from tests.rights import give


@pytest.fixture
def told(settings: Settings, user: User) -> User:
    """An administrator with an e-mail address, on a site with a mail server."""
    settings.EMAIL_IS_SENT = True
    settings.PUBLIC_URL = "https://fovea.example.org"
    user.email = "nora@example.org"
    user.save()
    return user


def waits(remote: Remote, hours: float, state: str = OutgoingState.WAITING, **fields: Any) -> Outgoing:
    since = timezone.now() - timedelta(hours=hours)
    facts = {"created_at": since, "tried_since": since, "study_instance_uid": "1.2.3", **fields}
    return Outgoing.objects.create(practice=remote.practice, remote=remote, state=state, **facts)


def look() -> list[tuple[str, bool]]:
    """What is raised after another look: the kinds, and whether each is over."""
    raising.on_minute()
    rows = Alarm.objects.order_by("pk")
    return [(row.kind, row.ended_at is not None) for row in rows]


def test_a_destination_that_takes_nothing_is_told_once(elsewhere: Remote, told: User) -> None:
    waits(elsewhere, 2)
    waits(elsewhere, 0.1)
    assert look() == [("silent", False)]
    assert look() == [("silent", False)]
    do(Job.objects.get(kind=raising.KIND))
    (message,) = mail.outbox
    assert message.to == ["nora@example.org"]
    assert message.subject == "Elsewhere takes nothing"
    assert "2 studies have waited since " in message.body
    assert f"https://fovea.example.org/admin/routing/destination/?remote={elsewhere.pk}" in message.body


def test_it_is_raised_again_only_after_all_was_well(elsewhere: Remote) -> None:
    row = waits(elsewhere, 2)
    assert look() == [("silent", False)]
    Outgoing.objects.update(state=OutgoingState.SENT)
    assert look() == [("silent", True)]
    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.WAITING)
    assert look() == [("silent", True), ("silent", False)]
    assert Job.objects.filter(kind=raising.KIND).count() == 2


def test_a_long_queue_of_one_that_takes_things_is_no_alarm(elsewhere: Remote) -> None:
    waits(elsewhere, 5)
    Destination.objects.create(remote=elsewhere, last_taken_at=timezone.now() - timedelta(minutes=3))
    assert look() == []
    Destination.objects.update(last_taken_at=timezone.now() - timedelta(hours=2))
    assert look() == [("silent", False)]


@pytest.mark.parametrize(("minutes", "alarms"), [(200, []), (100, [("silent", False)])])
def test_the_site_says_how_long_is_too_long(
    elsewhere: Remote, settings: Settings, minutes: int, alarms: list[tuple[str, bool]]
) -> None:
    settings.ROUTING_SILENT_MINUTES = minutes
    waits(elsewhere, 2)
    assert look() == alarms


def test_one_that_is_sent_again_waits_anew(elsewhere: Remote) -> None:
    waits(elsewhere, 48, tried_since=timezone.now())
    assert look() == []


def test_dead_letters_are_an_alarm_until_somebody_has_looked_at_them(elsewhere: Remote) -> None:
    row = waits(elsewhere, 0, OutgoingState.FAILED)
    assert look() == [("failed", False)]
    assert Alarm.objects.get().detail == "1 study could not be sent."
    waits(elsewhere, 0, OutgoingState.FAILED)
    assert look() == [("failed", False)]
    Outgoing.objects.filter(state=OutgoingState.FAILED).exclude(pk=row.pk).delete()
    Outgoing.objects.update(state=OutgoingState.CANCELLED)
    assert look() == [("failed", True)]


def test_others_are_not_told(elsewhere: Remote, told: User, practice: Practice, stranger: User) -> None:
    lou = User.objects.create_user("lou", practice=practice, email="lou@example.org")
    give(lou, practice, Permission.SEND)
    User.objects.filter(pk=stranger.pk).update(email="sam@example.org")
    waits(elsewhere, 2)
    look()
    assert do(Job.objects.get(kind=raising.KIND)) == {"mails": 1}
    assert [message.to for message in mail.outbox] == [["nora@example.org"]]


def test_one_that_ended_before_it_was_told_is_not_told(elsewhere: Remote, told: User) -> None:
    waits(elsewhere, 2)
    look()
    Outgoing.objects.all().delete()
    look()
    assert do(Job.objects.get(kind=raising.KIND)) == {"mails": 0}


def test_without_a_mail_server_the_first_page_tells(elsewhere: Remote, user: User) -> None:
    waits(elsewhere, 2)
    look()
    assert do(Job.objects.get(kind=raising.KIND)) == {"mails": 0}
    assert not mail.outbox


def test_old_alarms_are_forgotten(elsewhere: Remote) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    Alarm.objects.create(practice=elsewhere.practice, remote=elsewhere, kind="silent", studies=1, ended_at=long_ago)
    assert look() == []


def test_everybody_is_told_in_their_own_language(
    elsewhere: Remote, told: User, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    lou = User.objects.create_user("lou", practice=practice, email="lou@example.org", language="fr")
    give(lou, practice, Permission.ADMINISTER)
    monkeypatch.setattr(mailing, "gettext", lambda text: f"{get_language()}: {text}")
    waits(elsewhere, 2)
    look()
    do(Job.objects.get(kind=raising.KIND))
    assert {tuple(message.to): message.subject[:3] for message in mail.outbox} == {
        ("nora@example.org",): "en:",
        ("lou@example.org",): "fr:",
    }
