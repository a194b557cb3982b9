"""What can't be undone takes a sign-in of the last minutes."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.accounts.models import Token, User
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from tests import dicoms
from tests.accounts.sign_ins import basic, grow_old
from tests.conftest import PASSWORD, client_of

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/reauthenticate/"
Page = Callable[[], str]


@pytest.fixture
def boss(user: User) -> Client:
    user.is_staff = user.is_superuser = True
    user.save()
    return client_of(user)


@pytest.fixture
def study(user: User) -> Study:
    store_one([dicoms.ct_slice()], Origin("STOW-RS", user.practice_id or 0, "nora"))
    return Study.objects.get()


def late(client: Client, settings: Settings, times: float = 1) -> Client:
    grow_old(client, settings.REAUTHENTICATION_TIMEOUT * times + 1)
    return client


def is_asked(client: Client, page: str, fields: dict[str, str] | None = None) -> bool:
    answer = client.get(page) if fields is None else client.post(page, fields)
    return answer.headers.get("Location", "").startswith(CONFIRM)


@pytest.mark.parametrize(
    "page", ["accounts_user_add", "accounts_user_change", "auth_user_password_change", "accounts_practice_add"]
)
def test_pages_that_change_people_ask(boss: Client, user: User, settings: Settings, page: str) -> None:
    address = reverse(f"admin:{page}", args=[user.pk] if page in CHANGES_ONE else [])
    assert not is_asked(boss, address)
    assert is_asked(late(boss, settings), address)


CHANGES_ONE = {"accounts_user_change", "auth_user_password_change"}


def test_deleting_a_study_asks_and_deletes_nothing(boss: Client, study: Study, settings: Settings) -> None:
    page = reverse("admin:archive_study_delete", args=[study.pk])
    assert is_asked(late(boss, settings, 2), page, {"post": "yes"})
    assert Study.objects.exists()


def test_deleting_several_asks_too(boss: Client, study: Study, settings: Settings) -> None:
    fields = {"action": "delete_selected", "_selected_action": str(study.pk), "post": "yes"}
    assert is_asked(late(boss, settings, 2), reverse("admin:archive_study_changelist"), fields)
    assert Study.objects.exists()


def test_what_was_opened_in_time_may_be_sent_a_while_longer(boss: Client, study: Study, settings: Settings) -> None:
    page = reverse("admin:archive_study_delete", args=[study.pk])
    assert not is_asked(late(boss, settings), page, {"post": "yes"})
    assert not Study.objects.exists()


def test_the_password_leads_back(boss: Client, settings: Settings) -> None:
    page = reverse("admin:accounts_user_add")
    way = late(boss, settings).get(page)["Location"]
    assert "Confirm that it is you" in boss.get(way).content.decode()
    assert boss.post(CONFIRM, {"password": "wrong", "next": page}).status_code == 200
    assert is_asked(boss, page)
    assert boss.post(CONFIRM, {"password": PASSWORD, "next": page})["Location"] == page
    assert not is_asked(boss, page)


def test_nothing_that_was_sent_is_kept(boss: Client, settings: Settings) -> None:
    late(boss, settings, 2).post(reverse("admin:accounts_user_add"), {"password1": "a secret", "password2": "a secret"})
    assert "a secret" not in str(dict(boss.session))


def test_a_token_is_made_by_a_recent_session_only(client: Client, user: User, settings: Settings) -> None:
    def make(client: Client, **headers: str) -> int:
        return client.post("/api/tokens", {"name": "PMS"}, "application/json", headers=headers).status_code

    assert make(client) == 201
    assert make(late(client, settings, 2)) == 403
    assert make(Client(), **basic(user)) == 201
    assert Token.objects.count() == 2


def test_looking_takes_no_proof(boss: Client, study: Study, settings: Settings) -> None:
    late(boss, settings, 5)
    for page in ("admin:archive_study_changelist", "admin:accounts_user_changelist", "admin:index"):
        assert boss.get(reverse(page)).status_code == 200
    assert boss.get(reverse("admin:archive_study_change", args=[study.pk])).status_code == 200
