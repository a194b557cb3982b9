"""Guessing is counted on every way in, for all processes at once, and keeps out nobody but who guesses."""

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.accounts import authentication, lockout
from apps.accounts.models import Token, User
from tests.accounts.sign_ins import LOGIN, STUDIES, basic, bearer, post_sign_in
from tests.conftest import PASSWORD, client_of

pytestmark = pytest.mark.django_db


def guess(user: User, times: int = lockout.MOST_FAILURES, address: str = "127.0.0.1", **headers: str) -> None:
    client = Client(REMOTE_ADDR=address, headers=headers)
    for number in range(times):
        post_sign_in(client, user, f"guess {number}")


def status(user: User, address: str = "127.0.0.1", **headers: str) -> int:
    authentication.forget_all()
    return Client(REMOTE_ADDR=address).get(STUDIES, headers={**basic(user), **headers}).status_code


@pytest.mark.parametrize("page", [LOGIN, "/admin/login/"])
def test_guesses_on_the_page_bar_basic_too(user: User, page: str) -> None:
    guess(user)
    assert status(user) == 429


def test_guesses_by_basic_bar_the_page_too(user: User) -> None:
    for number in range(lockout.MOST_FAILURES):
        Client().get(STUDIES, headers=basic(user, f"guess {number}"))
    assert post_sign_in(Client(), user) == ""
    assert AccessAttempt.objects.get().failures_since_start == lockout.MOST_FAILURES


def test_a_wrong_token_is_counted_and_a_right_one_let_in(user: User) -> None:
    _, secret = Token.issue(user, "PMS")
    answers = [Client().get(STUDIES, headers=bearer("fovea_guess")).status_code for _ in range(12)]
    assert answers == [401] * lockout.MOST_FAILURES + [429] * 2
    assert Client().get(STUDIES, headers=bearer(secret)).status_code == 200


def test_many_names_from_one_address_bar_the_address(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "MOST_FROM_ADDRESS", 3)
    for name in "abc":
        Client().post(LOGIN, {"username": name, "password": PASSWORD})
    assert status(user) == 429
    assert status(user, "192.0.2.7") == 200


def test_one_name_from_many_addresses_is_barred(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "MOST_FOR_NAME", 3)
    for last in range(3):
        guess(user, 1, f"192.0.2.{last}")
    assert status(user, "192.0.2.77") == 429


def test_who_gets_in_begins_anew(user: User) -> None:
    guess(user, lockout.MOST_FAILURES - 1)
    assert post_sign_in(Client(), user)
    assert not AccessAttempt.objects.exists()


def test_nothing_of_what_was_typed_is_kept(user: User) -> None:
    guess(user, 2)
    row = AccessAttempt.objects.get()
    assert (row.post_data, row.get_data, row.user_agent) == ("", "", "")


@pytest.mark.parametrize("name", ["a\0b", "x" * 4000, ""])
def test_any_name_is_counted(anonymous: Client, user: User, name: str) -> None:
    user.username = name
    assert anonymous.get(STUDIES, headers=basic(user)).status_code == 401


def test_a_forged_address_does_not_help(user: User) -> None:
    for last in range(lockout.MOST_FAILURES):
        guess(user, 1, x_forwarded_for=f"192.0.2.{last}")
    assert status(user) == 429


def test_behind_a_proxy_the_address_is_what_it_says_last(user: User, settings: Settings) -> None:
    settings.HTTPS = True
    guess(user, 1, x_forwarded_for="192.0.2.1, 198.51.100.9")
    assert AccessAttempt.objects.get().ip_address == "198.51.100.9"


def test_an_administrator_lets_somebody_in_again(user: User, stranger: User) -> None:
    guess(user)
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    boss = client_of(stranger)
    page = boss.get(reverse("admin:axes_accessattempt_changelist")).content.decode()
    assert user.username in page
    assert "Locked" in page
    boss.post(reverse("admin:axes_accessattempt_delete", args=[AccessAttempt.objects.get().pk]), {"post": "yes"})
    assert status(user) == 200


def test_staff_do_not_see_who_is_locked_out(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert client.get(reverse("admin:axes_accessattempt_changelist")).status_code == 403


def test_a_remembered_sign_in_asks_the_database_nothing(
    anonymous: Client, user: User, django_assert_num_queries: object
) -> None:
    request = anonymous.get(STUDIES, headers=basic(user)).wsgi_request
    del request.fovea_principal
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert authentication.sign_in(request).username == user.username
