"""Bad days, over real connections: kills while a study is deleted, slow readers, idle ones, and some that leave."""

import random
import socket
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPException
from pathlib import Path
from threading import Thread

import pytest

from tests import dicoms
from tests.live import AUTHORIZATION, BOUNDARY, PATIENCE, STUDIES, Server, Site, multipart, wait_until

MIB = 1 << 20
# What a web process may have, of which most is code that it has loaded.
MOST_MEMORY = 250 * MIB
ROUNDS = 6
SLICES = 300
BIG = 64
SWEEP = "from apps.archive.storage import sweep; sweep()"
INSTANCE = f"{STUDIES}/{dicoms.STUDY_UID}/series/{dicoms.uid(1, 3)}/instances/{dicoms.uid(1, 3, 1)}"
SMALL_BUFFER = 64 << 10

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("bad-days")) as site:
        yield site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    """A server with one object of 64 frames, 1 MiB each."""
    with site.serving() as server:
        assert server.store(big_object()).status == 200
        yield server


def big_object() -> Iterator[bytes]:
    small = dicoms.multi_frame(BIG, Rows=1024, Columns=1024, PixelData=bytes(2))
    head = multipart(small[:-6] + struct.pack("<I", BIG * MIB))
    yield head.removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
    yield from (bytes(range(256)) * (MIB // 256) for _ in range(BIG))
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def asking(server: Server, path: str, accept: str = "application/dicom") -> socket.socket:
    """A connection that has asked for this, and has not yet read an answer."""
    connection = socket.socket()
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    connection.connect(("127.0.0.1", server.port))
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION}\r\nAccept: {accept}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def read_some(connection: socket.socket) -> bytes:
    data = connection.recv(SMALL_BUFFER)
    assert data.startswith(b"HTTP/1.1 200") or b"\r\n\r\n" not in data
    return data


def is_serving(server: Server) -> bool:
    return server.request("GET", f"{STUDIES}?limit=1").status == 200


def answers(site: Site) -> int:
    return len(site.answered())


def test_slow_readers_hold_up_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            read_some(stack.enter_context(asking(server, INSTANCE)))
        assert is_serving(server)
        assert server.request("GET", f"{INSTANCE}/frames/3").status == 200
        assert server.memory() < MOST_MEMORY


def test_a_slow_reader_gets_it_all(server: Server) -> None:
    with asking(server, INSTANCE) as connection:
        received = bytearray(read_some(connection))
        assert is_serving(server)
        while len(received) < BIG * MIB:
            data = connection.recv(MIB)
            assert data
            received += data
    assert b"HTTP/1.1 200" in received[:200]


def test_idle_connections_hold_up_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
        for _ in range(100):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            idle.sendall(b"GET /dicom-web/studies HTTP/1.1\r\nHost: x\r\n")
        assert is_serving(server)
        assert server.memory() < MOST_MEMORY


def test_who_asks_for_ten_thousand_frames_and_leaves_costs_little(server: Server, site: Site) -> None:
    frames = ",".join(str(number % BIG + 1) for number in range(10_000))
    for _ in range(3):
        before = answers(site)
        with asking(server, f"{INSTANCE}/frames/{frames}", "multipart/related") as connection:
            read_some(connection)
        wait_until(lambda before=before: answers(site) > before)
        assert int(site.answered()[-1].partition("bytes=")[2].split()[0]) < 500 * MIB
    assert is_serving(server)
    assert server.memory() < MOST_MEMORY


def test_too_many_frames_are_refused_before_anything_is_read(server: Server) -> None:
    answer = server.request("GET", f"{INSTANCE}/frames/{','.join(['1'] * 10_001)}")
    assert answer.status == 400


def counted(site: Site) -> int:
    with closing(sqlite3.connect(site.data / "fovea.sqlite3", timeout=PATIENCE)) as connection:
        return int(connection.execute("SELECT count(*) FROM archive_instance").fetchone()[0])


def delete(server: Server, study: str) -> None:
    with suppress(OSError, HTTPException):
        server.request("DELETE", f"{STUDIES}/{study}")


def test_a_study_whose_deletion_was_killed_is_wholly_there_or_wholly_gone(tmp_path: Path) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    chance = random.Random(seed)
    template = dicoms.ct_slice(SOPInstanceUID=dicoms.uid(7, 10000))
    slices = [template.replace(dicoms.uid(7, 10000).encode(), dicoms.uid(7, 10000 + n).encode()) for n in range(SLICES)]
    with Site(tmp_path) as site:
        for _ in range(ROUNDS):
            with site.serving() as server:
                assert server.store(multipart(*slices)).status == 200
                deleting = Thread(target=delete, args=(server, dicoms.STUDY_UID))
                deleting.start()
                time.sleep(chance.uniform(0, 0.1))
                server.kill()
                deleting.join()
            site.run("shell", "--no-imports", "-c", SWEEP)
            assert counted(site) in (0, SLICES)
            assert "the index and the files agree" in site.run("verify")
            assert not list((site.data / "incoming").iterdir())
