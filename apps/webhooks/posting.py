"""One attempt: the letter is signed, posted, and what is answered is read as far as it matters. No database here."""

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Final

from django.conf import settings

from apps.core.version import VERSION
from apps.saying import say
from apps.webhooks import signing
from apps.webhooks.addresses import Forbidden, Unknown
from apps.webhooks.connecting import Connection, Idle, connection_to
from apps.webhooks.letters import Letter
from apps.webhooks.models import ANSWER_LENGTH

GONE: Final = 410
LONGEST_WISH: Final = timedelta(days=1)
# Of an answer: what is read to keep the connection.
ANSWER_BYTES: Final = 16 << 10
# An idle connection that the receiver has closed meanwhile says so by one of these.
_STALE: Final = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)

FORBIDDEN: Final = say("Its address is on this machine or in a private network, which is not called.")
UNKNOWN: Final = say("Its name leads to no address.")
NO_CONNECTION: Final = say("It can't be reached. Check the address, and whether it is running.")
LATE: Final = say("It does not answer in time.")
BROKEN: Final = say("The connection broke.")
NO_HTTP: Final = say("What it answers is no answer in HTTP.")
NO_SECRET: Final = say("Its secret can't be read any more, for the site's key has changed. Give it a new one.")
NO_TRUST: Final = say("TLS failed. Is its certificate the right one, and made for this name?")
LEADS_ON: Final = say("It leads on to another address, which is not followed: give that one.")
# The first that fits.
_WORDS: Final = (
    (Forbidden, FORBIDDEN),
    (Unknown, UNKNOWN),
    (TimeoutError, LATE),
    (ssl.SSLError, NO_TRUST),
    (_STALE, BROKEN),
    (OSError, NO_CONNECTION),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `status` is None where nothing was answered; `error` is empty where it was taken."""

    letter: Letter
    at: datetime
    milliseconds: int
    status: int | None = None
    error: str = ""
    answer: str = ""
    # When the receiver wants to be asked again, where it says so.
    wish: timedelta | None = None

    @property
    def is_delivered(self) -> bool:
        return not self.error


class Attempt:
    """An attempt while it is made. Another thread looks at `is_late` and may `cut` it."""

    def __init__(self, letter: Letter, idle: Idle) -> None:
        self.letter = letter
        self._idle = idle
        self._connection: Connection | None = None
        self._began = time.monotonic()
        self._is_cut = False

    @property
    def is_late(self) -> bool:
        """Whether it takes longer than FOVEA_WEBHOOK_SECONDS: each read may be quick, and there may be many."""
        return time.monotonic() - self._began > settings.WEBHOOK_SECONDS

    def cut(self) -> None:
        """Let it end now, as one that was not answered in time."""
        self._is_cut = True
        if self._connection is not None:
            self._connection.cut()

    def make(self) -> Outcome:
        """Post it. Whatever the receiver does is an outcome."""
        at, self._began = datetime.now(UTC), time.monotonic()
        if not any(self.letter.secrets):
            return Outcome(self.letter, at, 0, error=NO_SECRET)
        try:
            return self._read(self._answered(), at)
        except (OSError, HTTPException, ValueError, Forbidden, Unknown) as error:
            return Outcome(self.letter, at, self._milliseconds, error=LATE if self._is_cut else _said(error))
        finally:
            if self._connection is not None:
                self._connection.close()

    def _answered(self) -> HTTPResponse:
        """The head of the answer; by an idle connection, or by a new one where that has been closed."""
        kept = self._idle.take(self.letter.place)
        if kept is not None:
            try:
                return self._post(kept)
            except _STALE:
                kept.close()
        return self._post(connection_to(self.letter.place, settings.WEBHOOK_SECONDS))

    def _post(self, connection: Connection) -> HTTPResponse:
        self._connection = connection
        letter = self.letter
        fields = {"Content-Type": "application/json", "User-Agent": f"Fovea/{VERSION}"}
        proof = signing.headers(letter.secrets, letter.uid, int(time.time()), letter.body)
        connection.request("POST", letter.path, letter.body, fields | proof)
        return connection.getresponse()

    def _read(self, response: HTTPResponse, at: datetime) -> Outcome:
        data = response.read(ANSWER_BYTES)
        took = self._milliseconds
        if self._is_cut:
            # What is cut within its head looks like a whole one.
            return Outcome(self.letter, at, took, error=LATE)
        if response.isclosed() and not response.will_close and self._connection is not None:
            self._idle.keep(self.letter.place, self._connection)
            self._connection = None
        status, answer = response.status, _text(data)
        if 200 <= status < 300:
            return Outcome(self.letter, at, took, status, answer=answer)
        error = LEADS_ON if 300 <= status < 400 else say("It answers with HTTP {status}.", status=status)
        return Outcome(self.letter, at, took, status, error, answer, _wish(response.headers.get("Retry-After", "")))

    @property
    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


def _said(error: Exception) -> str:
    """What went wrong, for a person: without the addresses and classes of the library's own texts."""
    return next((text for kinds, text in _WORDS if isinstance(error, kinds)), NO_HTTP)


def _text(data: bytes) -> str:
    """The beginning of an answer, as far as it is text."""
    text = data[: 4 * ANSWER_LENGTH].decode("utf-8", "replace")
    return "".join(each if each.isprintable() else " " for each in text).strip()[:ANSWER_LENGTH]


def _wish(text: str) -> timedelta | None:
    """Retry-After (RFC 9110 10.2.3): seconds, or a moment. At most a day."""
    if text.isdecimal() and text.isascii():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WISH)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return min(max(moment - datetime.now(UTC), timedelta(0)), LONGEST_WISH)
