"""Which pixels a figure holds, pixel by pixel, and what is said of them against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.measurements.content import regions

SHAPE = (23, 31)
COLUMNS, ROWS = np.meshgrid(np.arange(SHAPE[1]) + 0.5, np.arange(SHAPE[0]) + 0.5)
VALUES = np.random.default_rng(7).normal(100.0, 50.0, SHAPE)


def test_a_rectangle_holds_the_pixels_whose_middle_is_in_it() -> None:
    mask = regions.polygon(SHAPE, [[4.2, 3.6], [13.8, 3.6], [13.8, 9.4], [4.2, 9.4]])
    expected = np.zeros(SHAPE, bool)
    expected[4:9, 4:14] = True
    expected[3, 4:14] = False
    assert np.array_equal(mask, expected)


def test_polygons_side_by_side_share_no_pixel() -> None:
    """Cut right through the middles of pixels."""
    left = regions.polygon(SHAPE, [[0, 0], [10.5, 0], [10.5, 23], [0, 23]])
    right = regions.polygon(SHAPE, [[10.5, 0], [31, 0], [31, 23], [10.5, 23]])
    assert not (left & right).any()
    assert (left | right).all()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-5, 36), st.floats(-5, 28)), min_size=3, max_size=9))
def test_polygons_by_the_even_odd_rule(points: list[tuple[float, float]]) -> None:
    expected = np.zeros(SHAPE, int)
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        crosses = (y0 <= ROWS) != (y1 <= ROWS)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            at = x0 + (ROWS - y0) / np.float64(y1 - y0) * (x1 - x0)
            expected += crosses & (at <= COLUMNS)
    assert np.array_equal(regions.polygon(SHAPE, points), expected % 2 == 1)


@pytest.mark.parametrize("degrees", [0.0, 20.0, 90.0, 133.0])
def test_ellipses_lie_as_they_are_drawn(degrees: float) -> None:
    theta = np.radians(degrees)
    centre, along = np.array([15.2, 11.4]), np.array([np.cos(theta), np.sin(theta)])
    across = np.array([-along[1], along[0]])
    ends = [centre - 8 * along, centre + 8 * along, centre - 3 * across, centre + 3 * across]
    x, y = COLUMNS - centre[0], ROWS - centre[1]
    expected = ((x * along[0] + y * along[1]) / 8) ** 2 + ((x * across[0] + y * across[1]) / 3) ** 2 <= 1
    assert np.array_equal(regions.ellipse(SHAPE, ends), expected)


def test_a_circle_is_round_in_the_body() -> None:
    """Pixels of 2 mm by 1 mm: its rim is 6 mm away, to the right and downwards."""
    expected = (2 * (ROWS - 11)) ** 2 + (COLUMNS - 15) ** 2 <= 36
    for rim in ([21, 11], [15, 14]):
        assert np.array_equal(regions.circle(SHAPE, [[15, 11], rim], 2.0, 1.0), expected)


def test_the_outline_of_a_circle_belongs_to_it() -> None:
    mask = regions.circle(SHAPE, np.float32([[10.5, 10.5], [13.5, 10.5]]))
    assert mask[10, 13]
    assert mask[7, 10]
    assert not mask[6, 10]


def test_figures_beside_the_image_hold_nothing() -> None:
    assert not regions.circle(SHAPE, [[-50, -50], [-45, -50]]).any()
    assert not regions.polygon(SHAPE, [[40, 0], [50, 0], [45, 10]]).any()
    assert not regions.point(SHAPE, [[31.0, 5.0]]).any()
    with pytest.raises(ValueError, match="two axes"):
        regions.ellipse(SHAPE, [[1, 1], [5, 1], [3, 1], [3, 1]])


def test_a_point_is_in_one_pixel() -> None:
    assert np.argwhere(regions.point(SHAPE, [[4.999, 7.0]])).tolist() == [[7, 4]]


@given(st.integers(0, 2**31 - 1))
def test_statistics_are_those_of_numpy(seed: int) -> None:
    mask = np.random.default_rng(seed).random(SHAPE) < 0.3
    found = regions.statistics_of(VALUES, mask)
    assert found is not None
    inside = VALUES[mask]
    assert found.pixels == len(inside)
    told = (found.mean, found.standard_deviation, found.minimum, found.maximum)
    assert told == pytest.approx((inside.mean(), np.std(inside), inside.min(), inside.max()), abs=1e-6)


def test_what_was_not_imaged_is_left_out() -> None:
    values = np.array([[1.0, np.nan], [3.0, np.inf]])
    found = regions.statistics_of(values, np.ones((2, 2), bool))
    assert found == regions.Statistics(2, 2.0, 1.0, 1.0, 3.0)
    assert regions.statistics_of(values, np.zeros((2, 2), bool)) is None
    assert regions.statistics_of(np.full((2, 2), np.nan), np.ones((2, 2), bool)) is None
