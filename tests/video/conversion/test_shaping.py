"""Sizes, rates and levels of what is encoded anew."""

from fractions import Fraction

import pytest

from apps.video.conversion.shaping import even, level_of, shape, steady, usual, within
from tests.video.conversion.facts import probe, scan


@pytest.mark.parametrize(
    ("size", "rate", "level"),
    [
        ((1920, 1080), 30, 41),
        ((1920, 1080), 31, 42),
        ((1920, 1080), 60, 42),
        ((1920, 1080), 65, 0),
        ((2048, 1024), 30, 41),
        ((2048, 1088), 60, 42),
        ((2048, 1104), 25, 0),
        ((4096, 16), 25, 41),
        ((4224, 16), 25, 0),
    ],
)
def test_the_level_is_the_first_that_holds_the_pictures(size: tuple[int, int], rate: int, level: int) -> None:
    assert level_of(*size, Fraction(rate)) == level


def test_upright_phones_keep_their_form() -> None:
    made = shape(probe(columns=3840, rows=2160, rotation=90), scan(), Fraction(30), keep_4k=False)
    assert (made.columns, made.rows, made.level) == (1080, 1920, 41)


def test_larger_than_hevc_allows_is_scaled_too() -> None:
    made = shape(probe(columns=7680, rows=4320), scan(), Fraction(30), keep_4k=True)
    assert (made.columns, made.rows, made.is_hevc) == (1920, 1080, False)


def test_lines_of_any_length_have_an_even_number_of_pixels() -> None:
    assert [even(length) for length in (0, 1, 2, 3, Fraction(1279, 2), 640)] == [2, 2, 2, 4, 640, 640]
    assert within(1000, 10, (500, 500)) == (500, 4)


@pytest.mark.parametrize(
    ("intervals", "rate"),
    [
        ([0.0, 33.333, 33.333, 33.334, 66.667], 30),
        ([0.0, 33.367, 33.367, 50.0], Fraction(30000, 1001)),
        ([0.0, 4.0, 4.0], 60),
        ([0.0, 5000.0], 1),
        ([], Fraction(17)),
    ],
)
def test_the_constant_rate_is_that_of_most_pictures(intervals: list[float], rate: Fraction) -> None:
    assert steady(Fraction(17), intervals) == rate


def test_measured_rates_are_those_that_cameras_have() -> None:
    assert usual(Fraction("29.96")) == Fraction(30000, 1001)
    assert usual(Fraction("24.99")) == 25
    assert usual(Fraction(10)) == 10
