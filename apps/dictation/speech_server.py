"""Free text by a speech server with OpenAI's interface (`POST …/audio/transcriptions`), where the site names one.

It is called at an address within FOVEA_DICTATION_NETWORKS that was looked at after the name was looked up: by no proxy,
without a second look-up, and no redirect is followed. What somebody has said goes there, and nothing else.
"""

import secrets
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from django.conf import settings

from apps.audit.record import Action, tell
from apps.core.version import VERSION
from apps.dicom.network.addresses import Address, addresses_of
from apps.dictation import files
from apps.dictation.models import Dictation
from apps.dictation.recognising.formats import HEAD, format_of
from apps.dictation.recognising.pieces import Piece, PieceKind
from apps.saying import Sentence, say

PATH: Final = "/v1/audio/transcriptions"
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 60.0
ANSWER_BYTES: Final = 1 << 20
MOST_TEXT: Final = 50_000
# How files of each format are called, by which such servers know them.
_SUFFIXES: Final = {"wav": "wav", "matroska": "webm", "ogg": "ogg", "mp4": "mp4", "flac": "flac"}
_LANGUAGES: Final = {"zh-hans": "zh"}


class NotHeard(Exception):
    """The server gave no text; the text of this is for whoever has spoken."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))


def heard(row: Dictation) -> list[Piece]:
    """What the server makes of a dictation, as one piece; that it was sent there is on record. Raises NotHeard."""
    detail = "a dictation to the speech server"
    tell(Action.SEND, actor=row.user.get_username(), practice_id=row.practice_id, detail=detail, source="dictation")
    body, boundary = _form(row)
    text = _text(_asked(body, f"multipart/form-data; boundary={boundary}"))
    return [Piece(PieceKind.TEXT, text)] if text else []


def _form(row: Dictation) -> tuple[bytes, str]:
    """The request's body as a form (RFC 7578), and what stands between its parts."""
    sound = files.path_of(row.file).read_bytes()
    boundary = secrets.token_hex(16)
    suffix = _SUFFIXES[format_of(sound[:HEAD]) or "wav"]
    language = _LANGUAGES.get(row.language, row.language)
    fields = {"model": settings.DICTATION_MODEL, "language": language, "response_format": "json"}
    return b"".join(_parts(fields, sound, suffix, boundary)), boundary


def _parts(fields: dict[str, str], sound: bytes, suffix: str, boundary: str) -> Iterator[bytes]:
    for name, value in fields.items():
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    head = f'Content-Disposition: form-data; name="file"; filename="dictation.{suffix}"\r\n'
    yield f"--{boundary}\r\n{head}Content-Type: audio/{suffix}\r\n\r\n".encode()
    yield sound
    yield f"\r\n--{boundary}--\r\n".encode()


def _asked(body: bytes, kind: str) -> bytes:
    """The server's answer. Raises NotHeard."""
    parts = urlsplit(settings.DICTATION_URL)
    fields = {"Content-Type": kind, "Accept": "application/json", "User-Agent": f"Fovea/{VERSION}"}
    if settings.DICTATION_KEY:
        fields["Authorization"] = f"Bearer {settings.DICTATION_KEY}"
    connection = _Connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request("POST", f"{parts.path}{PATH}", body, fields)
        return _read(connection.getresponse())
    except TimeoutError as error:
        raise NotHeard(say("The speech server does not answer in time. Try again, or type instead.")) from error
    except (OSError, HTTPException) as error:
        raise NotHeard(say("The speech server can't be reached. Try again, or type instead.")) from error
    finally:
        connection.close()


def _read(response: HTTPResponse) -> bytes:
    if response.status != 200:
        raise NotHeard(say("The speech server answers with HTTP {status}.", status=response.status))
    return response.read(ANSWER_BYTES)


def _text(answer: bytes) -> str:
    try:
        told: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        told = None
    text = told.get("text") if isinstance(told, dict) else None
    if not isinstance(text, str):
        raise NotHeard(say("What the speech server answers is no text."))
    return text.strip()[:MOST_TEXT]


class _Connection(HTTPConnection):
    """A connection to an address of the host that is within the site's networks; by TLS, verified for its name."""

    def __init__(self, scheme: str, host: str, port: int | None) -> None:
        self._is_tls = scheme == "https"
        super().__init__(host, port or (443 if self._is_tls else 80), timeout=READ_SECONDS)

    def connect(self) -> None:
        """Raises OSError, and NotHeard where the host is in none of the networks."""
        self.sock = socket.create_connection((str(_reachable(self.host)), self.port), CONNECT_SECONDS)
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(self.timeout)


def _reachable(host: str) -> Address:
    """An address of the host, IPv4 first. One that is in none of the networks forbids them all. Raises NotHeard."""
    found = addresses_of(host)
    if not found:
        raise NotHeard(say("The speech server's name leads to no address."))
    if not all(any(each in network for network in settings.DICTATION_NETWORKS) for each in found):
        raise NotHeard(
            say("The speech server is in none of the networks that dictations may go to (FOVEA_DICTATION_NETWORKS).")
        )
    return min(found, key=lambda address: (address.version, int(address)))
