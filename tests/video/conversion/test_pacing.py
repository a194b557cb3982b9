"""Which picture is shown at each place of a constant rate."""

from collections.abc import Iterable
from fractions import Fraction

import pytest
from av import VideoFrame

from apps.video.conversion.pacing import OneForOne, Steady

MILLISECOND = Fraction(1, 1000)


def shown(pacer: Steady | OneForOne, times: Iterable[int | None], lasting: int = 0) -> list[int]:
    """The number of the picture at each place, for pictures at `times` (milliseconds)."""
    places: list[int] = []
    numbers: dict[int, int] = {}
    pictures = [picture_at(time, lasting) for time in times]
    for number, picture in enumerate(pictures):
        numbers[id(picture)] = number
        for given, count in pacer.take(picture):
            places += [numbers[id(given)]] * count
    for given, count in pacer.finish():
        places += [numbers[id(given)]] * count
    return places


def picture_at(time: int | None, lasting: int) -> VideoFrame:
    picture = VideoFrame(16, 16, "yuv420p")
    picture.pts, picture.time_base, picture.duration = time, MILLISECOND, lasting
    return picture


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 100, 200, 300], [0, 1, 2, 3]),
        ([5000, 5100, 5200], [0, 1, 2]),  # it begins with the first picture, whenever that is
        ([0, 101, 199, 302], [0, 1, 2, 3]),  # a clock in milliseconds
        ([0, 100, 400, 500], [0, 1, 1, 1, 2, 3]),  # held
        ([0, 50, 100, 150, 200], [0, 2, 4]),  # left out
        ([0, 100, 100, 200], [0, 2, 3]),
        ([0, 100, 50, 200], [0, 2, 3]),  # out of order
        ([0, None, None, 300], [0, 1, 2, 3]),
        ([], []),
        ([0], [0]),
    ],
)
def test_a_picture_stays_until_the_next_is_due(times: list[int | None], expected: list[int]) -> None:
    assert shown(Steady(Fraction(10), 100), times) == expected


def test_the_last_picture_lasts_as_long_as_it_says() -> None:
    assert shown(Steady(Fraction(10), 100), [0, 100], lasting=300) == [0, 1, 1, 1]


def test_times_from_nowhere_fill_no_more_than_the_film_is_long() -> None:
    assert len(shown(Steady(Fraction(10), 25), [0, 100, 900_000_000])) == 25


def test_times_that_are_not_believed() -> None:
    assert shown(Steady(Fraction(60), 100, told=Fraction(120)), [0, 0, 9, 3, None, 7]) == [0, 2, 4]


def test_one_for_one() -> None:
    assert shown(OneForOne(), [0, 7, 7, None]) == [0, 1, 2, 3]
