"""The second step after the password: apps and recovery codes. (Passkeys: tests/browser/test_sign_in.py.)"""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.accounts import authentication
from apps.accounts.adapter import MFAAdapter
from apps.accounts.models import User
from tests.accounts.sign_ins import ACCOUNT, STUDIES, basic, post_sign_in, set_up_app
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

SECOND = "/accounts/two-step/authenticate/"
PERIOD = 30


@pytest.fixture
def key(user: User) -> str:
    return set_up_app(user)


@pytest.fixture
def half_in(user: User, key: str) -> Client:
    """Somebody who knows the password."""
    client = Client()
    assert post_sign_in(client, user, next="/viewer/?a=b") == SECOND
    return client


def code_of(key: str, *, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(key, int(time.time()) // PERIOD + ahead))


def test_the_password_alone_opens_nothing(half_in: Client) -> None:
    assert half_in.get(ACCOUNT).status_code == 302
    assert half_in.get(STUDIES).status_code == 401


def test_the_code_leads_on(half_in: Client, key: str) -> None:
    assert half_in.post(SECOND, {"code": code_of(key)})["Location"] == "/viewer/?a=b"
    assert half_in.get(ACCOUNT).status_code == half_in.get(STUDIES).status_code == 200


def test_a_code_opens_once(half_in: Client, user: User, key: str) -> None:
    code = code_of(key)
    half_in.post(SECOND, {"code": code})
    another = Client()
    post_sign_in(another, user)
    assert another.post(SECOND, {"code": code}).status_code == 200
    assert another.get(STUDIES).status_code == 401


def test_a_clock_may_be_a_little_off_and_not_more(half_in: Client, key: str) -> None:
    assert half_in.post(SECOND, {"code": code_of(key, ahead=5)}).status_code == 200
    assert half_in.post(SECOND, {"code": code_of(key, ahead=1)}).status_code == 302


def test_codes_can_be_guessed_a_few_times_only(half_in: Client, user: User, key: str) -> None:
    for number in range(5):
        half_in.post(SECOND, {"code": f"{number:06}"})
    elsewhere = Client(REMOTE_ADDR="192.0.2.8")
    post_sign_in(elsewhere, user)
    for client in (half_in, elsewhere):
        answer = client.post(SECOND, {"code": code_of(key)})
        assert answer.status_code == 200
        assert "too many wrong codes" in answer.content.decode()


def test_a_recovery_code_opens_once(user: User, key: str) -> None:
    (code, *_) = RecoveryCodes.activate(user).generate_codes()
    answers = []
    for _attempt in range(2):
        client = Client()
        post_sign_in(client, user)
        answers.append(client.post(SECOND, {"code": code}).status_code)
    assert answers == [302, 200]


def test_basic_is_no_way_around_it(user: User, key: str) -> None:
    answer = Client().get(STUDIES, headers=basic(user))
    assert answer.status_code == 403
    assert "use a token" in answer.json()["detail"]


def test_basic_ends_when_it_is_set_up(anonymous: Client, user: User) -> None:
    assert anonymous.get(STUDIES, headers=basic(user)).status_code == 200
    set_up_app(user)
    authentication._remembered.clear()
    assert anonymous.get(STUDIES, headers=basic(user)).status_code == 403


def test_the_database_alone_does_not_tell_the_key(user: User, key: str) -> None:
    stored = str(Authenticator.objects.get(user=user, type="totp").data)
    assert key not in stored


def test_a_new_secret_of_the_site_reads_what_the_old_one_wrote(settings: Settings) -> None:
    written = MFAAdapter().encrypt("the key")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert MFAAdapter().decrypt(written) == "the key"


def test_an_administrator_lets_in_who_has_lost_the_phone(user: User, stranger: User, key: str) -> None:
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    fields = {"action": "rescue_selected", "_selected_action": str(user.pk)}
    assert client_of(stranger).post(reverse("admin:accounts_user_changelist"), fields).status_code == 302
    assert not Authenticator.objects.exists()
    assert post_sign_in(Client(), user) == "/viewer/"
