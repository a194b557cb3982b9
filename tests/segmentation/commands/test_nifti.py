"""NIfTI files, beside nibabel where it is installed."""

import gzip
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.segmentation.bundles.placing import Grid, affine_of
from apps.segmentation.commands import nifti
from tests.volumes.phantoms import lattice_of

AXES = [(0, 0, 0), (90, 0, 0), (0, 90, 0), (0, 0, 180), (180, 0, 0), (0, 90, 90), (20, 10, -15), (179.9, 3, 91)]


def grid(rotation: tuple[float, float, float] = (20, 10, -15), *, is_mirrored: bool = False) -> Grid:
    values = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4) - 7
    affine = affine_of(lattice_of((4, 3, 2), (3.0, 2.0, 1.5), rotation=rotation))
    return Grid(values, affine @ np.diag([1.0, 1.0, -1.0, 1.0]) if is_mirrored else affine)


@pytest.mark.parametrize("rotation", AXES)
@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("form", ["sform", "qform"])
def test_what_was_written_is_read_by_either_form(
    tmp_path: Path, rotation: tuple[float, float, float], is_mirrored: bool, form: str
) -> None:
    given = grid(rotation, is_mirrored=is_mirrored)
    nifti.write(tmp_path / "a.nii.gz", given)
    data = bytearray(gzip.decompress((tmp_path / "a.nii.gz").read_bytes()))
    if form == "qform":
        data[254:256] = bytes(2)
    (tmp_path / "a.nii").write_bytes(data)
    found = nifti.read(tmp_path / "a.nii", 24)
    np.testing.assert_array_equal(found.values, given.values)
    np.testing.assert_allclose(found.affine, given.affine, atol=1e-3)


@pytest.mark.parametrize("rotation", AXES)
def test_nibabel_reads_the_same(tmp_path: Path, rotation: tuple[float, float, float]) -> None:
    nibabel = pytest.importorskip("nibabel")
    given = grid(rotation)
    nifti.write(tmp_path / "a.nii.gz", given)
    found = nibabel.load(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(np.asarray(found.dataobj), given.values)
    for form in (found.get_sform(), found.get_qform()):
        np.testing.assert_allclose(form, given.affine, atol=1e-4)


@pytest.mark.parametrize("kind", ["u1", "i2", "f4", "f8", ">i4"])
def test_what_nibabel_writes_is_read(tmp_path: Path, kind: str) -> None:
    nibabel = pytest.importorskip("nibabel")
    given = grid()
    values = np.abs(given.values).astype(kind)
    header = nibabel.Nifti1Header(endianness=">" if kind.startswith(">") else "<")
    nibabel.save(nibabel.Nifti1Image(values, given.affine, header), tmp_path / "a.nii.gz")
    found = nifti.read(tmp_path / "a.nii.gz", 24)
    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_allclose(found.affine, given.affine, atol=1e-4)


def test_a_scale_is_applied(tmp_path: Path) -> None:
    nifti.write(tmp_path / "a.nii.gz", grid())
    header = bytearray(gzip.decompress((tmp_path / "a.nii.gz").read_bytes()))
    header[112:120] = np.array([0.5, 3.0], "<f4").tobytes()
    (tmp_path / "a.nii").write_bytes(header)
    np.testing.assert_array_equal(nifti.read(tmp_path / "a.nii", 24).values, grid().values * 0.5 + 3.0)


def broken(at: int, what: bytes) -> Any:
    return lambda data: data[:at] + what + data[at + len(what) :]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda data: data[:347],
        lambda data: data[:-1],
        broken(344, b"ni1"),
        broken(40, np.array([2], "<i2").tobytes()),
        broken(40, np.array([4, 2, 3, 4, 2], "<i2").tobytes()),
        broken(42, np.array([-2], "<i2").tobytes()),
        broken(70, np.array([128], "<i2").tobytes()),
        broken(108, np.array([np.nan], "<f4").tobytes()),
        broken(252, bytes(4)),
        broken(280, bytes(48)),
        broken(280, np.array([np.inf], "<f4").tobytes()),
    ],
)
def test_what_is_no_volume_is_refused(tmp_path: Path, change: Any) -> None:
    nifti.write(tmp_path / "a.nii.gz", grid())
    (tmp_path / "a.nii").write_bytes(change(gzip.decompress((tmp_path / "a.nii.gz").read_bytes())))
    with pytest.raises(nifti.BadNifti):
        nifti.read(tmp_path / "a.nii", 24)


def test_more_voxels_than_expected_are_not_even_read(tmp_path: Path) -> None:
    nifti.write(tmp_path / "a.nii.gz", grid())
    with pytest.raises(nifti.BadNifti):
        nifti.read(tmp_path / "a.nii.gz", 23)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_garbage_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, at: int, what: bytes) -> None:
    path = tmp_path_factory.mktemp("garbage") / "a.nii.gz"
    nifti.write(path, grid())
    data = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(broken(at, what)(data)))
    with suppress(nifti.BadNifti):
        assert nifti.read(path, 24).values.size <= 24
