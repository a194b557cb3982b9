"""Body, bone and airways of a chest phantom."""

from dataclasses import replace

import numpy as np
import pytest

from apps.volumes.geometry.lattice import Lattice
from tests.segmentation.phantoms import Phantom, chest, chest_lattice, dice
from tests.segmentation.segmenters.running import found_by

SCALE = 0.75
LATTICES: dict[str, Lattice] = {
    "axial": chest_lattice(SCALE),
    "turned": chest_lattice(SCALE, rotation=(10, -8, 15)),
    "tilted gantry": chest_lattice(SCALE, tilt=18.0),
    "coronal": chest_lattice(SCALE, rotation=(90, 0, 0)),
}


@pytest.fixture(scope="module", params=LATTICES.values(), ids=list(LATTICES))
def phantom(request: pytest.FixtureRequest) -> Phantom:
    return chest(request.param)


def test_the_body_is_all_below_the_skin_without_the_table(phantom: Phantom) -> None:
    labels = found_by("body", phantom.voxels).labels
    assert dice(labels == 1, phantom.truth["body"]) >= 0.99
    assert np.count_nonzero(labels[phantom.truth["table"]]) < 0.02 * np.count_nonzero(phantom.truth["table"])


def test_bone_is_found_by_its_density(phantom: Phantom) -> None:
    labels = found_by("bone", phantom.voxels, threshold=250.0).labels
    assert dice(labels == 1, phantom.truth["bone"]) >= 0.93


def test_the_airways_are_followed_to_the_bronchi_without_leaking(phantom: Phantom) -> None:
    labels = found_by("airway", phantom.voxels).labels
    assert dice(labels == 1, phantom.truth["airway"]) >= 0.93
    lungs = phantom.truth["left lung"] | phantom.truth["right lung"]
    assert np.count_nonzero(labels[lungs]) < 0.1 * np.count_nonzero(phantom.truth["airway"])


def test_small_soft_and_outer_pieces_are_no_bone() -> None:
    phantom = chest(chest_lattice(SCALE))
    values = phantom.voxels.values.copy()
    values[10:13, 40:43, 40:43] = 2024  # 1.4 mL
    values[40:45, 34:39, 51:56] = 1324  # larger, but nowhere hard
    values[:, 78, 10:90] = 2024  # the hard sheet of a table
    voxels = replace(phantom.voxels, values=values)
    labels = found_by("bone", voxels, smallest=2.0).labels
    assert not labels[10:13, 40:43, 40:43].any()
    assert not labels[40:45, 34:39, 51:56].any()
    assert not labels[:, 78].any()
    assert found_by("bone", voxels, smallest=1.0).labels[10:13, 40:43, 40:43].all()
    assert found_by("bone", voxels, hard=250.0).labels[40:45, 34:39, 51:56].all()


def test_without_a_windpipe_there_are_no_airways() -> None:
    phantom = chest()
    values = np.where(phantom.truth["airway"], 1064, phantom.voxels.values).astype(np.int16)
    values[:, :, 35:45] = np.maximum(values[:, :, 35:45], 1064)
    assert not found_by("airway", replace(phantom.voxels, values=values)).labels.any()
