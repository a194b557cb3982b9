"""Bearer tokens: no more than they were made for, nor than their user has at the moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import authentication
from apps.accounts.models import Grant, Practice, Token, User
from apps.accounts.permissions import NEVER_BY_DEFAULT, Permission
from apps.audit.models import Event
from tests import dicoms
from tests.admin.conftest import boss, staff
from tests.dicomweb.archive import keep
from tests.rights import give

__all__ = ["boss", "staff"]

JSON = "application/json"
STUDY = f"/dicom-web/studies/{dicoms.STUDY_UID}"
INSTANCE = f"{STUDY}/series/{dicoms.SERIES_UID}/instances"


@pytest.fixture
def study(practice: Practice) -> None:
    keep(practice, dicoms.ct_slice())


def bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def new(client: Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/tokens", {"name": "PMS", **body}, content_type=JSON)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_token_ends_after_ninety_days_and_neither_deletes_nor_administers(client: Client) -> None:
    made = new(client)
    assert set(made["permissions"]) == set(Permission.values) - {each.value for each in NEVER_BY_DEFAULT}
    ends = Token.objects.get().expires_at
    assert ends is not None
    assert timedelta(days=89) < ends - timezone.now() <= timedelta(days=90)


def test_a_token_lasts_for_ever_only_where_that_is_asked_for(client: Client) -> None:
    assert new(client, expiresAt=None)["expiresAt"] is None


def test_a_token_is_given_what_its_user_has_now(client: Client, user: User, practice: Practice) -> None:
    Grant.objects.all().delete()
    give(user, practice, Permission.VIEW)
    authentication.forget_all()
    assert new(client)["permissions"] == ["view"]
    answer = client.post("/api/tokens", {"name": "x", "permissions": ["view", "delete"]}, content_type=JSON)
    assert answer.status_code == 403
    assert "delete" in answer.json()["detail"]


def test_a_token_to_look_does_nothing_else(client: Client, study: None) -> None:
    program = bearer(new(client, permissions=["view"])["token"])
    assert program.get("/dicom-web/studies").status_code == 200
    assert program.get(f"{STUDY}/metadata").status_code == 200
    assert program.get(STUDY).status_code == 403
    assert program.post("/dicom-web/studies").status_code == 403
    assert program.delete(STUDY).status_code == 403
    assert program.get("/api/users").status_code == 403


def test_a_token_deletes_where_that_was_ticked(client: Client, study: None) -> None:
    assert bearer(new(client)["token"]).delete(STUDY).status_code == 403
    assert bearer(new(client, permissions=["view", "delete"])["token"]).delete(STUDY).status_code == 204


def test_a_token_of_one_practice_sees_no_other(
    client: Client, user: User, other_practice: Practice, study: None
) -> None:
    give(user, other_practice)
    authentication.forget_all()
    assert bearer(new(client)["token"]).get(f"{STUDY}/metadata").status_code == 200
    program = bearer(new(client, practice=other_practice.pk)["token"])
    assert program.get(f"{STUDY}/metadata").status_code == 404
    assert [each["name"] for each in program.get("/api/me").json()["practices"] if each["permissions"]] == ["South"]


def test_a_token_is_of_a_practice_that_its_user_belongs_to(client: Client, other_practice: Practice) -> None:
    body = {"name": "x", "practice": other_practice.pk}
    assert client.post("/api/tokens", body, content_type=JSON).status_code == 404


def test_a_token_loses_what_its_user_loses(client: Client, practice: Practice, user: User, study: None) -> None:
    program = bearer(new(client)["token"])
    assert program.get("/dicom-web/studies").status_code == 200
    Grant.objects.filter(user=user).update(valid_until=timezone.now())
    authentication.forget_all()
    assert program.get("/dicom-web/studies").status_code == 403


def test_an_expired_token_lets_nobody_in(client: Client) -> None:
    program = bearer(new(client)["token"])
    Token.objects.update(expires_at=timezone.now())
    assert program.get("/api/me").status_code == 401


def test_a_superusers_token_administers_only_where_that_was_ticked(boss: Client, practice: Practice) -> None:
    assert bearer(new(boss)["token"]).get("/api/users").status_code == 403
    ticked = bearer(new(boss, permissions=["administer"])["token"])
    assert ticked.get("/api/users").status_code == 200
    bound = bearer(new(boss, permissions=["administer"], practice=practice.pk)["token"])
    assert {user["username"] for user in bound.get("/api/users").json()["results"]} == {"nora"}


def test_a_new_secret_ends_the_old_one(client: Client) -> None:
    made = new(client)
    rotated = client.post(f"/api/tokens/{made['id']}/rotate").json()
    assert rotated["expiresAt"] == made["expiresAt"]
    assert bearer(made["token"]).get("/api/me").status_code == 401
    assert bearer(rotated["token"]).get("/api/me").status_code == 200
    assert Event.objects.filter(action="account", detail__contains="given a new secret").exists()


@pytest.mark.parametrize(("method", "path"), [("post", ""), ("post", "/{}/rotate"), ("delete", "/{}")])
def test_a_token_neither_makes_renews_nor_revokes_any(client: Client, method: str, path: str) -> None:
    made = new(client, permissions=Permission.values)
    address = f"/api/tokens{path.format(made['id'])}"
    assert getattr(bearer(made["token"]), method)(address, {"name": "x"}, content_type=JSON).status_code == 403
    assert Token.objects.count() == 1


def test_anothers_token_is_not_renewed(stranger_client: Client, user: User) -> None:
    token, _ = Token.issue(user, "PMS")
    assert stranger_client.post(f"/api/tokens/{token.pk}/rotate").status_code == 404
    assert stranger_client.delete(f"/api/tokens/{token.pk}").status_code == 404


def issue(client: Client, user: User, **fields: Any) -> str:
    facts = {"name": "PMS", "user": user.pk, "good_for": "90", "may_look": ["view"], **fields}
    answer = client.post(reverse("admin:accounts_token_add"), facts)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode().split("<code>")[1].split("</code>")[0])


def test_the_admin_shows_a_token_once(staff: Client, user: User) -> None:
    secret = issue(staff, user)
    token = Token.objects.get()
    assert (token.digest, token.permissions) == (Token.digest_of(secret), ["view"])
    assert secret not in staff.get(reverse("admin:accounts_token_changelist")).content.decode()
    assert bearer(secret).get("/dicom-web/studies").status_code == 200


def test_the_admin_gives_a_new_secret_and_revokes(staff: Client, user: User) -> None:
    old, token = issue(staff, user), Token.objects.get()
    page = staff.post(reverse("admin:accounts_token_rotate", args=[token.pk])).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0]
    assert bearer(old).get("/api/me").status_code == 401
    assert bearer(secret).get("/api/me").status_code == 200
    staff.post(reverse("admin:accounts_token_delete", args=[token.pk]), {"post": "yes"})
    assert bearer(secret).get("/api/me").status_code == 401


def test_staff_make_and_see_their_own_tokens_alone(staff: Client, stranger: User) -> None:
    theirs, _ = Token.issue(stranger, "Robot")
    answer = staff.post(reverse("admin:accounts_token_add"), {"name": "PMS", "user": stranger.pk, "good_for": "7"})
    assert "Select a valid choice" in answer.content.decode()
    assert "Robot" not in staff.get(reverse("admin:accounts_token_changelist")).content.decode()
    for page in ("change", "delete", "rotate"):
        address = reverse(f"admin:accounts_token_{page}", args=[theirs.pk])
        assert (staff.post(address) if page == "rotate" else staff.get(address)).status_code == 404
