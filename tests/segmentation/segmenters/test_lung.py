"""Lungs: each on its side, whatever way the patient was imaged, and nothing else that is air."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apps.volumes.geometry.lattice import Lattice
from tests.segmentation.phantoms import LUNG, Phantom, centred, chest, chest_lattice, dice
from tests.segmentation.segmenters.running import found_by

SIDES = {"left": 1, "right": 2}

LATTICES: dict[str, Lattice] = {
    "axial": chest_lattice(),
    "turned": chest_lattice(rotation=(10, -8, 15)),
    "tilted gantry": chest_lattice(tilt=20.0),
    "coronal": chest_lattice(rotation=(90, 0, 0)),
    "sagittal": centred((80, 60, 64), (5.0, 5.0, 5.0), rotation=(0, 90, 0)),
    "feet first, on the belly": chest_lattice(rotation=(180, 0, 0)),
    "thick slices": centred((40, 96, 128), (8.0, 3.2, 3.2)),
    "uneven": centred((50, 60, 80), (6.0, 5.0, 5.0), offsets=np.cumsum([0, *([4.0, 8.0] * 24), 4.0])),
}


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return chest()


def agreement(phantom: Phantom, **options: Any) -> list[float]:
    labels = found_by("lung", phantom.voxels, **options).labels
    assert labels.shape == phantom.voxels.lattice.shape
    return [dice(labels == number, phantom.truth[f"{side} lung"]) for side, number in SIDES.items()]


@pytest.mark.parametrize("lattice", LATTICES.values(), ids=LATTICES)
def test_both_are_found_however_the_patient_was_imaged(lattice: Lattice) -> None:
    assert min(agreement(chest(lattice))) >= 0.98


def test_in_fine_voxels_their_borders_are_those_of_the_fine_voxels() -> None:
    phantom = chest(centred((8, 160, 200), (6.0, 2.0, 2.0), (0, 0, 10)))
    fine = replace(phantom.voxels, lattice=replace(phantom.voxels.lattice, row_spacing=0.7, column_spacing=0.7))
    assert min(agreement(phantom)) >= 0.98
    # As if the patient were smaller: what is looked for in blocks of two by two is as exact.
    assert min(agreement(Phantom(fine, phantom.truth))) >= 0.98


def test_values_may_be_stored_upside_down(phantom: Phantom) -> None:
    voxels = phantom.voxels
    turned = replace(voxels, values=-voxels.values, slope=-1.0)
    assert np.array_equal(found_by("lung", turned).labels, found_by("lung", voxels).labels)
    shown = (voxels.values - 1024).astype(np.float32)
    assert np.array_equal(
        found_by("lung", replace(voxels, values=shown, intercept=0.0)).labels, found_by("lung", voxels).labels
    )


def test_lungs_that_touch_are_parted(phantom: Phantom) -> None:
    values = phantom.voxels.values.copy()
    values[28:31, 28:31, 30:50] = LUNG + 1024
    joined = Phantom(replace(phantom.voxels, values=values), phantom.truth)
    assert min(agreement(joined)) >= 0.97


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_patient_may_have_one_lung(phantom: Phantom, side: str) -> None:
    gone = {"left": "right", "right": "left"}[side]
    values = np.where(phantom.truth[f"{gone} lung"], 1064, phantom.voxels.values).astype(np.int16)
    labels = found_by("lung", replace(phantom.voxels, values=values)).labels
    assert dice(labels == SIDES[side], phantom.truth[f"{side} lung"]) >= 0.98
    assert set(np.unique(labels)) == {0, SIDES[side]}


def test_gas_and_small_pieces_are_none(phantom: Phantom) -> None:
    values = np.full_like(phantom.voxels.values, 24)
    values[:, 10:50, 10:70] = 1064
    values[20:40, 20:40, 20:40] = 24  # one litre of gas
    values[20:22, 20:26, 50:56] = 174  # nine millilitres as thin as lung
    labels = found_by("lung", replace(phantom.voxels, values=values)).labels
    assert not labels.any()
    found = found_by("lung", replace(phantom.voxels, values=values), smallest=5.0).labels
    assert np.array_equal(found > 0, values == 174)
