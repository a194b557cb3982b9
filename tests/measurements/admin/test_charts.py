"""Charts: where the dots lie, and what is said of them."""

from datetime import UTC, datetime, timedelta

from apps.measurements.admin.charts import BOTTOM, HEIGHT, LEFT, MOST_DOTS, RIGHT, TOP, WIDTH, Moment, chart

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def on(day: int, value: float, *, is_verified: bool = True) -> Moment:
    return Moment(BEGIN + timedelta(days=day), value, is_verified)


def places(*moments: Moment) -> list[tuple[float, float]]:
    return [(float(dot.x), float(dot.y)) for dot in chart("Length", "mm", moments).dots]


def test_time_goes_to_the_right_to_scale_and_more_is_higher() -> None:
    left, right, low = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    found = places(on(0, 10), on(30, 30), on(40, 20))
    assert found == [(left, low), (round(left + 0.75 * (right - left), 1), TOP), (right, (low + TOP) / 2)]


def test_one_value_and_equal_values_are_in_the_middle() -> None:
    assert places(on(0, 10)) == [((LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2)]
    assert {y for _, y in places(on(0, 10), on(5, 10))} == {(TOP + HEIGHT - BOTTOM) / 2}


def test_it_says_what_it_shows() -> None:
    drawn = chart("Tumour · Length", "mm", [on(0, 10.126), on(30, -3, is_verified=False)])
    assert drawn.text == "Tumour · Length over time: 2024-01-01: 10.13 mm; 2024-01-31: -3 mm"
    assert (drawn.highest, drawn.lowest, drawn.first, drawn.last) == ("10.13 mm", "-3 mm", "2024-01-01", "2024-01-31")
    assert [dot.is_verified for dot in drawn.dots] == [True, False]
    assert drawn.points == " ".join(f"{dot.x},{dot.y}" for dot in drawn.dots)


def test_of_very_many_the_newest_are_drawn() -> None:
    drawn = chart("Length", "mm", [on(day, day) for day in range(MOST_DOTS + 5)])
    assert (len(drawn.dots), drawn.lowest) == (MOST_DOTS, "5 mm")
