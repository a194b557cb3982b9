"""Dictating by the REST API: a sound goes in, what was heard comes out, to who has spoken alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.dictation import files, phrases, receivers, speech_server, taking
from apps.dictation.models import Correction, Dictation
from apps.dictation.phrases import Spoken
from apps.dictation.recognising.pieces import Piece, PieceKind
from apps.jobs.events import tell_ended
from apps.jobs.models import Job, State
from tests.conftest import client_of
from tests.dictation.conftest import listen
from tests.dictation.voices import HELD_OUT, spoken, tone, wav
from tests.rights import give

ROOT = "/api/dictations"
COMMANDS = f"{ROOT}?language=en&mode=commands"
CORRECTIONS = "/api/dictation-corrections"


def send(client: Client, sound: bytes, address: str = COMMANDS, kind: str = "audio/wav") -> Any:
    return client.post(address, sound, content_type=kind)


@pytest.fixture
def someone(practice: Practice) -> User:
    """Somebody else of the practice, who writes reports too."""
    made = User.objects.create_user("rita", practice=practice)
    give(made, practice, Permission.REPORT)
    return made


@pytest.fixture
def macro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has a phrase."""
    monkeypatch.setattr(phrases, "_sources", [lambda *_: [Spoken("Normal chest", "The lungs are clear.")]])


def test_what_is_said_is_heard(client: Client, user: User, someone: User, macro: None, tmp_path: Path) -> None:
    sound = spoken(("macro normal chest", "full stop", "next field"), HELD_OUT[0], tmp_path)
    answer = send(client, wav(sound))
    assert answer.status_code == 201
    place = f"{ROOT}/{answer.json()['id']}"
    assert answer.headers["Location"].endswith(place)
    assert answer.json()["state"] == "waiting"
    row = listen()
    told = client.get(place).json()
    assert (told["state"], told["engine"], told["error"]) == ("done", "pocketsphinx", "")
    assert [(each["kind"], each["text"], each["command"]) for each in told["pieces"]] == [
        ("phrase", "The lungs are clear.", ""),
        ("text", ".", ""),
        ("command", "", "nextField"),
    ]
    assert told["text"] == "The lungs are clear.."
    assert client_of(someone).get(place).status_code == 404
    assert (row.file, list(files.path_of("").iterdir())) == ("", [])


def test_who_may_not_write_reports_does_not_dictate(
    anonymous: Client, stranger_client: Client, practice: Practice, client: Client
) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    assert send(anonymous, wav(tone(1))).status_code == 401
    assert send(client_of(viewer), wav(tone(1))).status_code == 403
    place = f"{ROOT}/{send(client, wav(tone(1))).json()['id']}"
    assert anonymous.get(place).status_code == 401
    assert stranger_client.get(place).status_code == 404
    assert anonymous.get(f"{ROOT}/engines").status_code == 401


def test_silence_comes_to_nothing(client: Client) -> None:
    send(client, wav(np.zeros((48_000, 2), np.int16), 48_000))
    row = listen()
    assert (row.state, row.pieces, row.text) == ("done", [], "")


@pytest.mark.parametrize(
    ("sound", "status"), [(b"", 400), (b"#EXTM3U\nhttp://example.org/", 415), (b"GIF89a" + bytes(100), 415)]
)
def test_what_is_no_sound_is_refused(client: Client, sound: bytes, status: int) -> None:
    assert send(client, sound).status_code == status
    assert not Dictation.objects.exists()
    assert not files.path_of("").exists() or not list(files.path_of("").iterdir())


def test_a_broken_sound_is_told(client: Client) -> None:
    send(client, b"RIFF\x00\x00\x00\x00WAVE" + bytes(500))
    row = listen()
    assert (row.state, row.error) == ("failed", "The sound can't be read. Record it again.")
    assert list(files.path_of("").iterdir()) == []


def test_a_sound_that_is_too_long_is_told(client: Client) -> None:
    send(client, wav(np.zeros(8000 * 121, np.int16), 8000))
    assert listen().error == "A dictation lasts at most 120 seconds."


def test_large_and_many_sounds_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST_BYTES", 20_000)
    monkeypatch.setattr(taking, "MOST_WAITING", 1)
    assert send(client, wav(tone(1))).status_code == 413
    assert send(client, wav(tone(0.5))).status_code == 201
    assert send(client, wav(tone(0.5))).status_code == 409
    assert Dictation.objects.count() == 1


@pytest.mark.parametrize("query", ["", "?language=en", "?language=de&mode=text", "?language=en&mode=songs"])
def test_what_is_listened_for_is_said(client: Client, query: str) -> None:
    assert send(client, wav(tone(0.5)), f"{ROOT}{query}").status_code == 400


