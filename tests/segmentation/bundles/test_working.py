"""Bundles at work: MONAI's own transforms, networks of known answers, volumes that lie anyhow."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles.placing import affine_of, grid_of
from apps.segmentation.commands import nifti
from apps.segmentation.segmenters.opening import voxels_of
from apps.volumes.geometry.lattice import Lattice
from tests.segmentation.bundles.samples import (
    FILES,
    POINTWISE,
    asked_of,
    body,
    inference,
    thresholding,
    truth,
    write_bundle,
)
from tests.volumes.phantoms import centres, lattice_of

torch = pytest.importorskip("torch")
pytest.importorskip("monai")
pytestmark = pytest.mark.filterwarnings("ignore:.*:Warning")

SHAPE, SPACING = (20, 24, 28), (2.0, 2.0, 2.0)
# How far from each voxel the network looks: voxels to the right, to the front and up.
AWAY = (3, 2, 1)


def silent(done: int, total: int) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def looking_away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_bundle(tmp_path_factory.mktemp("bundles") / "away")
    thresholding(folder, 7, AWAY)
    return folder


@pytest.fixture(scope="module")
def pointwise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_bundle(tmp_path_factory.mktemp("bundles") / "pointwise", by=POINTWISE)
    thresholding(folder, 1, (0, 0, 0))
    return folder


def asked(bundle: Path, lattice: Lattice, folder: Path, **changes: Any) -> dict[str, Any]:
    return asked_of(body(lattice), lattice, folder) | {
        "bundle": str(bundle), "weights": FILES[2], "sums": None, "numbers": [1, 2], "channels": 3, **changes,
    }  # fmt: skip


def labelled(bundle: Path, lattice: Lattice, folder: Path, **changes: Any) -> NDArray[np.uint8]:
    from apps.segmentation.bundles.working import segment

    found: NDArray[np.uint8] = np.load(segment(asked(bundle, lattice, folder, **changes), silent)["labels"])
    assert found.shape == lattice.shape
    assert found.dtype == np.uint8
    return found


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(2 * np.sum(one & other) / (np.sum(one) + np.sum(other)))


@pytest.mark.parametrize(
    "rotation",
    [(0, 0, 0), (90, 0, 0), (0, 90, 0), (0, 90, 90), (0, 0, 180), (180, 0, 0), (20, 10, -15)],
    ids=["axial", "coronal", "sagittal", "sagittal upright", "feet first", "prone", "oblique"],
)
def test_the_network_sees_right_front_and_up_where_they_are(
    looking_away: Path, tmp_path: Path, rotation: tuple[float, float, float]
) -> None:
    lattice = lattice_of(SHAPE, SPACING, rotation=rotation)
    # What it finds is as far from the truth as the network looks away, along the voxels' own axes.
    seen = body(lattice, -_away(lattice))
    assert np.sum(truth(seen) != truth(body(lattice))) > 500
    np.testing.assert_array_equal(labelled(looking_away, lattice, tmp_path), truth(seen))


def _away(lattice: Lattice) -> NDArray[np.float64]:
    """AWAY in millimetres (LPS): along the axes of the lattice that are nearest to the patient's."""
    axes = np.array([lattice.across, lattice.down, lattice.along])
    total = np.zeros(3)
    for axis, (direction, voxels) in enumerate(zip((-1, -1, 1), AWAY, strict=True)):
        nearest = axes[np.abs(axes[:, axis]).argmax()]
        total += nearest * np.sign(nearest[axis]) * direction * voxels * SPACING[0]
    return total


def test_what_lies_aslant_or_unevenly_gets_its_labels_on_its_own_slices(pointwise: Path, tmp_path: Path) -> None:
    offsets = np.cumsum([0, *[2.0, 2.5] * 10])[: SHAPE[0]].tolist()
    lattice = lattice_of(SHAPE, SPACING, tilt=15, offsets=offsets)
    labels, wanted = labelled(pointwise, lattice, tmp_path), truth(body(lattice))
    assert dice(labels > 0, wanted > 0) > 0.92
    # Neither lies aside: their middles are where they should be, to a fifth of a voxel, and half a slice for the small.
    for above, most in ((0, 0.4), (1, 1.25)):
        middles = [centres(lattice)[found > above].mean(axis=0) for found in (labels, wanted)]
        assert np.linalg.norm(middles[0] - middles[1]) < most


