"""Orthancs by REST: for who administers their practice, their secrets told once or never."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.core.sealed import unseal
from apps.practice.models import Orthanc
from tests.conftest import client_of
from tests.practice.orthancs.calling import call, notice, signed, tell
from tests.practice.orthancs.peer import Peer
from tests.rights import give

FACTS = {"name": "Clinic", "url": "https://orthanc.example.org", "username": "fovea", "password": "secret word"}


@pytest.fixture
def viewer(practice: Practice) -> Client:
    """Somebody of the practice who may do anything but administer."""
    vera = User.objects.create_user("vera", practice=practice)
    give(vera, practice, *(each for each in Permission if each is not Permission.ADMINISTER))
    return client_of(vera)


def _post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


def test_one_is_added_changed_and_removed_on_record(client: Client, practice: Practice) -> None:
    made = _post(client, "/api/orthancs", {**FACTS, "practice": practice.pk})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["name"], told["hasPassword"], told["hasSecret"], told["follows"]) == ("Clinic", True, False, True)
    assert "password" not in told
    address = f"/api/orthancs/{told['id']}"
    changed = client.patch(address, {"name": "Centre"}, content_type="application/json")
    assert (changed.status_code, changed.json()["name"]) == (200, "Centre")
    row = Orthanc.objects.get()
    assert unseal(row.secret) == "secret word"
    assert client.get("/api/orthancs").json()["count"] == 1
    assert client.delete(address).status_code == 204
    assert not Orthanc.objects.exists()
    details = " ".join(Event.objects.filter(action=Event.Action.CONFIGURATION).values_list("detail", flat=True))
    assert [word in details for word in ("Clinic added", "Centre changed", "Centre removed")] == [True] * 3
    assert "secret word" not in details


def test_a_change_leaves_alone_how_far_it_was_read_unless_it_is_another_one(client: Client, orthanc: Orthanc) -> None:
    Orthanc.objects.filter(pk=orthanc.pk).update(last_change=7)
    for change, last in (({"name": "Centre"}, 7), ({"url": "http://127.0.0.1:10"}, None)):
        client.patch(f"/api/orthancs/{orthanc.pk}", change, content_type="application/json")
        assert Orthanc.objects.get().last_change == last


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://orthanc.example.org"}, {"url": "http://fovea:word@orthanc.example.org"}, {"url": "/etc/passwd"},
        {"url": "http://orthanc.example.org/?x=1"}, {"url": "file:///etc/passwd"}, {"networks": "everywhere"},
        {"certificate": "none"}, {"name": ""}, {"networks": " ".join(f"10.0.0.{n}" for n in range(33))},
    ],
)  # fmt: skip
def test_what_is_no_orthanc_is_said_to_be_none(client: Client, practice: Practice, wrong: dict[str, str]) -> None:
    answer = _post(client, "/api/orthancs", {**FACTS, **wrong, "practice": practice.pk})
    assert answer.status_code == 400
    assert not Orthanc.objects.exists()


def test_names_are_each_practices_own(client: Client, orthanc: Orthanc, other_practice: Practice) -> None:
    Orthanc.objects.create(practice=other_practice, name="Clinic", url="http://127.0.0.1:9")
    body = {**FACTS, "practice": orthanc.practice_id}
    assert _post(client, "/api/orthancs", body).status_code == 201
    assert _post(client, "/api/orthancs", body).status_code == 400
    theirs = _post(client, "/api/orthancs", {**body, "name": "New", "practice": other_practice.pk})
    assert theirs.status_code == 400


def test_a_new_secret_is_told_once_and_ends_the_one_before(client: Client, anonymous: Client, orthanc: Orthanc) -> None:
    answer = _post(client, f"/api/orthancs/{orthanc.pk}/secret")
    told = answer.json()
    assert answer["Cache-Control"] == "no-store"
    for script in (told["python"], told["lua"]):
        assert told["secret"] in script
        assert orthanc.source in script
        assert "http://testserver/api/dental/dicom/webhook" in script
        assert "@@" not in script
    body = notice()
    assert tell(anonymous, orthanc, body).status_code == 401
    assert call(anonymous, body, signed(orthanc, body, secret=told["secret"])).status_code == 202
    assert told["secret"] not in client.get(f"/api/orthancs/{orthanc.pk}").content.decode()


def test_it_is_tested_and_that_is_noted(client: Client, there: Orthanc, peer: Peer) -> None:
    address = f"/api/orthancs/{there.pk}/test"
    assert _post(client, address).json()["ok"]
    peer.instead["/system"] = 200, b"<html>", 0
    told = _post(client, address).json()
    assert (told["ok"], "as an Orthanc does" in told["message"]) == (False, True)
    there.refresh_from_db()
    assert there.last_error == told["message"]


def test_what_it_told_is_listed(client: Client, anonymous: Client, orthanc: Orthanc) -> None:
    tell(anonymous, orthanc)
    (row,) = client.get(f"/api/orthancs/{orthanc.pk}/notices?state=waiting").json()["results"]
    assert (row["delivery"], row["level"], row["state"]) == ("delivery-1", "study", "waiting")
    assert client.get(f"/api/orthancs/{orthanc.pk}/notices?state=done").json()["count"] == 0


def test_nobody_else_sees_or_changes_any(
    viewer: Client, stranger_client: Client, anonymous: Client, orthanc: Orthanc
) -> None:
    for client, statuses in ((viewer, {403}), (stranger_client, {404}), (anonymous, {401})):
        address = f"/api/orthancs/{orthanc.pk}"
        answers = [client.get(address), client.get(f"{address}/notices"), client.delete(address)]
        answers += [_post(client, f"{address}/test"), _post(client, f"{address}/secret")]
        answers += [client.patch(address, {"name": "x"}, content_type="application/json")]
        assert {answer.status_code for answer in answers} == statuses
    assert stranger_client.get("/api/orthancs").json()["count"] == 0
    orthanc.refresh_from_db()
    assert orthanc.name == "Imaging centre"
