"""Resumable uploads: whose they are, what is refused before a byte flows, and what they hold of a practice's quota."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.uploads.models import Upload
from tests.conftest import client_of, user_of
from tests.practice.linking import cases
from tests.rights import give
from tests.uploads.resuming import TUS, UPLOADS, begin, create, go_on, head


def fields_of(answer: Any) -> set[str]:
    return {error["field"] for error in answer.json()["errors"]}


def test_another_practice_finds_nothing(client: Client, stranger_client: Client, anonymous: Client) -> None:
    place = begin(client, 10)
    for who, status in ((stranger_client, 404), (anonymous, 401)):
        assert head(who, place).status_code == status
        assert go_on(who, place, 0, b"x").status_code == status
        assert who.delete(place, headers=TUS).status_code == status
    assert create(anonymous, 1).status_code == 401
    assert stranger_client.get(UPLOADS).json()["results"] == []
    assert [each["offset"] for each in client.get(UPLOADS, {"unfinished": "true"}).json()["results"]] == [0]


def test_a_colleague_sees_an_upload_and_does_not_go_on_with_it(client: Client, practice: Practice) -> None:
    place = begin(client, 10)
    colleague = User.objects.create_user("ken", practice=practice)
    give(colleague, practice, Permission.UPLOAD)
    other = client_of(colleague)
    assert (head(other, place).status_code, go_on(other, place, 0, b"x").status_code) == (200, 403)
    assert other.delete(place, headers=TUS).status_code == 403
    chief = client_of(user_of(practice, "chief"))
    assert chief.delete(place, headers=TUS).status_code == 204


def test_who_may_not_store_in_all_of_the_practice_is_refused(practice: Practice) -> None:
    reader, narrow = User.objects.create_user("rita"), User.objects.create_user("nat")
    give(reader, practice, Permission.VIEW)
    give(narrow, practice, Permission.UPLOAD, scope=Scope.UPLOADS)
    for user in (reader, narrow):
        assert create(client_of(user), 1).status_code == 403
    assert not Upload.objects.exists()


def test_a_page_of_another_site_is_refused(client: Client) -> None:
    answer = client.post(UPLOADS, headers={**TUS, "Upload-Length": "1", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_what_is_said_of_the_file_is_looked_at_before_a_byte_comes(client: Client, other_practice: Practice) -> None:
    foreign = cases.lead(other_practice)
    assert fields_of(create(client, 1, leadId=str(foreign.pk))) == {"leadId"}
    assert fields_of(create(client, 1, xrayType="sonar", teeth="x" * 999)) == {"xrayType", "teeth"}
    assert fields_of(create(client, 1, purpose="nonsense")) == {"purpose"}
    assert fields_of(create(client, 1, purpose="import", leadId="1")) == {"leadId"}
    assert fields_of(create(client, 1, lead="1")) == {"lead"}
    assert fields_of(create(client, 1, practice="north")) == {"practice"}
    assert create(client, 1, practice=str(other_practice.pk)).status_code == 404
    assert create(client, (64 << 30) + 1).status_code == 413
    assert not Upload.objects.exists()


def test_a_practice_has_only_so_many_unfinished_ones(client: Client, settings: Settings) -> None:
    settings.UPLOAD_COUNT = 2
    begin(client, 1)
    begin(client, 1)
    answer = create(client, 1)
    assert (answer.status_code, "2 unfinished" in answer.json()["detail"]) == (409, True)


def test_what_is_promised_to_unfinished_uploads_counts(client: Client, practice: Practice, user: User) -> None:
    quotas.decide(Principal.of(user), practice, 1000)
    place = begin(client, 700)
    refused = create(client, 301)
    assert (refused.status_code, refused.json()["code"]) == (507, "quota-reached")
    assert "1000 B" in refused.json()["detail"]
    begin(client, 300)
    client.delete(place, headers=TUS)
    begin(client, 700)


@pytest.mark.parametrize("address", [UPLOADS, f"{UPLOADS}{'0' * 32}", "/api/v1/uploads"])
def test_large_bodies_come_through_to_these_addresses(client: Client, address: str, settings: Settings) -> None:
    settings.MAX_FORM_BYTES = 10
    answer = client.post(address, b"x" * 100, "application/offset+octet-stream", headers=TUS)
    assert answer.status_code in {400, 404, 405}
