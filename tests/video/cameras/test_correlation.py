"""Two sounds of one room: where they fit, to a thousandth of a second, and when that can't be told."""

import numpy as np
import pytest

from apps.video.cameras.correlation import RATE, Ambiguous, Samples, match


def room(seconds: float = 20.0, seed: int = 1) -> Samples:
    """Steps, voices, instruments: noise whose loudness changes without a rule."""
    chance = np.random.default_rng(seed)
    count = int(seconds * RATE)
    loud = np.repeat(chance.random(count // 400 + 1) ** 3, 400)[:count]
    return (chance.standard_normal(count) * loud * 0.1).astype(np.float32)


def hiss(count: int, seed: int, level: float = 0.003) -> Samples:
    return (np.random.default_rng(seed).standard_normal(count) * level).astype(np.float32)


def hum(count: int) -> Samples:
    return (0.2 * np.sin(2 * np.pi * 50 * np.arange(count) / RATE)).astype(np.float32)


@pytest.mark.parametrize("late", [0.0, 0.0125, 1.2345, 7.5])
def test_the_place_is_found_whichever_began_first(late: float) -> None:
    heard, lag = room(), round(late * RATE)
    first, second = heard + hiss(len(heard), 2), 0.3 * heard[lag:] + hiss(len(heard) - lag, 3)
    for one, other, expected in ((first, second, late), (second, first, -late)):
        found = match(one, other)
        assert found.offset == pytest.approx(expected, abs=0.001)
        assert found.confidence > 2


def test_a_hum_does_not_matter() -> None:
    heard = room()
    first, second = heard + hum(len(heard)), heard[RATE * 3 :] + hum(len(heard) - RATE * 3)
    assert match(first, second).offset == pytest.approx(3.0, abs=0.001)


def test_clipped_and_partly_together() -> None:
    heard = room(30)
    first, second = heard[: RATE * 20], np.clip(heard[RATE * 12 :] * 3, -0.1, 0.1)
    assert match(first, second).offset == pytest.approx(12.0, abs=0.002)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (room(seed=1), room(seed=2)),
        (np.zeros(RATE * 10, np.float32), np.zeros(RATE * 10, np.float32)),
        (room(), np.zeros(RATE * 10, np.float32)),
        (hum(RATE * 10), hum(RATE * 10)),
        (hiss(RATE * 10, 4), hiss(RATE * 10, 5)),
        (np.tile(room(2), 8), np.tile(room(2), 6)),
        (room(1), room(1)),
        (np.zeros(0, np.float32), room()),
    ],
    ids=["other-rooms", "silence", "one-silent", "hum", "hiss", "repeating", "short", "nothing"],
)
def test_what_can_not_be_told_is_refused(first: Samples, second: Samples) -> None:
    with pytest.raises(Ambiguous):
        match(first, second)
