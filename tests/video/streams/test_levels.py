"""Levels of H.264: the rows of ITU-T H.264, table A-1."""

from fractions import Fraction

import pytest

from apps.video.streams.levels import BEYOND, Load, needed_level


def load(columns: int, rows: int, rate: int, megabits: float = 4, references: int = 4) -> Load:
    """Five seconds, each picture of which has the same size."""
    size = int(megabits * 1_000_000 / 8 / rate)
    return Load(-(-columns // 16), -(-rows // 16), references, Fraction(rate), [size] * 5 * rate)


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (load(176, 144, 15, 0.05), 10),
        (load(352, 288, 30, 0.5), 13),
        (load(720, 576, 25), 30),
        (load(1280, 720, 30), 31),
        (load(1280, 720, 60), 32),
        (load(1920, 1080, 30), 40),
        (load(1920, 1080, 25, 40), 41),
        (load(1920, 1080, 60), 42),
        (load(1920, 1080, 60, 90), 50),
        (load(3840, 2160, 30), 51),
        (load(3840, 2160, 60), 52),
        (load(7680, 4320, 30), 60),
        (load(16384, 16384, 30), BEYOND),
    ],
)
def test_the_lowest_level_that_allows_it(asked: Load, level: int) -> None:
    assert needed_level(asked) == level


def test_pictures_that_are_kept_count() -> None:
    assert needed_level(load(1280, 720, 30, references=5)) == 31
    assert needed_level(load(1280, 720, 30, references=6)) == 40


def test_a_picture_may_not_be_too_long() -> None:
    """Neither side may have more macroblocks than the square root of eight times MaxFS (A.3.1)."""
    assert needed_level(load(4096, 64, 10)) == 40


def test_one_picture_may_fill_the_buffer_but_not_overflow_it() -> None:
    quiet = load(640, 480, 30, 1)
    room = 10_000 * 1250 // 8
    assert needed_level(Load(40, 30, 4, Fraction(30), [room, *quiet.sizes])) == 30
    assert needed_level(Load(40, 30, 4, Fraction(30), [room + 1, *quiet.sizes])) == 31
