"""Bundles as sites have them, with networks so small that their answers are known: MONAI's own form, real weights."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.geometry.written import to_json
from tests.volumes.phantoms import AIR, centres, middle

FILES: Final = ("configs/metadata.json", "configs/inference.json", "models/model.pt")
# What the network calls 1 and 2 begins at these values (HU).
BOUNDS: Final = (100.0, 300.0)
# Of a configuration: a network that looks at each voxel alone, patch by patch.
POINTWISE: Final[dict[str, Any]] = {
    "network_def": {"_target_": "torch.nn.Conv3d", "in_channels": 1, "out_channels": 3, "kernel_size": 1},
    "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 16], "sw_batch_size": 2, "overlap": 0.25},
}


def metadata(**changes: Any) -> dict[str, Any]:
    """As the model zoo writes it."""
    image = {
        "type": "image", "format": "hounsfield", "modality": "CT", "num_channels": 1, "spatial_shape": [32, 32, 32],
        "dtype": "float32", "value_range": [-1024, 3071], "is_patch_data": True, "channel_def": {"0": "image"},
    }  # fmt: skip
    labels = {"0": "background", "1": "liver", "2": "kidney_left"}
    answer = {**image, "format": "segmentation", "num_channels": 3, "value_range": [0, 2], "channel_def": labels}
    return {
        "schema": "https://example.org/meta_schema.json", "version": "0.1.0", "changelog": {"0.1.0": "first"},
        "monai_version": "1.6.1", "pytorch_version": "2.13.0", "numpy_version": "2.4.6",
        "optional_packages_version": {}, "name": "Two organs", "task": "Segmentation of two organs",
        "description": "Two organs by their density.", "authors": "Somebody", "copyright": "None",
        "network_data_format": {"inputs": {"image": image}, "outputs": {"pred": answer}},
    } | changes  # fmt: skip


def inference(**changes: Any) -> dict[str, Any]:
    """As the model zoo writes it, with what is of no use here: data sets, handlers, a loop."""
    return {
        "imports": ["$import glob"],
        "bundle_root": ".",
        "displayable_configs": {"highres": True},
        "image_key": "image",
        "datalist": "$list(sorted(glob.glob(@dataset_dir + '/imagesTs/*.nii.gz')))",
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        "pixdim": "$[2.0, 2.0, 2.0] if @displayable_configs#highres else [4.0, 4.0, 4.0]",
        "network_def": {
            "_target_": "torch.nn.Conv3d", "in_channels": 1, "out_channels": 3, "kernel_size": 7, "padding": 3,
        },
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": [
            {"_target_": "LoadImaged", "keys": "@image_key"},
            {"_target_": "EnsureTyped", "keys": "@image_key", "dtype": "$torch.float32"},
            {"_target_": "EnsureChannelFirstd", "keys": "@image_key"},
            {"_target_": "Orientationd", "keys": "@image_key", "axcodes": "RAS"},
            {"_target_": "Spacingd", "keys": "@image_key", "pixdim": "@pixdim", "mode": "bilinear"},
        ]},
        "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [32, 32, 32], "sw_batch_size": 1, "overlap": 0.25},
        "postprocessing": {"_target_": "Compose", "transforms": [
            {"_target_": "Activationsd", "keys": "pred", "softmax": True},
            {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
            {"_target_": "Invertd", "keys": "pred", "transform": "@preprocessing", "orig_keys": "@image_key",
             "nearest_interp": True, "to_tensor": True},
            {"_target_": "SaveImaged", "keys": "pred", "output_dir": "eval"},
        ]},
        "checkpointloader": {"_target_": "CheckpointLoader", "load_path": "$@bundle_root + '/models/' + 'model.pt'"},
        "initialize": ["$@checkpointloader(@evaluator)"],
    } | changes  # fmt: skip


def write_bundle(
    folder: Path, *, of: dict[str, Any] | None = None, by: dict[str, Any] | None = None, weights: bytes = b"weights"
) -> Path:
    """A bundle with these two files and weights, and its SHA256SUMS."""
    for name, content in zip(FILES, (metadata(**(of or {})), inference(**(by or {})), weights), strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    sum_up(folder)
    return folder


def sum_up(folder: Path) -> None:
    lines = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES)
    (folder / "SHA256SUMS").write_text("".join(lines))


def thresholding(folder: Path, side: int, at: tuple[int, int, int]) -> None:
    """Weights of a network with a kernel of `side` that calls 1 and 2 what lies above BOUNDS, not at each voxel but
    `at` so many voxels from it, along the axes of the array that it is given."""
    import torch

    first, second = BOUNDS
    weight = torch.zeros(3, 1, side, side, side)
    i, j, k = (side // 2 + offset for offset in at)
    # Of these three lines the highest is the first below BOUNDS[0], and the last above BOUNDS[1].
    weight[:, 0, i, j, k] = torch.tensor([0.0, 0.01, 0.02])
    bias = torch.tensor([0.0, -first, -first - second]) * 0.01
    torch.save({"model": {"weight": weight, "bias": bias}}, folder / FILES[2])
    sum_up(folder)


def body(lattice: Lattice, shift: NDArray[np.float64] | None = None) -> NDArray[np.int16]:
    """A body that is its own mirror image in no direction, in HU: a brick of 200 with one of 400 at its corner that is
    to the right, in front and above. `shift` moves it (mm, LPS)."""
    beside = centres(lattice) - np.asarray(middle(lattice)) - (0 if shift is None else shift)
    large = np.all(np.abs(beside - (1.0, -1.0, 3.0)) < (11.0, 9.0, 7.0), axis=-1)
    small = np.all(np.abs(beside - (-5.0, -5.0, 7.0)) < (5.0, 5.0, 3.0), axis=-1)
    return np.where(small, 400, np.where(large, 200, -50)).astype(np.int16)


def truth(values: NDArray[np.int16]) -> NDArray[np.uint8]:
    return np.digitize(values, BOUNDS).astype(np.uint8)


def asked_of(values: NDArray[Any], lattice: Lattice, folder: Path) -> dict[str, Any]:
    """As `volumes.handing.handed` gives a volume to a process."""
    path = folder / "values.npy"
    np.save(path, values)
    voxels = Voxels(values, lattice, unit="HU", outside=AIR)
    return {
        "values": str(path), "shape": list(lattice.shape), "lattice": to_json(lattice), "slope": voxels.slope,
        "intercept": voxels.intercept, "unit": voxels.unit, "outside": voxels.outside, "folder": str(folder),
    }  # fmt: skip
