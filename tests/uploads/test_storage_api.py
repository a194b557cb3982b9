"""GET /api/storage and PATCH /api/storage/{practice}: how much a practice keeps, and who says how much it may."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from tests.conftest import client_of
from tests.rights import give
from tests.uploads.resuming import begin

STORAGE = "/api/storage"


@pytest.fixture
def boss(practice: Practice) -> Client:
    return client_of(User.objects.create_superuser("bruno", practice=practice))


def set_quota(client: Client, practice: Practice, quota: Any) -> Any:
    return client.patch(f"{STORAGE}/{practice.pk}", {"quotaBytes": quota}, "application/json")


def test_a_practice_sees_its_own(
    client: Client, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    begin(client, 300)
    told = client.get(STORAGE).json()
    assert [(each["practice"], each["promisedBytes"], each["quotaBytes"], each["percent"]) for each in told] == [
        (practice.pk, 300, None, None)
    ]
    assert [each["name"] for each in stranger_client.get(STORAGE).json()] == ["South"]
    assert anonymous.get(STORAGE).status_code == 401


def test_who_only_looks_is_not_told(practice: Practice) -> None:
    reader = User.objects.create_user("rita", practice=practice)
    give(reader, practice, Permission.VIEW)
    assert client_of(reader).get(STORAGE).status_code == 403


def test_the_sites_administrators_say_how_much(boss: Client, client: Client, practice: Practice) -> None:
    assert set_quota(boss, practice, 2000).json()["quotaBytes"] == 2000
    assert client.get(STORAGE).json()[0]["quotaBytes"] == 2000
    assert set_quota(boss, practice, None).json()["quotaBytes"] is None


def test_nobody_else_does(client: Client, stranger_client: Client, anonymous: Client, practice: Practice) -> None:
    asked = (client, 403), (stranger_client, 404), (anonymous, 401)
    assert [set_quota(who, practice, 1).status_code for who, _ in asked] == [status for _, status in asked]


@pytest.mark.parametrize("wrong", [-1, "much", 2**63, 1.5])
def test_what_is_no_number_of_bytes_is_refused(boss: Client, practice: Practice, wrong: Any) -> None:
    answer = set_quota(boss, practice, wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "quotaBytes")