def test_where_nothing_listens_it_is_said_why(client: Client) -> None:
    for query, word in (("language=en&mode=text", "FOVEA_DICTATION_WHISPER"), ("language=fr&mode=commands", "English")):
        answer = send(client, wav(tone(0.5)), f"{ROOT}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert word in answer.json()["detail"]
    told = {(each["mode"], each["language"]): each for each in client.get(f"{ROOT}/engines").json()}
    assert told["commands", "en"]["engine"] == "pocketsphinx"
    assert not told["text", "zh-hans"]["isAvailable"]


def test_free_text_is_corrected(
    client: Client, practice: Practice, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DICTATION_URL, settings.DICTATION_NETWORKS = "http://127.0.0.1:9", ("127.0.0.0/8",)
    said = "plural effusion of five millimetres full stop"
    monkeypatch.setattr(speech_server, "heard", lambda _: [Piece(PieceKind.TEXT, said)])
    Correction.objects.create(practice=practice, language="en", heard="plural effusion", meant="Pleural effusion")
    send(client, wav(tone(0.5)), f"{ROOT}?language=en&mode=text")
    row = listen()
    assert (row.text, row.pieces[0]["said"]) == ("Pleural effusion of 5 mm.", said)


def test_a_job_that_breaks_off_is_told(client: Client) -> None:
    send(client, wav(tone(0.5)))
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state=State.FAILED, error="The work broke off.")
    tell_ended(job, State.FAILED)
    row = Dictation.objects.get()
    assert (row.state, row.error) == ("failed", "The work broke off.")


def test_dictations_are_forgotten(client: Client) -> None:
    send(client, wav(tone(0.5)))
    receivers.on_minute()
    assert Dictation.objects.exists()
    assert len(list(files.path_of("").iterdir())) == 1
    Dictation.objects.update(created_at=timezone.now() - timedelta(hours=25))
    receivers.on_minute()
    assert not Dictation.objects.exists()


def test_corrections_are_kept(
    client: Client, stranger_client: Client, anonymous: Client, practice: Practice, other_practice: Practice
) -> None:
    asked = {"language": "en", "heard": " plural  effusion ", "meant": "pleural effusion"}
    made = client.post(CORRECTIONS, asked, content_type="application/json")
    assert made.status_code == 201
    told = made.json()
    assert (told["practice"], told["heard"]) == (practice.pk, "plural effusion")
    place = f"{CORRECTIONS}/{told['id']}"
    again = {**asked, "heard": "Plural Effusion"}
    assert client.post(CORRECTIONS, again, content_type="application/json").status_code == 409
    changed = client.patch(place, {"meant": "a pleural effusion"}, content_type="application/json").json()
    assert changed["meant"] == "a pleural effusion"
    assert [each["id"] for each in client.get(f"{CORRECTIONS}?language=en").json()["results"]] == [told["id"]]
    assert client.get(f"{CORRECTIONS}?language=fr").json()["results"] == []
    assert stranger_client.get(CORRECTIONS).json()["results"] == []
    for method in ("get", "patch", "delete"):
        assert getattr(stranger_client, method)(place).status_code == 404
        assert getattr(anonymous, method)(place).status_code == 401
    there = {**asked, "practice": other_practice.pk}
    assert client.post(CORRECTIONS, there, content_type="application/json").status_code == 404
    assert client.delete(place).status_code == 204
    details = Event.objects.filter(action=Event.Action.CONFIGURATION).order_by("pk").values_list("detail", flat=True)
    assert [each.split()[3] for each in details] == ["added", "changed", "removed"]


def test_who_reports_on_a_part_of_the_practice_does_not_decide(practice: Practice) -> None:
    narrow = User.objects.create_user("nell", practice=practice)
    give(narrow, practice, Permission.REPORT, scope="uploads")
    asked = {"language": "en", "heard": "a", "meant": "b"}
    answer = client_of(narrow).post(CORRECTIONS, asked, content_type="application/json")
    assert answer.status_code == 403


def test_the_admin_keeps_corrections_and_tells_what_listens(
    user: User, client: Client, stranger_client: Client, practice: Practice
) -> None:
    User.objects.filter(username__in=("nora", "sam")).update(is_staff=True)
    page = "/admin/dictation/correction/"
    asked = {"practice": practice.pk, "language": "en", "heard": "plural effusion", "meant": "pleural effusion"}
    assert client.post(f"{page}add/", asked).status_code == 302
    shown = client.get(page).content.decode()
    assert "pleural effusion" in shown
    assert "English, Français, Español, 简体中文" in shown
    again = client.post(f"{page}add/", {**asked, "heard": "Plural effusion"}, follow=True).content.decode()
    assert "There is a correction of these words already." in again
    row = Correction.objects.get()
    assert "pleural effusion" not in stranger_client.get(page).content.decode()
    assert stranger_client.get(f"{page}{row.pk}/change/").status_code == 404
    assert client.post(f"{page}{row.pk}/change/", {**asked, "meant": "effusion"}).status_code == 302
    assert client.post(f"{page}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Correction.objects.exists()
