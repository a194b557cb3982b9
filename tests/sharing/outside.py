"""Somebody outside with a link: requests as a browser makes them, through the server's own WSGI application."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import orjson
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from config.wsgi import application


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    set_cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return orjson.loads(self.body)


class Outside(RequestFactory):
    """It keeps cookies, and sends each of them everywhere: what a path alone would keep in counts for nothing here."""

    def request(self, **request: Any) -> Any:
        started: list[Any] = []

        def start(status: str, headers: Iterable[tuple[str, str]]) -> None:
            started.extend([int(status.split(maxsplit=1)[0]), list(headers)])

        with _one_connection():
            pieces = application(self._base_environ(**request), start)
            body = b"".join(pieces)
            pieces.close()  # type: ignore[attr-defined]
        status, headers = started
        given = tuple(value.strip() for name, value in headers if name == "Set-Cookie")
        for cookie in given:
            self.cookies.update(SimpleCookie(cookie))
        return Answer(status, dict(headers), given, body)

    def open(self, link: str, password: str = "") -> Answer:
        """Press the button of the page that the link leads to; the page itself where there is none."""
        page: Answer = self.get(link)
        if page.status != 200:
            return page
        token = self.cookies[settings.CSRF_COOKIE_NAME].value
        opened: Answer = self.post(link, {"password": password, "csrfmiddlewaretoken": token})
        return opened


@contextmanager
def _one_connection() -> Iterator[None]:
    """A request must not close the database's connection, in whose transaction the test is; as Django's client does."""
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
