"""Planes side by side: those of the voxels, at intervals, and across any direction through all of the volume."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.saying import Sentence
from apps.volumes.derived import stacking
from apps.volumes.resampling.planes import Orientation, Plane
from apps.volumes.resampling.standard import planes_of
from tests.volumes.phantoms import lattice_of

LATTICE = lattice_of((10, 12, 14), (2.0, 0.5, 0.7))
TURNED = lattice_of((10, 12, 14), (2.0, 0.5, 0.7), rotation=(20, -10, 35))


def normal_of(plane: Plane) -> NDArray[np.float64]:
    return np.cross(plane.across, plane.down)


@pytest.mark.parametrize("orientation", Orientation)
def test_those_of_the_voxels(orientation: Orientation) -> None:
    planes = planes_of(LATTICE, orientation)
    stack = stacking.standard(LATTICE, orientation, None)
    assert stack.planes == tuple(planes.plane(index) for index in range(planes.count))
    assert stack.spacing == pytest.approx(planes.spacing)


def test_at_intervals() -> None:
    stack = stacking.standard(LATTICE, Orientation.AXIAL, 3.0)
    assert [plane.origin[2] for plane in stack.planes] == [-10 + 3 * number for number in range(7)]
    assert (stack.spacing, stack.step) == (3, 3)


def test_of_uneven_slices_no_spacing_is_told() -> None:
    lattice = lattice_of((4, 5, 6), offsets=(0, 1, 2, 4))
    stack = stacking.standard(lattice, Orientation.AXIAL, None)
    assert [plane.origin[2] for plane in stack.planes] == [-10, -9, -8, -6]
    assert (stack.spacing, stack.step) == (None, 1)


@pytest.mark.parametrize("normal", [(0, 1, 0), (0.3, -0.8, 0.2), (0, 0, 1), (0.1, 0, -0.99)])
def test_oblique_ones_show_all_of_the_volume(normal: tuple[float, float, float]) -> None:
    stack = stacking.oblique(TURNED, normal, 1.5)
    along = np.asarray(normal) / np.linalg.norm(normal)
    for plane, following in pairwise(stack.planes):
        assert normal_of(plane) == pytest.approx(along)
        assert np.subtract(following.origin, plane.origin) == pytest.approx(1.5 * along, abs=1e-9)
    first = stack.planes[0]
    inside = (TURNED.corners - first.origin) @ np.array([first.across, first.down, along]).T
    sides = (first.columns * first.column_spacing, first.rows * first.row_spacing, len(stack.planes) * 1.5)
    assert np.all(inside >= -1e-9)
    assert np.all(inside <= sides)


def test_oblique_ones_are_drawn_as_those_along_the_axes() -> None:
    for orientation, normal in ((Orientation.CORONAL, (0, 1, 0)), (Orientation.SAGITTAL, (-1, 0, 0))):
        drawn, usual = stacking.oblique(LATTICE, normal, None).planes[0], planes_of(LATTICE, orientation).first
        assert drawn.across == pytest.approx(usual.across)
        assert drawn.down == pytest.approx(usual.down)
    upright = stacking.oblique(LATTICE, (0, 0, 1), None).planes[0]
    assert upright.across == pytest.approx((1, 0, 0))
    assert upright.down == pytest.approx((0, 1, 0))


def test_too_many_and_too_large() -> None:
    large = lattice_of((10, 100, 100), (300.0, 1.0, 1.0))
    for make in (
        lambda: stacking.standard(large, Orientation.AXIAL, 0.1),
        lambda: stacking.oblique(large, (0, 0, 1), 0.1),
        lambda: stacking.oblique(large, (0, 1, 0), 10),
    ):
        with pytest.raises(ValueError, match=r"more than 20\d\d (images|pixels)") as refused:
            make()
        assert isinstance(refused.value.args[0], Sentence)
