"""Kill -9 at random moments while remotes send: what was acknowledged is there, with the same content, ever after."""

import random
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from apps.dicom.network.errors import NetworkError
from tests import dicoms
from tests.dimse.site import DicomSite, Process
from tests.dimse.storing import data_set, sending, status
from tests.live import PATIENCE, wait_until

ROUNDS = 20
SWEEP = "from apps.archive.storage import sweep; print(sweep())"

pytestmark = pytest.mark.timeout(900)

TEMPLATE = dicoms.ct_slice(SOPInstanceUID=f"{dicoms.ROOT}.7.1000000")


def uid_of(number: int) -> str:
    return f"{dicoms.ROOT}.7.{1000000 + number}"


def object_of(number: int) -> bytes:
    """One of many objects that differ in their SOP Instance UID alone."""
    return TEMPLATE.replace(uid_of(0).encode(), uid_of(number).encode())


@pytest.fixture
def chance() -> random.Random:
    """Other moments in each run; the seed is shown when a test fails."""
    seed = time.time_ns()
    print(f"seed {seed}")
    return random.Random(seed)


def send(process: Process, numbers: Iterator[int], acknowledged: set[int]) -> None:
    """Send until the server is gone, and note what was acknowledged."""
    with suppress(NetworkError), sending(process.port) as association:
        while True:
            number = next(numbers)
            assert status(association, object_of(number)) == 0
            acknowledged.add(number)


def send_and_kill(site: DicomSite, first: int, senders: int, chance: random.Random) -> set[int]:
    """One round: a server that is killed at any moment after it has acknowledged something. What it acknowledged."""
    acknowledged: set[int] = set()
    with site.answering() as process, ThreadPoolExecutor(senders) as pool:
        sent = [pool.submit(send, process, count(first + each, senders), acknowledged) for each in range(senders)]
        wait_until(lambda: bool(acknowledged))
        time.sleep(chance.uniform(0, 0.2))
        process.kill()
    for each in sent:
        each.result()
    return acknowledged


def indexed(site: DicomSite) -> dict[str, str]:
    """The key of the file of each instance in the index."""
    with closing(sqlite3.connect(site.data / "fovea.sqlite3", timeout=PATIENCE)) as connection:
        return dict(connection.execute("SELECT sop_instance_uid, file_key FROM archive_instance"))


@pytest.mark.parametrize("senders", [1, 4])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    tmp_path: Path, chance: random.Random, senders: int
) -> None:
    with DicomSite(tmp_path) as site:
        site.prepare()
        acknowledged: set[int] = set()
        for number in range(ROUNDS):
            acknowledged |= send_and_kill(site, number * 10**4, senders, chance)
            files = sum(path.is_file() for path in site.data.glob("objects/*/*"))
            assert files - len(indexed(site)) <= (number + 1) * senders
        assert int(site.run("shell", "--no-imports", "-c", SWEEP)) <= ROUNDS * senders
        assert "the index and the files agree" in site.run("verify")
        keys = indexed(site)
        assert {uid_of(number) for number in acknowledged} <= keys.keys()
        for number in acknowledged:
            path = site.data / "objects" / keys[uid_of(number)]
            assert data_set(path.read_bytes()) == data_set(object_of(number))
