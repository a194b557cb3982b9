"""Requests to the server's own WSGI application, and all that a browser is told with the answer."""

from dataclasses import dataclass
from typing import Any

from django.test import RequestFactory

from config.wsgi import application


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, its fields by lower-case name, and its body."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def policy(self) -> str:
        return self.fields.get("content-security-policy", "")


def ask(address: str, method: str = "GET", **environ: Any) -> Told:
    """The answer to a request without a body; `environ` are its variables, such as HTTP_ACCEPT."""
    started: list[Any] = []
    request = RequestFactory().generic(method, address, **environ)
    answer = application(request.environ, lambda status, fields: started.extend((status, fields)))
    body = b"".join(answer)
    answer.close()
    return Told(int(started[0].split()[0]), {name.lower(): value for name, value in started[1]}, body)
