"""The rate of a film from the times of its pictures."""

from fractions import Fraction

import pytest

from apps.video.streams.facts import Timing
from apps.video.streams.timing import ASSUMED_RATE, Clock, timing

MILLISECOND, TICK = Fraction(1, 1000), Fraction(1, 90_000)
NTSC = Fraction(30000, 1001)


def measured(times: list[int], base: Fraction, *rates: Fraction, ordered: bool = False) -> Timing:
    """Of pictures that are shown, and decoded, at these times."""
    return timing(Clock(times, sorted(times), base, len(times), rates, ordered))


def beat(rate: Fraction, count: int, base: Fraction, start: Fraction = Fraction(0)) -> list[int]:
    """Times of an even beat, rounded to ticks."""
    return [round((start + number / rate) / base) for number in range(count)]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30), NTSC, Fraction(60), Fraction(24000, 1001), Fraction(15)])
@pytest.mark.parametrize("base", [MILLISECOND, TICK])
def test_rounding_to_ticks_is_no_variation(rate: Fraction, base: Fraction) -> None:
    found = measured(beat(rate, 300, base), base)
    assert (found.rate, found.is_constant, found.intervals) == (rate, True, ())
    assert float(found.span) == pytest.approx(300 / rate, abs=0.002)


@pytest.mark.parametrize("rate", [NTSC, Fraction(30)])
def test_where_a_short_film_leaves_a_choice_the_stream_chooses(rate: Fraction) -> None:
    """In twenty pictures that are counted in milliseconds 30 and 29.97 can't be told apart."""
    assert measured(beat(rate, 20, MILLISECOND), MILLISECOND, rate).rate == rate


def test_a_claim_that_does_not_fit_is_not_believed() -> None:
    assert measured(beat(Fraction(30), 60, TICK), TICK, Fraction(60), Fraction(25)).rate == 30


def test_milliseconds_taken_over_into_finer_ticks_are_no_variation() -> None:
    times = [time * 90 for time in beat(Fraction(30), 600, MILLISECOND)]
    found = measured(times, TICK)
    assert found.is_constant
    assert float(found.rate) == pytest.approx(30, rel=1e-4)


def test_an_unusual_rate_is_what_was_measured() -> None:
    found = measured([number * 37 for number in range(200)], MILLISECOND)
    assert found.is_constant
    assert found.rate == Fraction(1000, 37)


def test_a_gap_at_the_end_of_a_cut_film_is_no_variation() -> None:
    times = beat(Fraction(30), 100, TICK)
    assert measured([*times, times[-1] + 3 * 3000], TICK).is_constant


def test_a_long_gap_is_variation() -> None:
    times = beat(Fraction(30), 100, TICK)
    found = measured([*times, times[-1] + 90_000], TICK)
    assert not found.is_constant
    assert list(found.intervals[:2]) == pytest.approx([0.0, 100 / 3])
    assert found.intervals[-1] == pytest.approx(1000)


def test_a_telephones_pictures_vary() -> None:
    steps = [33, 33, 42, 33, 67, 33, 33, 50] * 10
    times = [sum(steps[:number]) for number in range(81)]
    found = measured(times, MILLISECOND)
    assert not found.is_constant
    assert len(found.intervals) == 81
    assert float(found.rate) == pytest.approx(1000 / 40.5, rel=0.01)
    assert float(found.span) == pytest.approx(81 / found.rate, rel=1e-3)


def test_all_intervals_may_differ() -> None:
    times = [0, 100, 300, 700, 1500]
    found = measured(times, MILLISECOND)
    assert not found.is_constant
    assert found.intervals == (0.0, 100.0, 200.0, 400.0, 800.0)


def test_times_in_the_order_of_decoding_are_put_in_order() -> None:
    assert measured([0, 120, 40, 80, 240, 160, 200], MILLISECOND).rate == 25


def test_times_that_many_pictures_share_are_garbage() -> None:
    clock = Clock([0, 0, 40, 40, 80, 80] * 2, list(range(0, 12 * 33, 33)), MILLISECOND, 12, (Fraction(30),))
    assert timing(clock).rate == pytest.approx(Fraction(1000, 33))


def test_what_has_no_times_is_believed_or_assumed() -> None:
    assert timing(Clock((), (), TICK, 50, (Fraction(50),))) == Timing(Fraction(50), True, Fraction(0), Fraction(1))
    assert timing(Clock((), (), TICK, 50, ())).rate == ASSUMED_RATE


def test_of_a_container_that_tells_only_an_order_the_order_counts() -> None:
    times = [0, 5, 1, 4, 9, 13, 20]
    clock = Clock(times, list(range(0, 14, 2)), Fraction(1, 60), 7, (), is_only_ordered=True)
    assert timing(clock).rate == 30


def test_one_picture_lasts_as_long_as_is_claimed() -> None:
    assert measured([90_000], TICK, Fraction(10)) == Timing(Fraction(10), True, Fraction(1), Fraction(1, 10))


def test_a_list_of_times_that_no_vector_holds_is_not_made() -> None:
    times = [number * 40 + (number % 3) * 9 for number in range(30_000)]
    found = measured(times, MILLISECOND)
    assert not found.is_constant
    assert found.intervals == ()
