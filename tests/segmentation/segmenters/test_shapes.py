"""Blocks, shapes and places that segmenters work with."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.segmentation.segmenters.grids import below, coarse, slice_of
from apps.segmentation.segmenters.placing import indices_of, points_at
from apps.segmentation.segmenters.shapes import closed, dilated, eroded, opened
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from tests.segmentation.phantoms import centred

EVEN = (1.0, 1.0, 1.0)


def test_blocks_are_the_means_of_their_voxels() -> None:
    values: NDArray[np.int16] = np.arange(5 * 7 * 9, dtype=np.int16).reshape(5, 7, 9)
    lattice = centred((5, 7, 9), (1.0, 0.7, 0.5), rotation=(0, 0, 30))
    image = coarse(Voxels(values, lattice, slope=2.0, intercept=-5.0), 1.5)
    assert image.factors == (1, 2, 3)
    assert image.spacing == pytest.approx((1.0, 1.4, 1.5))
    assert image.values.shape == (5, 4, 3)
    assert image.values[2, 1, 2] == values[2, 2:4, 6:9].mean() * 2 - 5
    assert image.values[4, 3, 0] == values[4, 6:, :3].mean() * 2 - 5
    assert np.array_equal(slice_of(image.values, image.factors, values.shape, 4)[6], image.values[4, 3].repeat(3))
    assert (image.up, image.sideways, image.leftward) == (0, 2, 1)


def test_blocks_know_the_patients_axes() -> None:
    def axes(lattice: Lattice) -> tuple[int, int, int]:
        image = coarse(Voxels(np.zeros(lattice.shape, np.int16), lattice), 1.0)
        return image.up, image.sideways, image.leftward

    assert axes(centred((4, 4, 4), EVEN, rotation=(80, 0, 10))) == (1, 2, 1)
    assert axes(centred((4, 4, 4), EVEN, rotation=(0, 90, 0))) == (2, 0, 1)
    assert axes(centred((4, 4, 4), EVEN, rotation=(0, 0, 180))) == (0, 2, -1)


@pytest.mark.parametrize("slope", [1.0, -1.0, 0.5])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_below_is_below_in_the_volumes_unit(slope: float, dtype: type) -> None:
    values: NDArray[Any] = np.arange(-8, 8, dtype=dtype).reshape(1, 4, 4)
    voxels = Voxels(values, centred((2, 4, 4), EVEN), slope, 3.0)
    for limit in (-2.0, 1.25, 3.0, 1e6, -1e6):
        assert np.array_equal(below(voxels, limit), values * slope + 3.0 < limit)


def test_balls_are_round_and_in_millimetres() -> None:
    point = np.zeros((31, 31, 31), bool)
    point[15, 15, 15] = True
    spacing = (2.0, 1.0, 1.0)
    ball = dilated(point, 8.0, spacing)
    extent = [np.flatnonzero(ball.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    assert [(int(each[0]), int(each[-1])) for each in extent] == [(11, 19), (7, 23), (7, 23)]
    assert ball.sum() * 2.0 == pytest.approx(4 / 3 * np.pi * 8.5**3, rel=0.1)
    assert np.array_equal(eroded(ball, 8.0, spacing) & point, point)
    assert not opened(point, 1.0, spacing).any()


def test_closing_fills_gaps_and_keeps_what_is_beyond_the_array() -> None:
    mask = np.ones((12, 12, 12), bool)
    mask[:, 5:7, 5:7] = False
    assert closed(mask, 2.0, EVEN).all()
    assert eroded(np.ones((4, 4, 4), bool), 2.0, EVEN).all()
    assert not dilated(np.zeros((4, 4, 4), bool), 2.0, EVEN).any()


def test_places_are_found_again() -> None:
    lattice = centred((5, 6, 7), (2.0, 0.5, 0.8), (10, 20, 30), rotation=(10, 20, 30), tilt=15.0)
    lattice = replace(lattice, offsets=(0.0, 1.5, 4.0, 5.0, 9.0))
    indices = np.array([[0, 0, 0], [3, 5, 6], [4, 2, 1]])
    points = points_at(lattice, indices)
    assert points[1] == pytest.approx(lattice.point(3, 5, 6))
    assert np.array_equal(indices_of(lattice, points), indices)
    beyond = points_at(lattice, np.array([[2, 6, 0], [2, 0, -1]]))
    assert len(indices_of(lattice, np.vstack([beyond, points[0] - 30 * np.asarray(lattice.along)]))) == 0
