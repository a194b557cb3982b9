"""Requests through the server's own WSGI application, which chooses the stack by the address."""

from dataclasses import dataclass
from typing import Any

from django.test import RequestFactory

from config.wsgi import application


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(address: str, **headers: str) -> Answer:
    """GET `address` with these headers, in WSGI's spelling."""
    started: list[Any] = []
    response = application(
        RequestFactory().get(address, **headers).environ, lambda status, fields: started.extend((status, fields))
    )
    body = b"".join(response)
    response.close()
    return Answer(int(started[0].split()[0]), dict(started[1]), body)
