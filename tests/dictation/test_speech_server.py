"""A speech server: called within the networks that the site names, and nowhere else; its answers are bounded."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.audit.models import Event
from apps.dicom.network import addresses
from apps.dictation import files, speech_server
from apps.dictation.models import Dictation
from apps.dictation.speech_server import NotHeard
from tests.dictation.voices import tone, wav


class Server(HTTPServer):
    """Answers what it was told, and remembers what it was asked."""

    status = 200
    answer = b'{"text": " The lungs are clear. "}'
    asked: dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked = {"path": self.path, "headers": dict(self.headers), "body": body}
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def serving() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with serving() as server:
        settings.DICTATION_URL = f"http://127.0.0.1:{server.server_port}/speech"
        settings.DICTATION_KEY, settings.DICTATION_MODEL = "secret", "large"
        settings.DICTATION_NETWORKS = (ip_network("127.0.0.0/8"),)
        addresses.forget_all()
        yield server


@pytest.fixture
def row(practice: Practice, user: User, settings: Settings) -> Dictation:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    name = files.keep([wav(tone(0.2))])
    return Dictation.objects.create(
        practice=practice, user=user, language="zh-hans", mode="text", engine="server", file=name
    )


def test_it_is_asked_as_openai_has_it(server: Server, row: Dictation) -> None:
    (piece,) = speech_server.heard(row)
    assert piece.said == "The lungs are clear."
    asked = server.asked
    assert asked["path"] == "/speech/v1/audio/transcriptions"
    assert asked["headers"]["Authorization"] == "Bearer secret"
    boundary = asked["headers"]["Content-Type"].partition("boundary=")[2].encode()
    parts = asked["body"].split(b"--" + boundary)
    values = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]]
    assert values == [b"large", b"zh", b"json", wav(tone(0.2))]
    assert b'filename="dictation.wav"' in parts[4]
    assert parts[-1] == b"--\r\n"
    assert row.user.username.encode() not in asked["body"]
    event = Event.objects.get(action=Event.Action.SEND)
    assert (event.actor, event.detail) == (row.user.username, "a dictation to the speech server")


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (302, b"", "HTTP 302"),
        (500, b"boom", "HTTP 500"),
        (200, b"<html>", "no text"),
        (200, b'["text"]', "no text"),
        (200, b'{"text": 5}', "no text"),
        (200, json.dumps({"text": "x" * (2 << 20)}).encode(), "no text"),
    ],
)
def test_other_answers_are_told(server: Server, row: Dictation, status: int, answer: bytes, said: str) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(NotHeard, match=said):
        speech_server.heard(row)


def test_silence_is_no_piece(server: Server, row: Dictation) -> None:
    server.answer = b'{"text": ""}'
    assert speech_server.heard(row) == []


def test_other_networks_are_not_called(server: Server, row: Dictation, settings: Settings) -> None:
    settings.DICTATION_NETWORKS = (ip_network("192.0.2.0/24"),)
    with pytest.raises(NotHeard, match="FOVEA_DICTATION_NETWORKS"):
        speech_server.heard(row)
    assert not hasattr(server, "asked")


def test_a_name_with_another_address_is_not_called(
    server: Server, row: Dictation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = addresses.addresses_of("127.0.0.1") | addresses.addresses_of("192.0.2.1")
    monkeypatch.setattr(speech_server, "addresses_of", lambda _: both)
    with pytest.raises(NotHeard, match="FOVEA_DICTATION_NETWORKS"):
        speech_server.heard(row)
    monkeypatch.setattr(speech_server, "addresses_of", lambda _: frozenset())
    with pytest.raises(NotHeard, match="leads to no address"):
        speech_server.heard(row)


def test_one_that_is_away_is_told(server: Server, row: Dictation, settings: Settings) -> None:
    settings.DICTATION_URL = "http://127.0.0.1:1"
    with pytest.raises(NotHeard, match="can't be reached"):
        speech_server.heard(row)
