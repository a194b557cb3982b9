"""Frame Time and Frame Time Vector."""

from fractions import Fraction
from itertools import accumulate

import pytest

from apps.video.objects.timing import LONGEST_VALUE, frame_time, frame_time_vector


@pytest.mark.parametrize(
    ("rate", "written"),
    [
        (Fraction(30000, 1001), "33.367"),
        (Fraction(24000, 1001), "41.708"),
        (Fraction(50), "20"),
        (Fraction(1, 100), "100000"),
    ],
)
def test_frame_time(rate: Fraction, written: str) -> None:
    assert frame_time(rate) == written
    assert float(written) == pytest.approx(float(1000 / rate), rel=1e-3)


def test_rounding_never_adds_up() -> None:
    intervals = [0.0] + [1000 / 29.97] * 3000
    written = frame_time_vector(intervals)
    assert written is not None
    assert written[0] == "0"
    for told, meant in zip(accumulate(map(float, written)), accumulate(intervals), strict=True):
        assert told == pytest.approx(meant, abs=0.0006)


def test_long_films_get_fewer_digits_and_longer_ones_no_vector() -> None:
    shorter = frame_time_vector([0.0] + [33.3667] * 12_000)
    assert shorter is not None
    assert len("\\".join(shorter)) <= LONGEST_VALUE
    assert max(len(each.partition(".")[2]) for each in shorter) == 1
    assert frame_time_vector([0.0] + [33.3667] * 20_000) is None
