"""The voxels of stored series are those that were stored, whatever the form, and what can't be had is said."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.archive.storage import site_objects
from apps.core.errors import NotAcceptable, NotFound, Unavailable
from apps.volumes.cache import opened
from apps.volumes.finding import volumes_of
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from tests.volumes.series import ct_series, enhanced_ct
from tests.volumes.stored import store, stored_volume

SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
)
VALUES: NDArray[np.int16] = np.random.default_rng(10).integers(-1024, 3000, (5, 32, 40)).astype(np.int16)

pytestmark = pytest.mark.django_db


def modality(voxels: Voxels) -> NDArray[np.float64]:
    return voxels.values.astype(np.float64) * voxels.slope + voxels.intercept


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_voxels_are_those_that_were_stored(practice: Practice, syntax: str) -> None:
    voxels = opened(stored_volume(practice, VALUES, transfer_syntax=syntax, shuffled=True))
    assert voxels.values.dtype == np.int16
    assert np.array_equal(modality(voxels), VALUES)
    assert (voxels.unit, voxels.outside) == ("HU", -1000.0)
    assert voxels.lattice.point(0, 0, 0) == (-20.0, -30.0, 40.0)
    assert voxels.lattice.shape == VALUES.shape


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless])
def test_frames_of_one_object_are_the_same_volume(practice: Practice, syntax: str) -> None:
    (volume,) = volumes_of(store(practice, [enhanced_ct(VALUES, shuffled=True, transfer_syntax=syntax)]))
    assert np.array_equal(modality(opened(volume)), VALUES)


def test_each_slice_keeps_its_own_rescale(practice: Practice) -> None:
    steps = np.arange(16, dtype=np.int16).reshape(1, 4, 4)
    values = np.concatenate([steps * (k + 2) for k in range(4)])
    volume = stored_volume(practice, values, modality="PT", RescaleSlope="1", RescaleIntercept="0")
    assert np.array_equal(modality(opened(volume)), values)
    Instance.objects.all().delete()

    def slope(k: int) -> str:
        return str((k + 1) / 4)

    rescaled = stored_volume(practice, values, modality="PT", RescaleSlope=slope, series_uid="1.2.3.4")
    voxels = opened(rescaled)
    assert voxels.values.dtype == np.float32
    stored = np.stack([np.rint(values[k] / ((k + 1) / 4)) * ((k + 1) / 4) for k in range(4)])
    assert np.array_equal(modality(voxels), stored)


def test_unsigned_values_of_16_bits_keep_their_whole_range(practice: Practice) -> None:
    values = np.array([[[0, 65535], [32767, 32768]]] * 3)
    volume = stored_volume(practice, values, modality="MR", PixelRepresentation=0)
    voxels = opened(volume)
    assert voxels.values.dtype == np.int16
    assert np.array_equal(modality(voxels), values)
    assert voxels.outside == 0.0


def test_progress_counts_slices(practice: Practice) -> None:
    told: list[tuple[int, int]] = []
    opened(stored_volume(practice, VALUES), tell=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]


def test_more_slices_than_are_looked_up_at_once(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.volumes.building.AT_ONCE", 2)
    assert np.array_equal(modality(opened(stored_volume(practice, VALUES))), VALUES)
    (volume,) = volumes_of(store(practice, [enhanced_ct(VALUES, series_uid="1.2.3.4")]))
    assert np.array_equal(modality(opened(volume)), VALUES)


def test_a_slice_that_cannot_be_decoded_is_named(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES, transfer_syntax=JPEGLSLossless)
    damage(volume, 2)
    with pytest.raises(NotAcceptable, match="Slice 3 of the volume can't be decoded"):
        opened(volume)


def damage(volume: Volume, k: int) -> None:
    """Overwrite what is compressed of a slice, in its file."""
    stored = Instance.objects.get(series=volume.series, instance_number=k + 1)
    path = site_objects().path(stored.file_key)
    assert path is not None
    data = path.read_bytes()
    path.write_bytes(data[:-1200] + bytes(1200))


def test_a_slice_that_is_gone_is_said(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES)
    Instance.objects.filter(instance_number=3).delete()
    with pytest.raises(NotFound, match="deleted or replaced"):
        opened(volume)


def test_a_file_that_is_gone_is_no_fault_of_the_caller(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES)
    site_objects().delete(Instance.objects.get(instance_number=2).file_key)
    with pytest.raises(Unavailable):
        opened(volume)


@pytest.mark.parametrize("change", [{"rows": 31}, {"columns": 39}])
def test_a_slice_of_another_size_is_refused(practice: Practice, change: dict[str, Any]) -> None:
    volume = stored_volume(practice, VALUES)
    for name, value in change.items():
        setattr(volume, name, value)
    with pytest.raises(NotAcceptable, match="another size"):
        opened(volume)


def test_the_smallest_value_is_outside_where_there_is_no_air(practice: Practice) -> None:
    datasets = ct_series(np.arange(5, 32, dtype=np.int16).reshape(3, 3, 3), modality="MR")
    (volume,) = volumes_of(store(practice, datasets))
    assert opened(volume).outside == 5.0
