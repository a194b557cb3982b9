"""Signing in, failing to, signing out, and being refused are on record without anybody's asking."""

import base64

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import reverse

from apps.accounts.lockout import MOST_FAILURES
from apps.accounts.models import Practice, User
from apps.audit import access
from apps.audit.models import Event
from tests import dicoms
from tests.conftest import PASSWORD, client_of
from tests.dicomweb.archive import keep, place

pytestmark = pytest.mark.django_db
Action = Event.Action


def events(action: Event.Action) -> list[Event]:
    access.flush()
    return list(Event.objects.filter(action=action))


def test_signing_in_and_out(user: User, practice: Practice) -> None:
    client = client_of(user)
    client.logout()
    for action in (Action.SIGN_IN, Action.SIGN_OUT):
        (event,) = events(action)
        assert (event.actor, event.practice, event.outcome) == ("nora", practice, Event.Outcome.SUCCESS)


def test_wrong_passwords_are_counted_together(user: User, anonymous: Client) -> None:
    header = "Basic " + base64.b64encode(b"nora:wrong").decode()
    for _ in range(3):
        anonymous.get("/api/me", headers={"authorization": header})
    (event,) = events(Action.SIGN_IN_REFUSED)
    assert (event.actor, event.count, event.outcome) == ("nora", 3, Event.Outcome.MINOR_FAILURE)
    assert event.address == "127.0.0.1"


def test_a_name_that_nobody_has_is_not_kept(user: User) -> None:
    """People type their passwords into the field above."""
    authenticate(username=PASSWORD, password="x")
    (event,) = events(Action.SIGN_IN_REFUSED)
    assert (event.actor, event.detail, event.practice) == ("", "no such user", None)


def test_what_is_refused_is_on_record(client: Client, practice: Practice) -> None:
    data = dicoms.ct_slice()
    keep(practice, data)
    for _ in range(2):
        assert client.delete(place(data), headers={"sec-fetch-site": "cross-site"}).status_code == 403
    (event,) = events(Action.DENIED)
    assert (event.source, event.count, event.practice) == ("DELETE", 2, practice)
    assert event.detail == "/dicom-web/studies/{study}/series/{series}/instances/{instance}"


def test_what_the_api_and_the_admin_refuse_is_on_record_too(client: Client, user: User) -> None:
    user.is_staff = True
    user.save()
    assert client.post("/api/tokens", {}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get(reverse("admin:audit_event_add")).status_code == 403
    assert {event.source for event in events(Action.DENIED) if event.actor == "nora"} == {"GET", "POST"}


def test_a_wrong_token_is_on_record_without_what_was_presented(db: None) -> None:
    assert Client().get("/api/me", headers={"authorization": "Bearer fovea_wrong"}).status_code == 401
    (event,) = events(Action.SIGN_IN_REFUSED)
    assert (event.actor, event.detail) == ("", "no such token")


def test_too_many_attempts_are_on_record(user: User) -> None:
    for _ in range(MOST_FAILURES):
        Client().post("/accounts/login/", {"username": "nora", "password": "wrong"})
    (event,) = events(Action.LOCKOUT)
    assert (event.actor, event.practice, event.detail) == ("nora", user.practice, "too many attempts")
