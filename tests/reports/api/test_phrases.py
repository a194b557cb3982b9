"""Phrases by the REST API: one's own, and those of a practice."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.dictation.phrases import phrases_of
from apps.reports import phrases
from apps.reports.models import Phrase
from tests.conftest import client_of
from tests.rights import give

pytestmark = pytest.mark.django_db
ADDRESS = "/api/phrases"
NORMAL = {"language": "en", "name": "normal chest", "text": "  The lungs are clear.\n"}


def post(client: Client, **said: Any) -> Any:
    return client.post(ADDRESS, {**NORMAL, **said}, content_type="application/json")


@pytest.fixture
def writer(practice: Practice) -> Client:
    """Who writes reports, and administers nothing."""
    user = User.objects.create_user("will", password="correct horse battery", practice=practice)
    give(user, practice, Permission.VIEW, Permission.REPORT)
    return client_of(user)


def test_a_phrase_is_its_writers(client: Client, writer: Client):
    answer = post(writer)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["name"], told["text"], told["isOwn"], told["mayChange"]) == (*list(NORMAL.values())[1:], True, True)
    assert answer["Location"].endswith(f"{ADDRESS}/{told['id']}")
    assert writer.get(ADDRESS, {"language": "en"}).json()["results"] == [told]
    assert writer.get(ADDRESS, {"language": "fr"}).json()["results"] == []
    assert client.get(ADDRESS).json()["results"] == []
    assert client.get(f"{ADDRESS}/{told['id']}").status_code == 404
    place = f"{ADDRESS}/{told['id']}"
    changed = writer.patch(place, {"text": "Clear."}, content_type="application/json").json()
    assert changed["text"] == "Clear."
    assert writer.delete(place).status_code == 204
    assert not Phrase.objects.exists()


def test_a_practices_phrase_is_changed_by_its_administrators(client: Client, writer: Client):
    assert post(writer, isOwn=False).status_code == 403
    told = post(client, isOwn=False).json()
    assert told["isOwn"] is False
    (seen,) = writer.get(ADDRESS).json()["results"]
    assert (seen["id"], seen["mayChange"]) == (told["id"], False)
    assert writer.delete(f"{ADDRESS}/{told['id']}").status_code == 403


def test_a_name_is_there_once(client: Client):
    assert post(client).status_code == 201
    assert post(client, name=" normal  chest").status_code == 409
    assert post(client, isOwn=False).status_code == 201


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ".normal"}, "name"),
        ({"name": "9"}, "name"),
        ({"text": " \n"}, "text"),
        ({"language": "xx"}, "language"),
    ],
)
def test_what_is_no_phrase_is_refused_in_words(client: Client, said: Any, field: str):
    answer = post(client, **said)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])


def test_others_learn_of_nothing(client: Client, stranger_client: Client, anonymous: Client, practice: Practice):
    own, shared = post(client).json(), post(client, isOwn=False).json()
    for told in (own, shared):
        assert stranger_client.get(f"{ADDRESS}/{told['id']}").status_code == 404
        assert anonymous.get(f"{ADDRESS}/{told['id']}").status_code == 401
    assert stranger_client.get(ADDRESS).json()["results"] == []
    assert post(stranger_client, practice=practice.pk).status_code == 403
    assert anonymous.get(ADDRESS).status_code == 401


def test_there_are_only_so_many(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phrases, "MOST", 1)
    assert post(client).status_code == 201
    assert post(client, name="other").status_code == 409


def test_phrases_can_be_said(client: Client, user: User, practice: Practice):
    post(client)
    post(client, isOwn=False, text="The practice's.")
    post(client, isOwn=False, name="biopsy", text="No biopsy.")
    said = [(each.name, each.text) for each in phrases_of(user.pk, practice.pk, "en")]
    assert said == [("normal chest", NORMAL["text"]), ("biopsy", "No biopsy.")]
