"""Which objects an image was made of."""

import numpy as np
import pytest

from apps.volumes.derived.sources import corners, crossed, grouped
from apps.volumes.resampling.planes import Orientation, Plane
from apps.volumes.resampling.standard import planes_of
from apps.volumes.slices import Source
from tests.volumes.phantoms import lattice_of

LATTICE = lattice_of((10, 12, 14), (2.0, 0.5, 0.7))


def axial(z: float) -> Plane:
    return Plane((0.0, 0.0, z), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 1.0, 1.0, 5, 5)


@pytest.mark.parametrize(
    ("z", "thickness", "expected"),
    [
        (-10.0, 0.0, [0]),
        (-4.0, 0.0, [3]),
        (-4.5, 0.0, [2, 3]),
        (-4.0, 4.0, [2, 3, 4]),
        (-4.0, 4.2, [1, 2, 3, 4, 5]),
        (8.0, 0.0, [9]),
        (900.0, 0.0, [9]),
        (-900.0, 2000.0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_axial(z: float, thickness: float, expected: list[int]) -> None:
    assert list(crossed(LATTICE, corners(axial(z), thickness))) == expected


def test_a_coronal_plane_crosses_all() -> None:
    plane = planes_of(LATTICE, Orientation.CORONAL).first
    assert list(crossed(LATTICE, corners(plane))) == list(range(10))


def test_of_tilted_slices() -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.7), tilt=20)
    slice_plane = Plane(lattice.point(4, 0, 0), lattice.across, lattice.down, 0.5, 0.7, 12, 14)
    assert list(crossed(lattice, corners(slice_plane))) == [4]


def test_the_corners_of_a_slab() -> None:
    found = np.array(corners(axial(3.0), 2.0))
    assert found.min(axis=0).tolist() == [0, 0, 2]
    assert found.max(axis=0).tolist() == [4, 4, 4]


def test_objects_with_several_frames_are_named_once() -> None:
    images = [Source("1.2", "2.25.1", 3), Source("1.2", "2.25.2", 1), Source("1.2", "2.25.1", 2)]
    assert [(each.sop_instance_uid, each.frames) for each in grouped(images)] == [("2.25.1", (2, 3)), ("2.25.2", ())]
