"""Resumable uploads over real connections: a server that is killed, clients that vanish, bodies of any size."""

import http.client
import socket
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from tests.live import AUTHORIZATION, PATIENCE, Server, Site, wait_until
from tests.uploads.resuming import BYTES, UPLOADS

MIB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("uploads")) as site:
        yield site


def ask(
    server: Server, method: str, path: str, body: Iterable[bytes] | None = None, **fields: str
) -> http.client.HTTPMessage:
    """The header fields of the answer, which is a good one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    sent = {"Authorization": AUTHORIZATION, "Tus-Resumable": "1.0.0"}
    sent |= {name.replace("_", "-"): text for name, text in fields.items()}
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    assert answer.status < 300, answer.read()
    connection.close()
    return answer.headers


def begin(server: Server, size: int) -> str:
    return ask(server, "POST", UPLOADS, Upload_Length=str(size))["Location"]


def offset(server: Server, place: str) -> int:
    return int(ask(server, "HEAD", place)["Upload-Offset"])


def go_on(server: Server, place: str, at: int, data: Iterable[bytes], size: int) -> http.client.HTTPMessage:
    return ask(server, "PATCH", place, data, Upload_Offset=str(at), Content_Type=BYTES, Content_Length=str(size))


def half_sent(server: Server, place: str, data: bytes, sent: int) -> socket.socket:
    """A connection that has brought some of the bytes that it has announced."""
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\nTus-Resumable: 1.0.0\r\n"
        f"Upload-Offset: 0\r\nContent-Type: {BYTES}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    connection.sendall(head.encode() + data[:sent])
    return connection


def on_disk(site: Site, place: str) -> int:
    path = site.data / "uploads" / place.rpartition("/")[2]
    return path.stat().st_size if path.exists() else 0


def is_kept(site: Site, data: bytes) -> bool:
    """Whether a job was given just these bytes."""
    return any(path.read_bytes() == data for path in (site.data / "batches").glob("*/000000"))


def test_a_server_that_is_killed_goes_on_where_it_was(site: Site) -> None:
    data = Random(1).randbytes(6 * MIB)
    with site.serving() as server:
        place = begin(server, len(data))
        connection = half_sent(server, place, data, 4 * MIB)
        wait_until(lambda: on_disk(site, place) >= 3 * MIB)
        server.kill()
        connection.close()
    with site.serving() as server:
        at = offset(server, place)
        assert at <= 4 * MIB
        assert int(go_on(server, place, at, iter([data[at:]]), len(data) - at)["Upload-Offset"]) == len(data)
        assert is_kept(site, data)


def test_a_client_that_vanishes_loses_nothing(site: Site) -> None:
    data = Random(2).randbytes(3 * MIB)
    with site.serving() as server:
        place = begin(server, len(data))
        half_sent(server, place, data, 2 * MIB).close()
        wait_until(lambda: offset(server, place) == 2 * MIB)
        go_on(server, place, 2 * MIB, iter([data[2 * MIB :]]), MIB)
        assert is_kept(site, data)


def test_memory_stays_flat_however_large_the_file_is(site: Site) -> None:
    piece, count = bytes(MIB), 300
    with site.serving() as server:
        go_on(server, begin(server, MIB), 0, iter([piece]), MIB)
        before = server.memory_peak()
        told = go_on(server, begin(server, count * MIB), 0, (piece for _ in range(count)), count * MIB)
        assert "Fovea-Job" in told
        assert server.memory_peak() - before < 50 * MIB
