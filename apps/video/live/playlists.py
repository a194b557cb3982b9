"""Playlists (HLS) and their segments by HTTP: every address that one names is looked at before it is opened.

FFmpeg asks `Opener` for each of them. Nothing else is opened, no redirect is followed, no proxy is asked, and the
connection goes to the very address that was checked.
"""

import io
import ssl
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from apps.dicom.network.addresses import Network
from apps.saying import say
from apps.video.live.addresses import Forbidden, Protocol, reachable, read

# A segment of some seconds; a playlist is far smaller.
MOST_BYTES: Final = 512 << 20
_WEB: Final = (Protocol.HTTP, Protocol.HTTPS)


class Opener:
    """Opens what a playlist names: `Opener(networks, seconds)(url, …)` gives a file. `refusal` is why it did not."""

    def __init__(self, networks: Sequence[Network], seconds: float) -> None:
        self._networks, self._seconds = networks, seconds
        self.refusal: Forbidden | None = None

    def __call__(self, url: str, _flags: int, _options: dict[str, Any]) -> io.RawIOBase:
        """Raises Forbidden, OSError. It is kept besides: FFmpeg tells only that there was an error."""
        try:
            return self._opened(url)
        except Forbidden as error:
            self.refusal = self.refusal or error
            raise

    def _opened(self, url: str) -> io.RawIOBase:
        source = read(url)
        if source.protocol not in _WEB:
            raise Forbidden(say("A playlist may name addresses of http and https alone."))
        address = str(reachable(source.host, self._networks))
        connection: HTTPConnection
        if source.protocol is Protocol.HTTPS:
            connection = _Verified(source.host, source.port, address, self._seconds)
        else:
            connection = HTTPConnection(address, source.port, timeout=self._seconds)
        return _Body(connection, _asked(connection, url))


class _Verified(HTTPSConnection):
    """TLS for the name that was asked for, with the address that was checked."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(address, port, timeout=seconds)
        self._name, self._trust = host, ssl.create_default_context()

    def connect(self) -> None:
        HTTPConnection.connect(self)
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _asked(connection: HTTPConnection, url: str) -> HTTPResponse:
    """The answer to a GET. Raises OSError for anything but 200."""
    parts = urlsplit(url)
    fields = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity"}
    if parts.username:
        fields["Authorization"] = _basic(unquote(parts.username), unquote(parts.password or ""))
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=fields)
        answer = connection.getresponse()
    except HTTPException as error:
        connection.close()
        raise OSError("the answer is no HTTP") from error
    if answer.status != 200:
        connection.close()
        raise OSError(f"the server answers {answer.status}")
    return answer


def _basic(user: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


class _Body(io.RawIOBase):
    """An answer's body, up to MOST_BYTES."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        super().__init__()
        self._connection, self._answer, self._left = connection, answer, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._left <= 0:
            raise OSError("more than a segment of a film holds")
        try:
            count = self._answer.readinto(memoryview(buffer)[: self._left])
        except HTTPException as error:
            raise OSError("the answer ends early") from error
        self._left -= count
        return count

    def close(self) -> None:
        if not self.closed:
            self._connection.close()
        super().close()
