"""Single images as objects: the same is the same, and each is named for what it is."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from apps.accounts.models import Practice
from apps.volumes.cache import opened
from apps.volumes.derived.naming import of_source, panoramic_name, plane_name
from apps.volumes.derived.objects import Calibration
from apps.volumes.derived.single import panoramic_file, plane_file
from apps.volumes.resampling.planes import Orientation, Plane, Projection, Slab
from apps.volumes.resampling.reformatting import reformat
from apps.volumes.resampling.standard import planes_of
from tests.video.objects.validator import errors
from tests.volumes.derived.samples import values_of
from tests.volumes.stored import stored_volume

VALUES = np.random.default_rng(5).integers(-1000, 2000, (6, 8, 9), np.int16)
SLAB = Slab(3, Projection.MAXIMUM)
OBLIQUE = Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.6, 0.8), 1.0, 1.0, 4, 4)


def test_a_plane(practice: Practice, tmp_path: Path) -> None:
    volume = stored_volume(practice, VALUES)
    voxels = opened(volume)
    plane = planes_of(voxels.lattice, Orientation.AXIAL).plane(2)
    image = reformat(voxels, plane)
    file = tmp_path / "plane.dcm"
    file.write_bytes(plane_file(volume, voxels, image, plane, None))
    made = pydicom.dcmread(file)
    assert np.array_equal(values_of(made), VALUES[2])
    assert [each.ReferencedSOPInstanceUID.rpartition(".")[2] for each in made.SourceImageSequence] == ["3"]
    assert "SliceThickness" in made
    assert errors(file) == []
    assert plane_file(volume, voxels, image, plane, None) == file.read_bytes()
    elsewhere = replace(plane, origin=(0.0, 0.0, 41.0))
    others = [plane_file(volume, voxels, image, *which) for which in ((elsewhere, None), (plane, SLAB))]
    names = {pydicom.dcmread(io.BytesIO(data)).SeriesInstanceUID for data in others}
    assert len({*names, made.SeriesInstanceUID}) == 3


def test_a_panoramic(practice: Practice, tmp_path: Path) -> None:
    volume = stored_volume(practice, VALUES)
    voxels = opened(volume)
    image = np.linspace(-900, 900, 20, dtype=np.float32).reshape(4, 5)
    ends = voxels.lattice.corners[:6]
    file = tmp_path / "panoramic.dcm"
    file.write_bytes(panoramic_file(volume, voxels, image, Calibration(0.5, 0.5), SLAB, ends))
    assert errors(file) == []
    made = pydicom.dcmread(file)
    assert len(made.SourceImageSequence) == len(VALUES)
    assert np.abs(values_of(made) - image).max() <= 0.5


@pytest.mark.parametrize(
    ("plane", "slab", "name"),
    [
        (OBLIQUE, None, "Oblique"),
        (OBLIQUE, Slab(2.5, Projection.MINIMUM), "Oblique MinIP 2.5 mm"),
        (replace(OBLIQUE, down=(0.0, 0.0, -1.0)), SLAB, "Coronal MIP 3 mm"),
        (replace(OBLIQUE, down=(0.0, 1.0, 0.0)), Slab(1, Projection.MEAN), "Axial mean 1 mm"),
        (replace(OBLIQUE, across=(0.0, -1.0, 0.0), down=(0.0, 0.0, 1.0)), None, "Sagittal"),
    ],
)
def test_names(plane: Plane, slab: Slab | None, name: str) -> None:
    assert plane_name(plane, slab) == name


def test_names_fit() -> None:
    assert panoramic_name(None) == "Panoramic"
    assert of_source("Coronal", "") == "Coronal"
    assert len(of_source("Coronal", "x" * 70)) == 64
