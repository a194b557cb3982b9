"""Resumable uploads as a client of tus 1.0.0 sends them."""

import base64
from typing import Any

from django.test import Client

UPLOADS = "/api/uploads/"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def metadata(**said: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())


def create(client: Client, length: int, **said: str) -> Any:
    """The answer to the beginning of an upload."""
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(**said)}
    return client.post(UPLOADS, headers=headers)


def begin(client: Client, length: int, **said: str) -> str:
    """Where the bytes of a new upload go."""
    answer = create(client, length, **said)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def go_on(client: Client, place: str, offset: int, data: bytes, **headers: str) -> Any:
    """The answer to bytes that begin at the offset."""
    # Said besides, because the client leaves it out where there is nothing to send.
    fields = {**TUS, "Upload-Offset": str(offset), "Content-Type": BYTES, **headers}
    return client.patch(place, data, BYTES, headers=fields)


def head(client: Client, place: str) -> Any:
    return client.head(place, headers=TUS)
