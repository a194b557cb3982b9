"""Codecs in child processes: what crashes, hangs or grows there costs one answer and nothing else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from apps.dicom import pixels
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.isolation import decoding, wire
from apps.dicom.isolation.pool import Busy, Pool
from apps.dicom.isolation.process import ROOT, CodecProcess

JPEG_LS = "1.2.840.10008.1.2.4.80"
ECHO = "apps.dicom.source.as_source"
# A loop without an end worth waiting for: it looks for zeros in far more bytes than there are.
HANG = ("apps.dicom.source.is_zero", b"\0", 0, 1 << 60)


def image(rows: int = 8, columns: int = 8) -> PixelDescription:
    return PixelDescription(rows, columns, 1, "MONOCHROME2", 16, 16, 15, 0, 0, 1)


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


def pid_of(pool: Pool) -> int:
    """The process that the next call goes to."""
    pool.call(ECHO, b"")
    return pool._free[-1].pid


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def await_end(pid: int) -> None:
    while is_alive(pid):
        os.sched_yield()


def busy(pool: Pool, threads: ThreadPoolExecutor) -> "tuple[int, Future[Any]]":
    """A child that hangs in a task, and what its caller will get."""
    pid = pid_of(pool)
    caller = threads.submit(pool.call, *HANG)
    before = Path(f"/proc/{pid}/stat").read_text().split()[13]
    while Path(f"/proc/{pid}/stat").read_text().split()[13] == before:
        os.sched_yield()
    return pid, caller


def test_a_frame_decoded_apart_is_what_it_is_here() -> None:
    samples = np.arange(64, dtype=np.uint16).reshape(8, 8) * 999
    compressed = imagecodecs.jpegls_encode(samples)
    apart = decoding.decode_frame(compressed, image(), JPEG_LS)
    assert apart.dtype == samples.dtype
    np.testing.assert_array_equal(apart, pixels.decode_frame(compressed, image(), JPEG_LS))
    np.testing.assert_array_equal(apart, samples)


def test_a_native_frame_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding.pool, "call", None)
    frame = decoding.decode_frame(bytes(range(128)), image(), "1.2.840.10008.1.2.1")
    assert frame[0, 0] == 0x0100


def test_what_a_codec_says_is_said_here() -> None:
    with pytest.raises(Undecodable, match=r"damaged|no JPEG stream"):
        decoding.decode_frame(b"no image", image(), JPEG_LS)


@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGKILL])
def test_a_codec_that_crashes_costs_one_answer(pool: Pool, death: signal.Signals) -> None:
    with ThreadPoolExecutor() as threads:
        pid, caller = busy(pool, threads)
        assert pool.call(ECHO, b"meanwhile") == b"meanwhile"
        os.kill(pid, death)
        with pytest.raises(Undecodable, match="can't be decoded: its decoder crashed"):
            caller.result()
    assert pool.call(ECHO, b"afterwards") == b"afterwards"


def test_a_codec_that_hangs_is_killed_in_time(pool: Pool) -> None:
    pid = pid_of(pool)
    with pytest.raises(Undecodable, match="would take more than 0 seconds"):
        pool.call(*HANG, seconds=0.05)
    assert not is_alive(pid)
    assert pool.call(ECHO, b"afterwards") == b"afterwards"


def test_a_codec_that_grows_is_stopped(pool: Pool) -> None:
    pid = pid_of(pool)
    with pytest.raises(Undecodable, match="too much memory"):
        pool.call("apps.dicom.rle.decode_rle", b"", image(65535, 65535))
    assert pid_of(pool) == pid


def test_a_child_dies_with_its_parent_even_while_it_hangs() -> None:
    script = (
        "import threading; from apps.dicom.isolation.pool import _pool as pool\n"
        "pool.call('apps.dicom.source.as_source', b'')\n"
        "print(pool._free[-1].pid, flush=True)\n"
        f"pool.call(*{HANG})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    await_end(child)


def test_an_idle_child_that_has_left_is_replaced_unnoticed(pool: Pool) -> None:
    pool.call(ECHO, b"")
    child = pool._free[-1]
    # The child takes the end of its input for the end of its time, as after two idle minutes.
    child._channel.shutdown(1)
    await_end(child.pid)
    assert pool.call(ECHO, b"still here") == b"still here"


def test_there_are_never_more_children_than_allowed(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.dicom.isolation.pool.WAIT_SECONDS", 0.05)
    with ThreadPoolExecutor() as threads:
        hung = [busy(pool, threads) for _ in range(2)]
        with pytest.raises(Busy):
            pool.call(ECHO, b"")
        for pid, _ in hung:
            os.kill(pid, signal.SIGKILL)
    assert pool.call(ECHO, b"afterwards") == b"afterwards"


def test_many_threads_get_each_its_own_answer(pool: Pool) -> None:
    questions = [bytes([number]) * number * 1000 for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda data: pool.call(ECHO, data), questions)) == questions
    assert len(pool._free) <= 2


@pytest.mark.parametrize("task", ["os.system", "apps.core.errors.FoveaError", "apps.dicom.source.mmap", "nothing"])
def test_only_functions_of_the_pure_package_are_tasks(pool: Pool, task: str) -> None:
    with pytest.raises(RuntimeError, match=r"is no function of apps\.dicom"):
        pool.call(task, b"true")


def test_a_child_sees_no_secrets_and_leaves_no_core(pool: Pool) -> None:
    pid = pid_of(pool)
    names = {entry.partition(b"=")[0] for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")}
    assert names <= {b"", b"PATH", b"LANG", b"PYTHONDONTWRITEBYTECODE", b"OPENBLAS_NUM_THREADS", b"OMP_NUM_THREADS"}
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    assert next(line for line in limits if line.startswith("Max core file size")).split()[4] == "0"


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"{}",
        b"not json",
        b'{"bytes": -1}',
        b'{"bytes": 999999}',
        b'{"array": "|O", "shape": [1]}',
        b'{"array": "<u2", "shape": [65535, 65535, 65535]}',
        b'{"array": "<u2", "shape": [4, 4]}',
        b"[" * 60_000,
    ],
)
def test_a_child_that_was_taken_over_is_not_believed(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    child = CodecProcess()
    monkeypatch.setattr(wire, "receive", lambda *_: answer)
    with pytest.raises(Undecodable):
        child.call(ECHO, b"12", (), 5)
    assert not child.is_open
