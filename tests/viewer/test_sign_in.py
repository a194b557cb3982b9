"""Signing in and out by the page."""

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.conftest import PASSWORD

PAGE = "/accounts/login/"


@pytest.mark.django_db
def test_page_has_a_labelled_form(anonymous: Client) -> None:
    page = anonymous.get(PAGE).content.decode()
    for field in ("username", "password"):
        assert f'<label for="id_{field}">' in page
        assert f'id="id_{field}" name="{field}"' in page
    assert '<button type="submit">' in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/viewer/viewer?StudyInstanceUIDs=1.2", "/viewer/viewer?StudyInstanceUIDs=1.2"),
        ("", "/viewer/"),
        ("https://elsewhere.example/", "/viewer/"),
        ("//elsewhere.example/", "/viewer/"),
        ("javascript:alert(1)", "/viewer/"),
    ],
)
def test_signing_in_leads_only_to_this_site(user: User, anonymous: Client, wanted: str, got: str) -> None:
    answer = anonymous.post(PAGE, {"username": user.username, "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, got)


def test_wrong_password_is_said_without_saying_which(user: User, anonymous: Client) -> None:
    pages = [
        anonymous.post(PAGE, {"username": name, "password": "wrong"}).content.decode()
        for name in (user.username, "nobody")
    ]
    assert all("The user name or the password is not right" in page for page in pages)
    assert f'value="{user.username}"' in pages[0]
    assert "wrong" not in pages[0]


def test_user_name_is_shown_as_text(user: User, anonymous: Client) -> None:
    page = anonymous.post(PAGE, {"username": '"><script>', "password": "wrong"}).content.decode()
    assert "<script>" not in page


def test_signing_out_ends_the_session(client: Client) -> None:
    answer = client.post("/accounts/logout/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert client.get("/viewer/").status_code == 302


def test_signing_out_takes_more_than_a_link(client: Client) -> None:
    assert "Sign out" in client.get("/accounts/logout/").content.decode()
    assert client.get("/accounts/").status_code == 200