def test_what_the_network_sees_coarser_comes_back_at_its_place(pointwise: Path, tmp_path: Path) -> None:
    lattice = lattice_of((14, 32, 32), (3.0, 1.5, 1.5), rotation=(0, 90, 0))
    labels, wanted = labelled(pointwise, lattice, tmp_path), truth(body(lattice))
    assert dice(labels > 0, wanted > 0) > 0.93


def test_a_network_answers_as_with_monais_own_loader(tmp_path: Path) -> None:
    from monai.bundle import ConfigParser
    from monai.networks.nets import UNet

    network = {"spatial_dims": 3, "in_channels": 1, "out_channels": 3, "channels": [4, 8, 8], "strides": [2, 2]}
    scaling = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": -57, "a_max": 164, "b_min": 0, "b_max": 1}
    before = inference()["preprocessing"]
    by = {
        "network_def": {"_target_": "UNet", **network},
        "preprocessing": before | {"transforms": [*before["transforms"], scaling]},
    }
    bundle = write_bundle(tmp_path / "unet", by=by)
    torch.manual_seed(5)
    torch.save(UNet(**network).state_dict(), bundle / FILES[2])
    lattice = lattice_of((16, 24, 28), (3.1, 1.6, 1.3), rotation=(20, 80, -15))
    nifti.write(tmp_path / "image.nii.gz", grid_of(voxels_of(asked(bundle, lattice, tmp_path))))

    parser = ConfigParser(inference(**by))
    net = parser.get_parsed_content("network_def")
    net.load_state_dict(torch.load(bundle / FILES[2], weights_only=True))
    before, after = (parser.get_parsed_content(name) for name in ("preprocessing", "postprocessing"))
    after.transforms = after.transforms[:-1]
    data = before({"image": str(tmp_path / "image.nii.gz")})
    with torch.no_grad():
        data["pred"] = parser.get_parsed_content("inferer")(data["image"][None], net.eval())[0]
    wanted = after(data)["pred"][0].numpy().T.astype(np.uint8)

    assert len(np.unique(wanted)) == 3
    found = labelled(bundle, lattice, tmp_path)
    assert np.mean(found != wanted) < 1e-4


