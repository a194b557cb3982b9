"""/api/me and /api/tokens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission

JSON = "application/json"


def test_me_names_the_user_and_the_practices(client: Client, user: User, practice: Practice) -> None:
    north = {"id": practice.pk, "name": "North", "permissions": Permission.values}
    me = client.get("/api/me/").json()
    assert me["username"] == "nora"
    assert me["practice"] == north
    assert me["practices"] == [north]
    assert me["isSuperuser"] is False


def test_me_costs_two_queries(warm_client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        warm_client.get("/api/me")


def test_a_token_is_shown_once_and_lets_in(client: Client, anonymous: Client) -> None:
    expires = (timezone.now() + timedelta(days=1)).isoformat()
    made = client.post("/api/tokens", {"name": "PMS", "expiresAt": expires}, content_type=JSON)
    assert made.status_code == 201
    secret = made.json()["token"]
    listed = client.get("/api/tokens").json()["results"]
    assert [token["name"] for token in listed] == ["PMS"]
    assert secret.startswith(listed[0]["hint"])
    assert "token" not in listed[0]
    me = anonymous.get("/api/me", headers={"Authorization": f"Bearer {secret}"})
    assert me.json()["username"] == "nora"


def test_a_revoked_token_lets_nobody_in(client: Client, anonymous: Client) -> None:
    made = client.post("/api/tokens", {"name": "PMS"}, content_type=JSON).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert anonymous.get("/api/me", headers=bearer).status_code == 200
    assert client.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert anonymous.get("/api/me", headers=bearer).status_code == 401


def test_a_token_makes_no_other_token(user: User, anonymous: Client) -> None:
    _, secret = Token.issue(user, "PMS")
    bearer = {"Authorization": f"Bearer {secret}"}
    response = anonymous.post("/api/tokens", {"name": "more"}, content_type=JSON, headers=bearer)
    assert response.status_code == 403
    assert Token.objects.count() == 1


def test_tokens_are_bounded(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.accounts.tokens.MOST_TOKENS", 1)
    Token.issue(user, "first")
    assert client.post("/api/tokens", {"name": "second"}, content_type=JSON).status_code == 409


def test_tokens_are_their_owners_alone(stranger_client: Client, user: User) -> None:
    token, _ = Token.issue(user, "PMS")
    assert stranger_client.get("/api/tokens").json()["results"] == []
    assert stranger_client.delete(f"/api/tokens/{token.pk}").status_code == 404
    assert Token.objects.filter(pk=token.pk).exists()


def test_tokens_cost_three_queries(
    warm_client: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        Token.issue(user, str(number))
    with django_assert_num_queries(3):
        warm_client.get("/api/tokens")


@pytest.mark.parametrize("address", ["/api/me", "/api/tokens", "/api/tokens/1"])
def test_nobody_is_told_anything(anonymous: Client, db: None, address: str) -> None:
    assert anonymous.get(address).status_code == 401
    assert anonymous.post(address, {}, content_type=JSON).status_code == 401
