"""Kill -9 at random moments while objects come in, and a disk that fills up: what was acknowledged stays."""

import random
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from tests import dicoms
from tests.live import PATIENCE, STUDIES, Server, Site, kill, multipart, wait_until

ROUNDS = 10
SENDERS = 3
PER_REQUEST = 5
FILES = 2000
SWEEP = "from apps.archive.storage import sweep; sweep()"

pytestmark = pytest.mark.timeout(900)

TEMPLATE = dicoms.ct_slice(SOPInstanceUID=f"{dicoms.ROOT}.7.1000000")


def uid_of(number: int) -> str:
    return f"{dicoms.ROOT}.7.{1000000 + number}"


def object_of(number: int) -> bytes:
    """One of many objects that differ in their SOP Instance UID alone."""
    return TEMPLATE.replace(uid_of(0).encode(), uid_of(number).encode())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


@pytest.fixture
def chance() -> random.Random:
    """Other moments in each run; the seed is shown when a test fails."""
    seed = time.time_ns()
    print(f"seed {seed}")
    return random.Random(seed)


def rows(database: Path, query: str) -> set[str]:
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection:
        return {row[0] for row in connection.execute(query)}


def indexed(site: Site) -> set[str]:
    return rows(site.data / "fovea.sqlite3", "SELECT sop_instance_uid FROM archive_instance")


def recover(site: Site) -> str:
    """What the start of the server does, and what `verify` says then."""
    site.run("shell", "--no-imports", "-c", SWEEP)
    return site.run("verify")


def send(server: Server, numbers: Iterator[int], acknowledged: set[int], is_over: Event) -> None:
    """Store again and again, and note what was acknowledged; a request whose server dies is given up."""
    while not is_over.is_set():
        batch = [next(numbers) for _ in range(PER_REQUEST)]
        with suppress(OSError, HTTPException):
            if server.store(multipart(*map(object_of, batch))).status == 200:
                acknowledged.update(batch)


@contextmanager
def sending(server: Server, first: int) -> Iterator[set[int]]:
    """Several senders at work while the block runs; gives the numbers of the objects that were acknowledged."""
    acknowledged: set[int] = set()
    is_over = Event()
    with ThreadPoolExecutor(SENDERS) as pool:
        for sender in range(SENDERS):
            pool.submit(send, server, count(first + sender, SENDERS), acknowledged, is_over)
        try:
            yield acknowledged
        finally:
            is_over.set()


def store_and_kill(site: Site, first: int, chance: random.Random) -> set[int]:
    """One round: a server that is killed at any moment after it has acknowledged something. What it acknowledged."""
    with site.serving() as server, sending(server, first) as acknowledged:
        wait_until(lambda: bool(acknowledged))
        time.sleep(chance.uniform(0, 0.3))
        server.kill()
    return acknowledged


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(site: Site, chance: random.Random) -> None:
    acknowledged = set[int]().union(*(store_and_kill(site, number * 10**5, chance) for number in range(ROUNDS)))
    assert "the index and the files agree" in recover(site)
    assert {uid_of(number) for number in acknowledged} <= indexed(site)
    assert not list((site.data / "incoming").iterdir())
    with site.serving() as server:
        for number in chance.sample(sorted(acknowledged), 10):
            path = f"{STUDIES}/{dicoms.STUDY_UID}/series/{dicoms.SERIES_UID}/instances/{uid_of(number)}"
            assert server.request("GET", path, Accept="application/dicom").body == object_of(number)


def import_and_kill(site: Site, folder: Path, chance: random.Random) -> None:
    """One round: an import that is killed at any moment after it has stored something."""
    before = len(indexed(site))
    pid = site.fork("manage.py", "import", str(folder))
    wait_until(lambda: len(indexed(site)) > before)
    time.sleep(chance.uniform(0, 0.1))
    kill(pid)


def test_an_import_that_is_killed_goes_on_and_ends_complete(site: Site, chance: random.Random, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}").write_bytes(object_of(number))
    for _ in range(ROUNDS):
        import_and_kill(site, folder, chance)
        finished = rows(site.data / "imports.sqlite3", "SELECT instance FROM finished")
        assert finished <= indexed(site)
    assert len(indexed(site)) < FILES
    site.run("import", str(folder))
    assert indexed(site) == {uid_of(number) for number in range(FILES)}
    assert "the index and the files agree" in recover(site)