class Harmful:
    """What a file of weights may hold that isn't one: code that is run when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("kind", ["code", "garbage", "another network's", "nothing"])
def test_weights_that_are_none_are_refused(tmp_path: Path, kind: str) -> None:
    bundle = write_bundle(tmp_path / "bundle", by=POINTWISE)
    path, touched = bundle / FILES[2], tmp_path / "touched"
    if kind == "code":
        path.write_bytes(pickle.dumps(Harmful(touched)))
    elif kind == "another network's":
        torch.save({"weight": torch.zeros(2, 2)}, path)
    elif kind == "nothing":
        path.unlink()
    assert refused(bundle, tmp_path) == "bundle-weights"
    assert not touched.exists()


def test_files_that_changed_meanwhile_are_refused(pointwise: Path, tmp_path: Path) -> None:
    assert refused(pointwise, tmp_path, sums={FILES[2]: "0" * 64}) == "bundle-changed"


@pytest.mark.parametrize(
    "changes",
    [
        {"network_def": {"_target_": "torch.nn.Conv3d", "channels": 1}},
        {"preprocessing": {"_target_": "Compose", "transforms": [{"_target_": "EnsureTyped", "keys": "image"}]}},
    ],
    ids=["an argument that there isn't", "no image is read"],
)
def test_configurations_that_dont_fit_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert refused(write_bundle(tmp_path / "bundle", by=POINTWISE | changes), tmp_path) == "bundle-configuration"


def test_what_needs_more_memory_than_there_is_is_refused(
    pointwise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.segmentation.bundles import working

    # 40 GiB of outputs, twice, and a GiB for all else.
    monkeypatch.setattr(working, "memory_here", lambda: 6 << 30)
    channels = (40 << 30) // (4 * 20 * 24 * 28)
    with pytest.raises(Unanswerable) as why:
        working.segment(asked(pointwise, lattice_of(SHAPE, SPACING), tmp_path, channels=channels), silent)
    assert (why.value.reason, why.value.values) == ("bundle-memory", {"needed": 81.0, "given": 6.0})


@pytest.mark.parametrize(("order", "brings"), [((0, 1, 2), False), ((0, 2, 1), True), ((0, 1), False)])
def test_outputs_take_memory_where_they_are_brought_back(tmp_path: Path, order: tuple[int, ...], brings: bool) -> None:
    from apps.segmentation.bundles.building import brings_outputs_back, built

    transforms = inference()["postprocessing"]["transforms"]
    after = {"_target_": "Compose", "transforms": [transforms[number] for number in order]}
    bundle = write_bundle(tmp_path / "bundle", by=POINTWISE | {"postprocessing": after})
    thresholding(bundle, 1, (0, 0, 0))
    assert brings_outputs_back(built(bundle, FILES[2], None).postprocessing) is brings


def test_labels_without_a_name_are_left_out(pointwise: Path, tmp_path: Path) -> None:
    lattice = lattice_of(SHAPE, SPACING)
    wanted = truth(body(lattice))
    np.testing.assert_array_equal(labelled(pointwise, lattice, tmp_path, numbers=[2]), np.where(wanted == 2, 2, 0))
    assert refused(pointwise, tmp_path, numbers=[9]) == "nothing-found"


def test_parts_that_fail_with_a_volume_are_told(tmp_path: Path) -> None:
    # A third axis of the kernel that is larger than any volume.
    network = POINTWISE["network_def"] | {"kernel_size": [1, 1, 99]}
    bundle = write_bundle(tmp_path / "failing", by=POINTWISE | {"network_def": network})
    torch.save({"weight": torch.zeros(3, 1, 1, 1, 99), "bias": torch.zeros(3)}, bundle / FILES[2])
    assert refused(bundle, tmp_path) == "bundle-failed"


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("[enforce] can't allocate memory")])
def test_too_little_memory_is_told_as_what_it_is(error: Exception) -> None:
    from apps.segmentation.bundles.working import failures_told

    with pytest.raises(MemoryError), failures_told():
        raise RuntimeError("applying transform") from error


def test_a_network_without_a_sliding_window(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "simple", by=POINTWISE | {"inferer": {"_target_": "SimpleInferer"}})
    thresholding(bundle, 1, (0, 0, 0))
    lattice = lattice_of(SHAPE, SPACING, rotation=(90, 0, 0))
    np.testing.assert_array_equal(labelled(bundle, lattice, tmp_path), truth(body(lattice)))


def _after(threshold: float, channels: int) -> dict[str, Any]:
    """A network of a mask for each segment, and what makes the masks of its output."""
    transforms = inference()["postprocessing"]["transforms"]
    masks = {"_target_": "AsDiscreted", "keys": "pred", "threshold": threshold}
    network = POINTWISE["network_def"] | {"out_channels": channels}
    after = {"_target_": "Compose", "transforms": [masks, transforms[2]]}
    return POINTWISE | {"network_def": network, "postprocessing": after}


@pytest.mark.parametrize(("slope", "wanted"), [(-1.0, None), (1.0, "overlapping")])
def test_masks_are_labels_unless_they_overlap(tmp_path: Path, slope: float, wanted: str | None) -> None:
    bundle = write_bundle(tmp_path / "masks", by=_after(0.0, 2))
    # The second is what is above 300; the first what is below that, or above 100.
    weight = torch.tensor([slope, 1.0]).reshape(2, 1, 1, 1, 1)
    torch.save({"weight": weight, "bias": torch.tensor([300.0 if slope < 0 else -100.0, -300.0])}, bundle / FILES[2])
    lattice = lattice_of(SHAPE, SPACING)
    if wanted:
        assert refused(bundle, tmp_path) == wanted
    else:
        np.testing.assert_array_equal(labelled(bundle, lattice, tmp_path), np.where(body(lattice) > 300, 2, 1))


def refused(bundle: Path, folder: Path, **changes: Any) -> str:
    """Why there is no answer."""
    from apps.segmentation.bundles.working import segment

    with pytest.raises(Unanswerable) as why:
        segment(asked(bundle, lattice_of(SHAPE, SPACING), folder, **changes), silent)
    return why.value.reason


def test_grids_say_where_they_lie() -> None:
    lattice = lattice_of((4, 5, 6), (3.0, 2.0, 1.0), rotation=(20, 10, -15))
    x, y, z = lattice.point(3, 2, 1)
    np.testing.assert_allclose(affine_of(lattice) @ (1, 2, 3, 1), (-x, -y, z, 1))
