"""The curve through the points of an arch."""

from itertools import pairwise
from math import inf, nan, pi

import numpy as np
import pytest

from apps.archive.phantom import jaw
from apps.volumes.curves.arch import MOST_POINTS, Arch, curve
from tests.volumes.curves.arches import jaw_arch, small_arch


def half_circle(radius: float, count: int) -> Arch:
    angles = np.linspace(pi, 0, count)
    return Arch(tuple((radius * float(np.cos(a)), -radius * float(np.sin(a))) for a in angles), 0.0)


def test_it_goes_through_its_points_from_the_first_to_the_last() -> None:
    arch = small_arch()
    line = curve(arch, 0.05)
    for point in arch.points:
        assert np.linalg.norm(line.points - point, axis=1).min() < 0.051
    assert tuple(line.points[0]) == pytest.approx(arch.points[0])
    assert line.length - 0.05 < 0.05 * (len(line.points) - 1) <= line.length


def test_its_steps_are_even() -> None:
    line = curve(jaw_arch(), 0.5)
    steps = np.linalg.norm(np.diff(line.points, axis=0), axis=1)
    assert np.abs(steps - 0.5).max() < 5e-4


def test_it_is_as_long_as_what_it_follows() -> None:
    assert curve(half_circle(25, 15), 1).length == pytest.approx(25 * pi, rel=2e-3)
    assert curve(jaw_arch(), 1).length == pytest.approx(2 * float(jaw.arch_length(np.array(31.0))), rel=1e-3)


def test_it_follows_a_jaw() -> None:
    line = curve(jaw_arch(), 0.5)
    assert np.abs(line.points[:, 1] - jaw.arch(line.points[:, 0])).max() < 0.1


def test_its_normals_point_to_the_cheeks() -> None:
    line = curve(half_circle(25, 15), 0.5)
    assert np.abs(np.linalg.norm(line.normals, axis=1) - 1).max() < 1e-12
    assert np.abs((line.normals * line.tangents).sum(axis=1)).max() < 1e-12
    inner = slice(10, -10)
    assert np.abs(line.normals[inner] - line.points[inner] / 25).max() < 0.03
    assert line.tangents[len(line.tangents) // 2] == pytest.approx((1, 0), abs=0.02)


def test_points_that_are_unevenly_spaced_make_no_loops() -> None:
    line = curve(Arch(((-30.0, 20.0), (-29.0, 18.0), (0.0, -25.0), (1.2, -25.0), (30.0, 20.0)), 0.0), 0.5)
    headings = np.unwrap(np.arctan2(line.tangents[:, 1], line.tangents[:, 0]))
    assert np.ptp(headings) < pi


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([(-10, 5), (10, 5)], "3 to 40"),
        ([(float(x), 0.1 * (x - 20) ** 2) for x in range(MOST_POINTS + 1)], "3 to 40"),
        ([(-10, 5), (0, nan), (10, 5)], "millimetres"),
        ([(-10, 5), (0, inf), (10, 5)], "millimetres"),
        ([(-10, 5), (0, -20_000), (10, 5)], "millimetres"),
        ([(-10, 5), (0, -5), (0, -5), (10, 5)], "closer"),
        ([(10, 5), (0, -5), (-10, 5)], "right to the left"),
        ([(-300, 5), (0, -5), (300, 5)], "longer"),
        ([(-10, 5), (10, -5), (10, 5), (-10, -5), (20, -10)], "crosses"),
    ],
)
def test_what_is_no_arch_is_refused_in_words(points: list[tuple[float, float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        curve(Arch(tuple(points), 0.0), 0.5)


@pytest.mark.parametrize("spacing", [0.0, -1.0, nan, 1e-6, inf])
def test_a_spacing_out_of_bounds_is_refused(spacing: float) -> None:
    with pytest.raises(ValueError, match="spacing"):
        curve(small_arch(), spacing)


def test_the_same_points_moved_and_turned_make_the_same_curve() -> None:
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    moved = Arch(tuple((float(x), float(y)) for x, y in np.array(jaw_arch().points) @ turn.T + (3, -8)), 5.0)
    first, second = curve(jaw_arch(), 0.5), curve(moved, 0.5)
    assert second.length == pytest.approx(first.length)
    assert np.abs(first.points @ turn.T + (3, -8) - second.points).max() < 1e-9
    assert all(a < b for a, b in pairwise(first.points[:, 0]))
