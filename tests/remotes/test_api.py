"""/api/remotes, /api/application-entities and /api/unknown-callers."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.core.sealed import unseal
from apps.remotes.models import ApplicationEntity, Remote, UnknownCaller
from tests.conftest import client_of
from tests.remotes.asking import HERE, TITLE, XRAY, ask
from tests.remotes.peer import answering_echo
from tests.rights import give

REMOTES, CALLERS, TITLES = "/api/remotes", "/api/unknown-callers", "/api/application-entities"
JSON = "application/json"


@pytest.fixture
def caller(title: ApplicationEntity) -> UnknownCaller:
    return UnknownCaller.objects.create(practice=title.practice, calling="PANO1", called=TITLE, address="10.0.0.9")


@pytest.fixture
def lacking(practice: Practice) -> Client:
    user = User.objects.create_user("lou", practice=practice)
    give(user, practice, *(each for each in Permission if each is not Permission.ADMINISTER))
    return client_of(user)


def asked(practice: Practice, **changes: Any) -> dict[str, Any]:
    return {"practice": practice.pk, "name": "Pano", "title": XRAY, "host": "10.0.0.9", "port": 104} | changes


def test_a_remote_is_added_shown_and_listed(client: Client, title: ApplicationEntity) -> None:
    answer = client.post(REMOTES, asked(title.practice, services=["echo", "store"]), content_type=JSON)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["title"], made["isActive"], made["services"], made["hasSecret"]) == (
        XRAY, True, ["echo", "store"], False,
    )  # fmt: skip
    assert client.get(f"{REMOTES}/{made['id']}/").json() == made
    assert [row["id"] for row in client.get(REMOTES, {"title": XRAY}).json()["results"]] == [made["id"]]
    assert ask("10.0.0.9").remote_id == made["id"]
    event = Event.objects.get(action=Event.Action.CONFIGURATION)
    assert (event.actor, event.source) == ("nora", "API")


def test_without_services_it_may_do_nothing(client: Client, practice: Practice) -> None:
    assert client.post(REMOTES, asked(practice), content_type=JSON).json()["services"] == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": "A" * 17}, "title"),
        ({"title": ""}, "AE title"),
        ({"host": "a b"}, "Host"),
        ({"port": 0}, "port"),
        ({"host": "", "port": None}, "Host"),
        ({"networks": "10.0.0.1/8"}, "Networks"),
        ({"certificate": "x"}, "Certificate"),
        ({"protocol": "dicomweb"}, "DICOMweb"),
        ({"services": ["fly"]}, "services"),
        ({"transferSyntaxes": "explicit"}, "UID"),
    ],
)
def test_what_is_wrong_is_said(client: Client, practice: Practice, changes: dict[str, Any], word: str) -> None:
    answer = client.post(REMOTES, asked(practice, **changes), content_type=JSON)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert word in answer.content.decode()


def test_a_remote_is_changed_and_removed(client: Client, xray: Remote) -> None:
    address = f"{REMOTES}/{xray.pk}"
    answer = client.patch(address, {"networks": "10.0.0.0/8", "services": ["echo"]}, content_type=JSON)
    assert (answer.json()["networks"], answer.json()["services"], answer.json()["host"]) == (
        "10.0.0.0/8",
        ["echo"],
        HERE,
    )
    assert ask("10.1.1.1").remote_id == xray.pk
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_it_stays_in_its_practice(client: Client, xray: Remote, other_practice: Practice) -> None:
    client.patch(f"{REMOTES}/{xray.pk}", {"practice": other_practice.pk}, content_type=JSON)
    xray.refresh_from_db()
    assert xray.practice_id != other_practice.pk


def test_a_secret_goes_in_and_never_out(client: Client, practice: Practice) -> None:
    cloud = {"practice": practice.pk, "name": "Cloud", "protocol": "dicomweb", "url": "https://a.example.org/dicom-web"}
    made = client.post(REMOTES, {**cloud, "secret": "open sesame"}, content_type=JSON)
    row = Remote.objects.get()
    assert unseal(row.secret) == "open sesame"
    assert made.json()["hasSecret"]
    assert "secret" not in made.json()
    assert row.secret not in made.content.decode()
    client.patch(f"{REMOTES}/{row.pk}", {"name": "Cloud 2"}, content_type=JSON)
    row.refresh_from_db()
    assert unseal(row.secret) == "open sesame"
    assert not client.patch(f"{REMOTES}/{row.pk}", {"secret": ""}, content_type=JSON).json()["hasSecret"]


def test_echo(client: Client, xray: Remote) -> None:
    with answering_echo(XRAY) as port:
        Remote.objects.update(host="127.0.0.1", port=port)
        answer = client.post(f"{REMOTES}/{xray.pk}/echo/").json()
    assert answer["ok"]
    assert answer["ms"] > 0
    answer = client.post(f"{REMOTES}/{xray.pk}/echo").json()
    assert not answer["ok"]
    assert "can't be reached" in answer["message"]


def test_an_unknown_caller_is_allowed(client: Client, caller: UnknownCaller) -> None:
    (row,) = client.get(CALLERS).json()["results"]
    assert (row["calling"], row["address"], row["calls"]) == ("PANO1", "10.0.0.9", 1)
    answer = client.post(f"{CALLERS}/{row['id']}/allow", {"name": "Pano"}, content_type=JSON)
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["services"]) == ("Pano", ["echo", "store"])
    assert ask("10.0.0.9", calling="PANO1").name == "Pano"


def test_or_dismissed(client: Client, caller: UnknownCaller) -> None:
    assert client.post(f"{CALLERS}/{caller.pk}/dismiss").status_code == 204
    assert not UnknownCaller.objects.exists()


def test_ae_titles(client: Client, practice: Practice, other_practice: Practice) -> None:
    ApplicationEntity.objects.create(title="SOUTH", practice=other_practice)
    made = client.post(TITLES, {"title": "NORTH", "practice": practice.pk}, content_type=JSON).json()
    assert [row["title"] for row in client.get(TITLES).json()["results"]] == ["NORTH"]
    assert client.post(TITLES, {"title": "SOUTH", "practice": practice.pk}, content_type=JSON).status_code == 400
    assert client.delete(f"{TITLES}/{made['id']}").status_code == 204


def test_others_find_nothing(
    xray: Remote, caller: UnknownCaller, stranger_client: Client, lacking: Client, anonymous: Client
) -> None:
    for client, hidden, closed in ((stranger_client, 404, 200), (lacking, 403, 403), (anonymous, 401, 401)):
        for address in (REMOTES, CALLERS, TITLES):
            answer = client.get(address)
            assert answer.status_code == closed
            assert XRAY.encode() not in answer.content
        assert client.get(f"{REMOTES}/{xray.pk}").status_code == hidden
        for address in (f"{REMOTES}/{xray.pk}/echo", f"{CALLERS}/{caller.pk}/allow", f"{CALLERS}/{caller.pk}/dismiss"):
            assert client.post(address, {}, content_type=JSON).status_code == hidden
        assert client.delete(f"{REMOTES}/{xray.pk}").status_code == hidden
    assert Remote.objects.count() == UnknownCaller.objects.count() == 1


def test_nobody_adds_to_another_practice(client: Client, other_practice: Practice) -> None:
    assert client.post(REMOTES, asked(other_practice), content_type=JSON).status_code == 400
    assert not Remote.objects.exists()
