"""Signing in by password: hashed once, felt at once when it changes, and bounded in what wrong ones cost."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from apps.accounts import authentication, lockout, passwords
from apps.accounts.models import Practice, User
from apps.core.errors import TooManyAttempts
from tests.conftest import PASSWORD
from tests.rights import give

pytestmark = pytest.mark.django_db

STUDIES = "/dicom-web/studies"
Asked = Callable[..., int]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return seen


@pytest.fixture
def asked(anonymous: Client, user: User) -> Asked:
    """The status of a request by HTTP Basic, made when what was remembered of the last one has run out."""

    def ask(password: str = PASSWORD, username: str = user.username, address: str = "127.0.0.1") -> int:
        authentication._remembered.clear()
        said = base64.b64encode(f"{username}:{password}".encode()).decode()
        return anonymous.get(STUDIES, headers={"authorization": f"Basic {said}"}, REMOTE_ADDR=address).status_code

    return ask


def test_a_right_password_is_hashed_once(asked: Asked, hashed: list[str]) -> None:
    assert [asked() for _ in range(3)] == [200, 200, 200]
    assert hashed == [PASSWORD]


def test_a_changed_password_counts_at_once(asked: Asked, user: User) -> None:
    assert asked() == 200
    user.set_password("another battery")
    user.save()
    assert (asked(), asked("another battery")) == (401, 200)


def test_a_user_who_is_deactivated_is_out_at_once(asked: Asked, user: User) -> None:
    assert asked() == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert asked() == 401


def test_a_new_membership_counts_at_once(anonymous: Client, asked: Asked, user: User, other_practice: Practice) -> None:
    assert asked() == 200
    give(user, other_practice)
    authentication._remembered.clear()
    request = type("Request", (), {"META": {}})
    said = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    principal = authentication._by_header(request, f"Basic {said}")  # type: ignore[arg-type]
    assert other_practice.pk in principal.practice_ids


def test_what_is_remembered_does_not_hold_the_password(asked: Asked) -> None:
    asked()
    (proof,) = passwords._proofs.values()
    assert PASSWORD.encode() not in proof
    assert len(proof) == 32


def test_wrong_passwords_are_hashed_only_so_often(asked: Asked, hashed: list[str]) -> None:
    answers = [asked(f"guess {number}") for number in range(lockout.MOST_FAILURES + 3)]
    assert answers == [401] * lockout.MOST_FAILURES + [429] * 3
    assert len(hashed) == lockout.MOST_FAILURES


@pytest.mark.parametrize("name", ["nora", "nobody"])
def test_too_many_guesses_tell_nothing_of_who_exists(asked: Asked, name: str) -> None:
    answers = [asked("guess", name) for _ in range(lockout.MOST_FAILURES + 1)]
    assert (answers[0], answers[-1]) == (401, 429)


def test_guesses_from_elsewhere_do_not_lock_anybody_out(asked: Asked) -> None:
    for _ in range(lockout.MOST_FAILURES + 1):
        asked("guess", address="192.0.2.66")
    assert asked() == 200


def test_who_is_known_gets_in_in_spite_of_guesses(asked: Asked) -> None:
    assert asked() == 200
    for _ in range(lockout.MOST_FAILURES):
        asked("guess")
    assert asked() == 200
    assert asked("guess") == 429


def test_when_the_time_is_over_one_may_try_again(asked: Asked) -> None:
    for _ in range(lockout.MOST_FAILURES):
        asked("guess")
    assert asked() == 429
    AccessAttempt.objects.update(attempt_time=lockout.since())
    assert asked() == 200


def test_only_so_many_passwords_are_hashed_at_once() -> None:
    entered, go_on = Event(), Event()

    def hold() -> None:
        with passwords._one_of_few():
            entered.set()
            go_on.wait(60)

    with ThreadPoolExecutor(passwords.AT_ONCE) as pool:
        for _ in range(passwords.AT_ONCE):
            entered.clear()
            pool.submit(hold)
            assert entered.wait(60)
        with pytest.raises(TooManyAttempts), passwords._one_of_few():
            pass
        go_on.set()
    with passwords._one_of_few():
        pass


@pytest.fixture
def guessed(user: User) -> None:
    """Somebody has guessed too often."""
    client = Client()
    for number in range(lockout.MOST_FAILURES):
        client.post(reverse("login"), {"username": user.username, "password": f"guess {number}"})


@pytest.mark.usefixtures("guessed")
def test_the_page_says_that_there_were_too_many_attempts(anonymous: Client, user: User) -> None:
    answer = anonymous.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200
    assert lockout.barred() in answer.content.decode()
