"""/api/users, /api/roles and /api/grants: for administrators, within their practices and what they have themselves."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from tests.admin.people import PASSWORD, product_role
from tests.conftest import client_of, user_of
from tests.rights import give

JSON = "application/json"


def send(client: Client, path: str, method: str = "post", **body: Any) -> Any:
    return getattr(client, method)(f"/api/{path}", body, content_type=JSON)


def listed(client: Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/{path}").json()["results"]
    return rows


@pytest.fixture
def cleo(practice: Practice) -> User:
    colleague = User.objects.create_user("cleo", practice=practice)
    give(colleague, practice, Permission.VIEW)
    return colleague


@pytest.fixture
def junior(practice: Practice) -> Client:
    """An administrator who may look, and nothing else."""
    user = User.objects.create_user("june", practice=practice)
    give(user, practice, Permission.VIEW, Permission.ADMINISTER)
    return client_of(user)


def test_a_user_is_made_with_a_role_and_has_to_choose_a_password(client: Client, practice: Practice) -> None:
    role = product_role("radiologist").pk
    made = send(client, "users", username="new", password=PASSWORD, practice=practice.pk, role=role)
    assert made.status_code == 201, made.content
    user = User.objects.get(pk=made.json()["id"])
    assert (user.must_change_password, user.check_password(PASSWORD), user.practice) == (True, True, practice)
    assert "password" not in made.json()
    assert Event.objects.filter(action="account", detail="new made", actor="nora").exists()


def test_a_weak_password_is_refused(client: Client, practice: Practice) -> None:
    role = product_role("viewer").pk
    answer = send(client, "users", username="new", password="12345", practice=practice.pk, role=role)
    assert {error["field"] for error in answer.json()["errors"]} == {"password"}


def test_users_are_those_of_ones_own_practices(client: Client, cleo: User, stranger: User) -> None:
    assert {user["username"] for user in listed(client, "users")} == {"nora", "cleo"}
    assert client.get(f"/api/users/{stranger.pk}").status_code == 404
    assert send(client, f"users/{stranger.pk}", "patch", isActive=False).status_code == 404


def test_an_account_is_closed_and_the_open_session_with_it(client: Client, cleo: User) -> None:
    theirs = client_of(cleo)
    assert theirs.get("/api/me").status_code == 200
    assert send(client, f"users/{cleo.pk}", "patch", isActive=False).json()["isActive"] is False
    assert theirs.get("/api/me").status_code == 401


def test_nobody_is_made_a_superuser(client: Client, cleo: User) -> None:
    send(client, f"users/{cleo.pk}", "patch", isSuperuser=True, firstName="C")
    cleo.refresh_from_db()
    assert (cleo.is_superuser, cleo.first_name) == (False, "C")


def test_who_may_more_is_left_alone(junior: Client, user: User) -> None:
    answer = send(junior, f"users/{user.pk}", "patch", firstName="N")
    assert answer.status_code == 403
    assert "may do what you may not" in answer.json()["detail"]


def test_roles_are_made_changed_and_deleted(client: Client, practice: Practice) -> None:
    made = send(client, "roles", name="hygienist", practice=practice.pk, permissions=["view", "upload"])
    assert made.status_code == 201
    address = f"roles/{made.json()['id']}"
    assert send(client, address, "patch", permissions=["view"]).json()["permissions"] == ["view"]
    assert send(client, address, "delete").status_code == 204
    assert not Role.objects.filter(name="hygienist").exists()


def test_a_role_holds_known_permissions_and_none_beyond_ones_own(junior: Client, practice: Practice) -> None:
    assert send(junior, "roles", name="x", practice=practice.pk, permissions=["fly"]).status_code == 400
    answer = send(junior, "roles", name="x", practice=practice.pk, permissions=["view", "delete"])
    assert answer.status_code == 403
    assert "delete" in answer.json()["detail"]


def test_the_products_roles_and_anothers_are_left_alone(client: Client, other_practice: Practice) -> None:
    assert send(client, f"roles/{product_role('viewer').pk}", "patch", permissions=["delete"]).status_code == 403
    assert send(client, f"roles/{product_role('viewer').pk}", "delete").status_code == 403
    assert send(client, "roles", name="x", practice=None, permissions=[]).status_code == 400
    assert send(client, "roles", name="x", practice=other_practice.pk, permissions=[]).status_code == 400
    theirs = Role.objects.create(practice=other_practice, name="x", permissions=[])
    assert client.get(f"/api/roles/{theirs.pk}").status_code == 404


def test_a_grant_is_given_and_ended(client: Client, practice: Practice, cleo: User) -> None:
    role = product_role("technologist").pk
    made = send(client, "grants", user=cleo.pk, practice=practice.pk, role=role, scope="label", subject="trial")
    assert made.status_code == 201, made.content
    assert made.json()["grantedBy"] == "nora"
    assert [grant["id"] for grant in listed(client, f"grants?user={cleo.pk}&role={role}")] == [made.json()["id"]]
    ended = send(client, f"grants/{made.json()['id']}/end", reason="over")
    assert ended.json()["validUntil"]
    assert [grant["id"] for grant in listed(client, f"grants?user={cleo.pk}&current=true")] != [made.json()["id"]]
    assert Event.objects.filter(action="rights", detail__startswith="ended: technologist to cleo for label").exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [({"scope": "label"}, 400), ({"subject": "x"}, 400), ({"scope": "patient", "subject": "x"}, 400), ({}, 201)],
)
def test_a_grant_names_what_its_scope_needs(
    client: Client, practice: Practice, cleo: User, body: dict[str, Any], status: int
) -> None:
    role = product_role("viewer").pk
    assert send(client, "grants", user=cleo.pk, practice=practice.pk, role=role, **body).status_code == status


def test_nobody_gives_to_themselves_beyond_themselves_or_elsewhere(
    junior: Client, practice: Practice, other_practice: Practice, cleo: User, stranger: User
) -> None:
    viewer, radiologist = product_role("viewer").pk, product_role("radiologist").pk
    june = User.objects.get(username="june")
    gifts = [(june, practice, viewer, 403), (cleo, practice, radiologist, 403)]
    gifts += [(cleo, other_practice, viewer, 400), (stranger, practice, viewer, 400)]
    for to, place, role, status in gifts:
        assert send(junior, "grants", user=to.pk, practice=place.pk, role=role).status_code == status
    assert Grant.objects.filter(role__practice=None).count() == 0


def test_another_practices_grant_is_neither_seen_nor_ended(stranger_client: Client, cleo: User) -> None:
    grant = Grant.objects.get(user=cleo)
    assert grant.pk not in [row["id"] for row in listed(stranger_client, "grants")]
    assert stranger_client.get(f"/api/grants/{grant.pk}").status_code == 404
    assert send(stranger_client, f"grants/{grant.pk}/end").status_code == 404


def test_the_last_administrator_stays(client: Client, user: User) -> None:
    answer = send(client, f"grants/{Grant.objects.get(user=user).pk}/end")
    assert answer.status_code == 409
    assert send(client, f"users/{user.pk}", "patch", isActive=False).status_code == 409


def test_one_works_in_another_of_ones_practices(client: Client, user: User, other_practice: Practice) -> None:
    assert send(client, "me", "patch", practice=other_practice.pk).status_code == 404
    give(user, other_practice, Permission.VIEW)
    client.post("/api/tokens", {"name": "x"}, content_type=JSON)
    assert send(client, "me", "patch", practice=other_practice.pk).json()["practice"]["name"] == "South"
    assert client.get("/api/me").json()["practice"]["permissions"] == ["view"]


def test_pages_of_people_cost_the_same_whatever_their_length(
    client: Client, practice: Practice, django_assert_max_num_queries: Any
) -> None:
    for path in ("users", "roles", "grants"):
        client.get(f"/api/{path}")
        with django_assert_max_num_queries(10) as few:
            client.get(f"/api/{path}")
        for number in range(3):
            user_of(practice, f"{path}{number}")
        with django_assert_max_num_queries(len(few)):
            client.get(f"/api/{path}")
