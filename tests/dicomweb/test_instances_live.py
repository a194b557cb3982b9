"""Bad days of converting, in real processes: clients that leave, and a server that is killed in the middle."""

import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest

from tests import dicoms, live
from tests.dicomweb.archive import place
from tests.live import Server, Site

JPEG_2000 = "1.2.840.10008.1.2.4.90"
OCTETS = "multipart/related; type=application/octet-stream"
SIDE, COUNT = 256, 60
MEBI = 1 << 20


@pytest.fixture(scope="module")
def cine() -> bytes:
    """Sixty frames of noise that take their time to decode: 15 MiB of pixels."""
    pixels = np.random.default_rng(1).integers(0, 4096, (SIDE, SIDE), np.uint16)
    stream = bytes(imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k", reversible=True))
    form = {"Rows": SIDE, "Columns": SIDE, "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}
    return dicoms.encapsulated([stream] * COUNT, transfer_syntax=JPEG_2000, **form)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cine: bytes) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        with site.serving() as server:
            assert server.store(live.multipart(cine)).status == 200
        yield site


def begin(server: Server, path: str, accept: str) -> socket.socket:
    """Ask, and read the beginning of the answer."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=live.PATIENCE)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {live.AUTHORIZATION}\r\nAccept: {accept}\r\n\r\n"
    connection.sendall(head.encode())
    received = connection.recv(1 << 16)
    assert received.startswith(b"HTTP/1.1 200"), received
    return connection


def codecs_of(server: Server) -> list[int]:
    """The codec processes of the server's processes."""
    group = {str(server.pid)}
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with_parent = dict(line.split(":\t") for line in _lines(status) if ":\t" in line)
        if with_parent.get("PPid") in group or _is_grandchild(with_parent.get("PPid", "0"), server.pid):
            found.append(int(status.parent.name))
    return [pid for pid in found if b"apps.dicom.isolation.child" in _bytes(Path(f"/proc/{pid}/cmdline"))]


def _is_grandchild(parent: str, pid: int) -> bool:
    return any(line == f"PPid:\t{pid}" for line in _lines(Path(f"/proc/{parent}/status")))


def _lines(path: Path) -> list[str]:
    return _bytes(path).decode(errors="replace").splitlines()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def kept(site: Site) -> set[Path]:
    return {path for path in site.data.rglob("*") if path.is_file() and "sqlite3" not in path.name}


def test_a_kill_while_converting_leaves_nothing_behind(site: Site, cine: bytes) -> None:
    before = kept(site)
    with site.serving() as server:
        with begin(server, place(cine), "application/dicom"):
            codecs = codecs_of(server)
            server.kill()
        assert codecs
        live.wait_until(lambda: not any(map(live.is_alive, codecs)))
    assert kept(site) == before
    with site.serving() as server:
        answer = server.request("GET", place(cine), Accept="application/dicom")
        dataset = pydicom.dcmread(BytesIO(answer.body))
        assert len(dataset.PixelData) == COUNT * SIDE * SIDE * 2


def test_clients_that_ask_for_10000_frames_and_leave_cost_no_memory(site: Site, cine: bytes) -> None:
    frames = ",".join(str(number % COUNT + 1) for number in range(10_000))
    with site.serving() as server:
        server.request("GET", f"{place(cine)}/frames/1", Accept=OCTETS)
        before = server.memory()
        for _ in range(4):
            begin(server, f"{place(cine)}/frames/{frames}", OCTETS).close()
        answer = server.request("GET", f"{place(cine)}/frames/2", Accept="application/octet-stream")
        assert len(answer.body) == SIDE * SIDE * 2
        assert server.memory() - before < 40 * MEBI
