"""Asking a node over HTTP, with a bound on everything: time, sizes, and no other address than its own.

Nodes are DICOMweb remotes, and whatever else a practice's administrator gives an address, user name and secret of.
"""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol, Self
from urllib.parse import quote, urlencode

from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as TimedOut
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, make_headers, parse_url

from apps.core import sealed
from apps.core.version import IMPLEMENTATION_VERSION_NAME
from apps.remotes.failures import RemoteFailed, RemoteLacks, RemoteRefused
from apps.remotes.web.connections import Forbidden, pool_of
from apps.saying import say

PIECE: Final = 128 << 10
# Seconds that the answer to one request may take in all: a study of some gigabytes on a slow line.
MOST_SECONDS: Final = 4 * 3600.0


class Node(Protocol):
    """Whom a client asks. `certificate` is the only one that is trusted, where there is one; `secret` is sealed."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def certificate(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def secret(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, by lower-case names, and its body in pieces, within the limits that were given."""

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes] = field(repr=False)

    def body(self, most: int) -> bytes:
        """All of it. Raises RemoteFailed for more than so many bytes."""
        data = bytearray()
        for piece in self.pieces:
            data += piece
            if len(data) > most:
                raise RemoteFailed(say("The answer is longer than {most} MiB. Ask for less.", most=most >> 20))
        return bytes(data)


class Client:
    """A node, below whose address things are asked for. Use it as a context manager."""

    def __init__(self, remote: Node) -> None:
        """Raises RemoteRefused for an address or certificate that is none, or a secret that is lost."""
        self._name = remote.name
        self._url = _checked(remote)
        self._headers = _headers(remote)
        try:
            self._pool = pool_of(self._url, remote.certificate)
        except ssl.SSLError as error:
            raise RemoteRefused(
                say("The certificate given for {name} can't be read (PEM).", name=remote.name)
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @contextmanager
    def ask(
        self,
        path: str,
        parameters: Iterable[tuple[str, str]] = (),
        *,
        accept: str,
        seconds: float = MOST_SECONDS,
        body: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Answer]:
        """Ask for what is at `path` below the address (a POST where there is a body); the answer is over at the end.

        Its status is below 300, or 409 (which STOW-RS gives a reason with). Raises RemoteFailed and RemoteRefused.
        """
        query = urlencode(list(parameters), quote_via=quote)
        target = f"{(self._url.path or '').rstrip('/')}{path}" + (f"?{query}" if query else "")
        response = None
        try:
            response = self._pool.urlopen(
                "GET" if body is None else "POST",
                target,
                body=body,
                headers={**self._headers, "Accept": accept, **(headers or {})},
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            self._check(response)
            lower = {name.lower(): value for name, value in response.headers.items()}
            yield Answer(response.status, lower, _pieces(response, seconds))
        except HTTPError as error:
            raise RemoteFailed(say("{name}: {problem}", name=self._name, problem=_said(error))) from error
        finally:
            if response is not None:
                # What wasn't read is not waited for.
                response.close()

    def _check(self, response: BaseHTTPResponse) -> None:
        status = response.status
        if status < 300 or status == 409:
            return
        if status < 400:
            raise RemoteRefused(
                say("{name} leads on to another address, which is not followed: give that one.", name=self._name)
            )
        if status in (401, 403):
            raise RemoteRefused(
                say(
                    "{name} refuses this (HTTP {status}): check the user name, secret and rights.",
                    name=self._name,
                    status=status,
                )
            )
        if status == 404:
            raise RemoteLacks(say("{name} has nothing at this address (HTTP 404), or not any more.", name=self._name))
        if status < 500 and status != 429:
            raise RemoteRefused(
                say("{name} does not take this request (HTTP {status}).", name=self._name, status=status)
            )
        raise RemoteFailed(say("{name} failed (HTTP {status}). Try again.", name=self._name, status=status))


def _checked(remote: Node) -> Url:
    try:
        url = parse_url(remote.url)
    except LocationParseError as error:
        raise RemoteRefused(say("{name} has an address that is none.", name=remote.name)) from error
    if url.scheme not in ("http", "https") or not url.host or url.auth or url.query or url.fragment:
        raise RemoteRefused(
            say("The address of {name} must be http:// or https://, host and path alone.", name=remote.name)
        )
    return url


def _headers(remote: Node) -> dict[str, str]:
    """HTTP Basic where the remote has a user name, else its secret as a bearer token. Raises RemoteRefused."""
    known = {"User-Agent": IMPLEMENTATION_VERSION_NAME, "Accept-Encoding": "identity"}
    try:
        secret = sealed.unseal(remote.secret)
    except sealed.Unsealable as error:
        raise RemoteRefused(
            say("The secret for {name} can't be read any more: type it in again.", name=remote.name)
        ) from error
    if remote.username:
        return known | make_headers(basic_auth=f"{remote.username}:{secret}")
    return known | {"Authorization": f"Bearer {secret}"} if secret else known


def _pieces(response: BaseHTTPResponse, seconds: float) -> Iterator[bytes]:
    """The body as it comes: a peer that sends a byte now and then is not waited for longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while piece := response.read1(PIECE, decode_content=False):
        yield piece
        if time.monotonic() > deadline:
            raise RemoteFailed(say("The answer took too long."))


def _said(error: HTTPError) -> str:
    """What went wrong with the connection, without the addresses and classes of the library's own texts."""
    match error:
        case Forbidden():
            return say("its address is link-local, which is not called.")
        case NewConnectionError():
            return say("it can't be reached. Check the address, and whether it is running.")
        case SSLError():
            return say(
                "TLS failed ({problem}). Is its certificate the right one, and made for this name?", problem=str(error)
            )
        case TimedOut():
            return say("it does not answer in time.")
        case ProtocolError():
            return say("the connection broke.")
        case _:
            return say("what it answers is no answer in HTTP.")
