"""The arch that is proposed: the jaw's, however the head is held and whatever the device's grey values are."""

from typing import Any

import numpy as np
import pytest

from apps.volumes.curves.arch import Arch, curve
from apps.volumes.curves.proposing import propose
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.jaws import jaw_voxels, true_arch
from tests.volumes.phantoms import cylinder, lattice_of, linear, sphere

SPACING = 1.6
LATTICE = lattice_of((30, 40, 40), (2.0, 2.0, 2.0), origin=(-39, -39, -29))


def missed(arch: Arch, turned: tuple[float, float, float], moved: tuple[float, float, float]) -> float:
    """Millimetres from the true arch to the proposed one, seen from above, on the mean."""
    truth, found = true_arch(turned, moved)[:, :2], curve(arch, 0.5).points
    return float(np.linalg.norm(truth[:, None] - found[None], axis=2).min(axis=1).mean())


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"turned": (0, 0, 25)},
        {"turned": (12, -8, 0)},
        {"turned": (8, -6, 15), "moved": (4, 5, -6), "noise": 100.0},
        {"noise": 250.0},
        {"streaks": 1500.0},
        {"slope": 0.5, "intercept": -2000.0},
    ],
    ids=str,
)
def test_the_arch_of_a_jaw_is_found(how: dict[str, Any]) -> None:
    arch = propose(jaw_voxels(SPACING, **how))
    assert arch is not None
    assert missed(arch, how.get("turned", (0, 0, 0)), how.get("moved", (0, 0, 0))) <= 2.0
    # At the height of the teeth.
    assert abs(arch.z - how.get("moved", (0, 0, 0))[2]) < 12


def test_it_goes_a_little_behind_the_teeth() -> None:
    arch = propose(jaw_voxels(SPACING))
    assert arch is not None
    truth = true_arch()
    for end, last in ((arch.points[0], truth[0]), (arch.points[-1], truth[-1])):
        assert 5 < end[1] - last[1] < 25


def test_without_teeth_the_bone_is_followed() -> None:
    jaws = jaw_voxels(SPACING)
    jaws.values[...] = np.minimum(jaws.values, 1000)
    chin = Voxels(
        jaws.values[: int(33 / SPACING)], lattice_of((20, 62, 62), (SPACING,) * 3, origin=jaws.lattice.origin)
    )
    arch = propose(chin)
    assert arch is not None
    assert missed(arch, (0, 0, 0), (0, 0, 0)) <= 2.0
    assert arch.z < -10


def test_the_same_volume_always_gets_the_same() -> None:
    jaws = jaw_voxels(2.0)
    assert propose(jaws) == propose(jaws)


def test_what_is_no_jaw_gets_none() -> None:
    noise = np.random.default_rng(3).normal(0, 300, LATTICE.shape).astype(np.int16)
    others = [
        Voxels(noise, LATTICE),
        Voxels(np.zeros_like(noise), LATTICE),
        linear(LATTICE),
        sphere(LATTICE, radius=25),
        cylinder(LATTICE, (0, 0, 1), radius=20),
    ]
    assert [propose(other) for other in others] == [None] * len(others)


def test_the_vault_of_a_skull_gets_none() -> None:
    outer, inner = (sphere(LATTICE, radius=radius).values for radius in (36, 31))
    assert propose(Voxels((outer - inner).astype(np.int16), LATTICE)) is None


@pytest.mark.parametrize("shape", [(1, 40, 40), (30, 10, 40), (30, 40, 10), (2, 2, 2)])
def test_a_volume_smaller_than_a_jaw_gets_none(shape: tuple[int, int, int]) -> None:
    lattice = lattice_of(shape, (2.0, 2.0, 2.0))
    assert propose(Voxels(np.zeros(shape, np.int16), lattice)) is None
