"""Somebody outside with a link: requests as a browser makes them, through the server's own WSGI application."""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import orjson
from django.conf import settings
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
