"""Lengths, angles, areas and volumes against what is known of the figures."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.measurements.content import geometry

DEGREES = st.floats(0.0, 180.0)
TURNS = st.floats(-math.pi, math.pi)


def turned(points: object, angle: float) -> np.ndarray:
    """Points in a plane that lies askew in space, turned about an axis of no importance."""
    flat = np.pad(np.asarray(points, float), ((0, 0), (0, 1)))
    a, b = math.cos(angle), math.sin(angle)
    about_z = np.array([[a, -b, 0], [b, a, 0], [0, 0, 1.0]])
    about_x = np.array([[1.0, 0, 0], [0, a, -b], [0, b, a]])
    return flat @ about_z.T @ about_x.T + [300.0, -200.0, 1500.0]


@given(DEGREES, TURNS, st.floats(0.1, 200.0), st.floats(0.1, 200.0))
def test_an_angle_is_exact_to_a_billionth_wherever_it_lies(degrees: float, turn: float, a: float, b: float) -> None:
    theta = math.radians(degrees)
    points = [[a, 0.0], [0.0, 0.0], [b * math.cos(theta), b * math.sin(theta)]]
    assert geometry.angle(points) == pytest.approx(degrees, abs=1e-9)
    # Where it lies far from the origin, the coordinates themselves are rounded.
    assert geometry.angle(turned(points, turn)) == pytest.approx(degrees, abs=1e-8)


@given(st.floats(0.0, 90.0))
def test_a_cobb_angle_is_that_between_the_lines_whichever_way_they_are_drawn(degrees: float) -> None:
    theta = math.radians(degrees)
    one, other = [[0.0, 0.0], [30.0, 0.0]], [[5.0, 40.0], [5 + 20 * math.cos(theta), 40 + 20 * math.sin(theta)]]
    for first in (one, one[::-1]):
        for second in (other, other[::-1]):
            assert geometry.cobb_angle([*first, *second]) == pytest.approx(degrees, abs=1e-9)


def test_lengths() -> None:
    assert geometry.length([[0, 0], [3, 4]]) == 5.0
    assert geometry.length([[0, 0, 0], [1, 2, 2], [1, 2, 12]]) == 13.0
    assert geometry.perimeter([[0, 0], [3, 0], [3, 4]]) == 12.0
    # Closed already: its first point again is no way.
    assert geometry.perimeter([[0, 0], [3, 0], [3, 4], [0, 0]]) == 12.0


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([[0, 0], [4, 0], [4, 3]], 6.0),
        ([[0, 0], [0, 3], [4, 3]], 6.0),
        ([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], 10.0),
        ([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], 16.0),
    ],
)
def test_areas_of_polygons(points: list[list[float]], expected: float) -> None:
    assert geometry.area(points) == expected
    assert geometry.area(turned(points, 0.7)) == pytest.approx(expected, rel=1e-10)


def test_ellipses_and_circles() -> None:
    assert geometry.ellipse_area([[0, 5], [8, 5], [4, 2], [4, 8]]) == pytest.approx(math.pi * 4 * 3)
    assert geometry.circle_area([[1, 1], [4, 5]]) == pytest.approx(math.pi * 25)
    assert geometry.circle_perimeter([[1, 1], [4, 5]]) == pytest.approx(math.pi * 10)


def oval(long: float, short: float, turn: float, corners: int = 180) -> np.ndarray:
    """An ellipse of these axes."""
    around = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    x, y = np.cos(around) * long / 2, np.sin(around) * short / 2
    a, b = math.cos(turn), math.sin(turn)
    return np.column_stack([x * a - y * b + 100, x * b + y * a + 50])


@settings(max_examples=30)
@given(TURNS, st.floats(5.0, 100.0), st.floats(0.2, 0.95))
def test_axes_of_an_oval(turn: float, long: float, ratio: float) -> None:
    found = geometry.axes_of_outline(oval(long, long * ratio, turn))
    assert geometry.length(found.long) == pytest.approx(long, rel=1e-3)
    assert geometry.length(found.short) == pytest.approx(long * ratio, rel=1e-3)
    across = np.diff(found.long, axis=0)[0] @ np.diff(found.short, axis=0)[0]
    assert across == pytest.approx(0.0, abs=1e-6 * long**2)


def test_axes_of_outlines_with_corners() -> None:
    """The short axis is a line within the figure, not how wide it is in all."""
    kite = geometry.axes_of_outline([[0, 0], [10, 3], [30, 0], [10, -2]])
    assert (geometry.length(kite.long), geometry.length(kite.short)) == pytest.approx((30.0, 5.0))
    skew = geometry.axes_of_outline([[0, 0], [10, 4], [30, 0], [20, -4]])
    assert geometry.length(skew.short) == pytest.approx(6.0)
    dented = geometry.axes_of_outline([[0, 0], [10, 4], [12, 0], [14, 4], [30, 0], [12, -3]])
    assert geometry.length(dented.short) == pytest.approx(7.0)
    for line in ([[0, 0], [1, 1], [2, 2]], [[3, 3]] * 3):
        with pytest.raises(ValueError, match="one line"):
            geometry.axes_of_outline(line)


def cylinder(places: list[float], radius: float = 10.0, turn: float = 0.0) -> list[np.ndarray]:
    """Squares of 2 * radius at these heights, each drawn the other way round than the one before."""
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * radius
    contours = [np.column_stack([square, np.full(4, place)])[:: (-1) ** number] for number, place in enumerate(places)]
    return [turned(each[:, :2], turn) + normal(turn) * each[0, 2] for each in contours]


def normal(turn: float) -> np.ndarray:
    return np.cross(*np.diff(turned([[0, 0], [1, 0], [1, 1]], turn), axis=0))


@pytest.mark.parametrize("turn", [0.0, 0.9])
@pytest.mark.parametrize(
    ("places", "height"),
    [([0.0, 8.0, 16.0, 24.0], 32.0), ([16.0, 0.0, 8.0], 24.0), ([0.0, 5.0], 10.0), ([0.0, 4.0, 6.0], 9.0)],
)
def test_volumes_of_contours(places: list[float], height: float, turn: float) -> None:
    assert geometry.volume_of_contours(cylinder(places, turn=turn)) == pytest.approx(400 * height / 1000)


def test_two_contours_in_one_plane_are_added() -> None:
    one = cylinder([0.0, 5.0])
    both = [*one, *(np.add(each, [50.0, 0, 0]) for each in one)]
    assert geometry.volume_of_contours(both) == pytest.approx(8.0)


def test_contours_that_have_no_volume_are_refused() -> None:
    with pytest.raises(ValueError, match="parallel"):
        geometry.volume_of_contours(cylinder([0.0]) + cylinder([10.0], turn=0.3))
    with pytest.raises(ValueError, match="no volume"):
        geometry.volume_of_contours(cylinder([3.0, 3.0]))
    with pytest.raises(ValueError, match="no plane"):
        geometry.volume_of_contours([[[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 0, 5], [1, 0, 5], [2, 0, 5]]])


@pytest.mark.parametrize(
    ("function", "points"),
    [
        (geometry.length, [[0, 0]]),
        (geometry.area, [[0, 0], [1, 1]]),
        (geometry.angle, [[0, 0], [0, 0], [1, 1]]),
        (geometry.length, [[0, 0], [math.nan, 1]]),
        (geometry.length, [[0, 0, 0, 0], [1, 1, 1, 1]]),
        (geometry.length, [0, 1, 2, 3]),
    ],
)
def test_what_is_no_figure_is_refused(function: object, points: object) -> None:
    with pytest.raises(ValueError, match=r"points"):
        function(points)  # type: ignore[operator]
