"""The fuzzer finds what it is there for: wrong errors, endless loops, and too much memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz import campaign as fuzzing
from tests.fuzz.campaign import Target, TooSlow, attempt, campaign


def wrong_error(data: bytes) -> None:
    if b"\xff\xff" in data:
        raise IndexError("a defect")


def endless(_: bytes) -> None:
    while True:
        pass


def greedy(_: bytes) -> None:
    bytearray(fuzzing.MOST_MEMORY + (1 << 30))


def refusing(_: bytes) -> None:
    raise ValueError("not this")


def target(run: Callable[[bytes], None]) -> Target:
    return Target("planted", run, [b"good bytes"], (ValueError,), [b"\xff\xff"])


def test_a_finding_is_saved_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FUZZ_FINDINGS", str(tmp_path))
    monkeypatch.delenv("FUZZ_INPUT", raising=False)
    with pytest.raises(AssertionError, match="IndexError: a defect\nAgain: FUZZ_INPUT="):
        campaign(target(wrong_error), 0)
    (file,) = tmp_path.iterdir()
    monkeypatch.setenv("FUZZ_INPUT", str(file))
    with pytest.raises(IndexError):
        campaign(target(wrong_error), 0)


def test_an_endless_loop_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "MOST_SECONDS", 0.1)
    with pytest.raises(TooSlow):
        attempt(target(endless), b"")


def test_greed_is_found() -> None:
    with pytest.raises(MemoryError):
        attempt(target(greedy), b"")


def test_a_refusal_is_no_finding() -> None:
    campaign(target(refusing), 0)
