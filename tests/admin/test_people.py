"""Users with their practices, and tokens."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Grant, Practice, Role, Token, User

PASSWORD = "correct horse battery"


def new_user(**fields: object) -> dict[str, object]:
    return {
        "username": "new",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "grants-TOTAL_FORMS": "0",
        "grants-INITIAL_FORMS": "0",
        **fields,
    }


def grant_in(practice: Practice) -> dict[str, object]:
    role = Role.objects.get(practice=None, name="radiologist")
    return {
        "grants-TOTAL_FORMS": "1",
        "grants-0-practice": practice.pk,
        "grants-0-role": role.pk,
        "grants-0-scope": "practice",
        "grants-0-valid_from_0": "2020-01-01",
        "grants-0-valid_from_1": "00:00",
    }


def add(client: Client, fields: dict[str, object]) -> User:
    answer = client.post(reverse("admin:accounts_user_add"), fields)
    assert answer.status_code == 302
    return User.objects.get(username="new")


def test_a_user_is_made_with_practices_and_the_staff_flag(
    boss: Client, practice: Practice, other_practice: Practice
) -> None:
    fields = new_user(practice=practice.pk, is_staff="on", **grant_in(other_practice))
    user = add(boss, fields)
    assert user.is_staff
    assert user.check_password(PASSWORD)
    assert set(user.practices.all()) == {practice, other_practice}


def test_the_only_practice_becomes_the_active_one(boss: Client, other_practice: Practice) -> None:
    assert add(boss, new_user(**grant_in(other_practice))).practice == other_practice


def test_who_leaves_the_active_practice_uploads_to_it_no_more(boss: Client, stranger: User) -> None:
    grant = Grant.objects.get(user=stranger)
    fields = {
        "username": "sam",
        "is_active": "on",
        "practice": stranger.practice_id,
        "grants-TOTAL_FORMS": "1",
        "grants-INITIAL_FORMS": "1",
        "grants-0-id": grant.pk,
        "grants-0-user": stranger.pk,
        "grants-0-practice": grant.practice_id,
        "grants-0-DELETE": "on",
    }
    assert boss.post(reverse("admin:accounts_user_change", args=[stranger.pk]), fields).status_code == 302
    stranger.refresh_from_db()
    assert stranger.practice is None
    assert not stranger.practices.exists()


def test_the_list_of_users_names_their_practices(boss: Client, stranger: User) -> None:
    assert "South" in boss.get(reverse("admin:accounts_user_changelist")).content.decode()


def issue(client: Client, user: User) -> str:
    answer = client.post(reverse("admin:accounts_token_add"), {"name": "PMS", "user": user.pk})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode().split("<code>")[1].split("</code>")[0]


def test_a_token_is_shown_once_and_signs_in(staff: Client, user: User) -> None:
    secret = issue(staff, user)
    assert Token.objects.get().digest == Token.digest_of(secret)
    assert secret not in staff.get(reverse("admin:accounts_token_changelist")).content.decode()
    searched = Client().get("/dicom-web/studies", headers={"Authorization": f"Bearer {secret}"})
    assert searched.status_code in {200, 204}


def test_a_revoked_token_signs_nobody_in(staff: Client, user: User) -> None:
    secret = issue(staff, user)
    staff.post(reverse("admin:accounts_token_delete", args=[Token.objects.get().pk]), {"post": "yes"})
    searched = Client().get("/dicom-web/studies", headers={"Authorization": f"Bearer {secret}"})
    assert searched.status_code == 401


def test_staff_issue_tokens_for_themselves_alone(staff: Client, stranger: User) -> None:
    answer = staff.post(reverse("admin:accounts_token_add"), {"name": "PMS", "user": stranger.pk})
    assert "Select a valid choice" in answer.content.decode()
    assert not Token.objects.exists()


def test_staff_see_their_own_tokens_alone(staff: Client, stranger: User) -> None:
    token, _ = Token.issue(stranger, "Robot")
    assert "Robot" not in staff.get(reverse("admin:accounts_token_changelist")).content.decode()
    assert staff.get(reverse("admin:accounts_token_delete", args=[token.pk])).status_code == 302


def test_a_practice_with_patients_stays(boss: Client, practice: Practice, study: object) -> None:
    assert boss.post(reverse("admin:accounts_practice_delete", args=[practice.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", ["accounts_practice_changelist", "accounts_practice_add", "accounts_user_add"])
def test_superusers_open_the_pages_of_people(boss: Client, page: str) -> None:
    assert boss.get(reverse(f"admin:{page}")).status_code == 200
