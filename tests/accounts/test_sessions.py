"""Sessions end when nobody uses them, at the end of the day, and when their user says so."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from apps.accounts import authentication
from apps.accounts.models import User
from apps.accounts.sessions import SessionStore
from tests.accounts.sign_ins import ACCOUNT, LOGIN, STUDIES, grow_old, post_sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another battery of horses"


@pytest.fixture
def browser(user: User) -> Client:
    """A client that has signed in by the page."""
    return _signed_in(user)


def _signed_in(user: User) -> Client:
    client = Client(HTTP_SEC_FETCH_SITE="same-origin")
    assert post_sign_in(client, user) == "/viewer/"
    return client


def is_in(client: Client) -> tuple[bool, bool]:
    """Whether the pages and DICOMweb know whose session it is."""
    authentication.forget_all()
    return client.get(ACCOUNT).status_code == 200, client.get(STUDIES).status_code == 200


def pass_by(idle: timedelta) -> None:
    """Let nobody use any session for so long."""
    for session in Session.objects.all():
        Session.objects.filter(pk=session.pk).update(expire_date=session.expire_date - idle)


def test_an_unused_session_ends(browser: Client, settings: Settings) -> None:
    pass_by(timedelta(minutes=settings.SESSION_IDLE_MINUTES - 2))
    assert is_in(browser) == (True, True)
    pass_by(timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1))
    assert is_in(browser) == (False, False)


@pytest.mark.parametrize("address", [ACCOUNT, STUDIES])
def test_use_keeps_a_session_alive(browser: Client, settings: Settings, address: str) -> None:
    for _ in range(4):
        pass_by(timedelta(minutes=settings.SESSION_IDLE_MINUTES / 2))
        authentication.forget_all()
        assert browser.get(address).status_code == 200


def test_a_session_ends_after_a_day_of_work(browser: Client, settings: Settings) -> None:
    grow_old(browser, settings.SESSION_COOKIE_AGE - 60)
    assert is_in(browser) == (True, True)
    grow_old(browser, 120)
    assert is_in(browser) == (False, False)


def test_use_is_noted_once_a_minute(browser: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    key = str(browser.session.session_key)
    pass_by(timedelta(minutes=2))
    with django_assert_num_queries(3):
        SessionStore(key).load()
    with django_assert_num_queries(1):
        SessionStore(key).load()


def test_noting_use_loses_nothing_that_another_request_writes(browser: Client) -> None:
    pass_by(timedelta(minutes=2))
    slow = SessionStore(str(browser.session.session_key))
    browser.get(ACCOUNT)
    session = browser.session
    session["written"] = "meanwhile"
    session.save()
    slow.load()
    assert browser.session["written"] == "meanwhile"


def test_the_cookie_ends_with_the_browser_and_is_out_of_reach_of_scripts(browser: Client) -> None:
    cookie = browser.cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")


def test_signing_in_gives_the_session_another_key(user: User) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)
    post_sign_in(client, user)
    assert client.session.session_key != planted
    assert is_in(client) == (True, True)
    client.cookies["sessionid"] = planted
    assert is_in(client) == (False, False)


def test_a_changed_password_ends_the_other_sessions(browser: Client, user: User) -> None:
    other = _signed_in(user)
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert browser.post("/accounts/password/change/", fields).status_code == 302
    assert is_in(browser) == (True, True)
    assert is_in(other) == (False, False)


def test_others_are_signed_out_and_oneself_is_not(browser: Client, user: User, stranger: User) -> None:
    other, somebody = _signed_in(user), _signed_in(stranger)
    assert "127.0.0.1" in browser.get("/accounts/sessions/").content.decode()
    browser.post("/accounts/sessions/")
    assert is_in(browser) == is_in(somebody) == (True, True)
    assert is_in(other) == (False, False)


def test_a_closed_account_is_out_at_once(browser: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert is_in(browser) == (False, False)
