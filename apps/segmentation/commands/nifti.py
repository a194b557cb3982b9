"""NIfTI-1 files of one volume: as much of the format as passes between programs that segment; pure.

The format is https://nifti.nimh.nih.gov/nifti-1: a header of 348 bytes, four more, and the voxels, the first index
fastest; its coordinates are millimetres in RAS.
"""

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from apps.segmentation.bundles.placing import Floats, Grid

_FIELDS: Final = [
    ("sizeof_hdr", "i4"), ("unused1", "S35"), ("dim_info", "u1"), ("dim", "i2", 8), ("intent", "f4", 3),
    ("intent_code", "i2"), ("datatype", "i2"), ("bitpix", "i2"), ("slice_start", "i2"), ("pixdim", "f4", 8),
    ("vox_offset", "f4"), ("scl_slope", "f4"), ("scl_inter", "f4"), ("slice_end", "i2"), ("slice_code", "u1"),
    ("xyzt_units", "u1"), ("unused2", "V24"), ("descrip", "S80"), ("aux_file", "S24"), ("qform_code", "i2"),
    ("sform_code", "i2"), ("quatern", "f4", 3), ("qoffset", "f4", 3), ("srow", "f4", (3, 4)), ("intent_name", "S16"),
    ("magic", "S4"),
]  # fmt: skip
HEADER: Final = np.dtype([cast("tuple[str, str]", each) for each in _FIELDS])
_OFFSET: Final = 352
_MAGIC: Final = b"n+1"
_MILLIMETRES: Final = 2
# Coordinates of the scanner.
_SCANNER: Final = 1
_TYPES: Final = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
# Of the squares of a quaternion in float32.
_ROUNDED: Final = 1e-6
_CODES: Final = {np.dtype(kind): code for code, kind in _TYPES.items()}


class BadNifti(ValueError):
    """What is no such file, or not of one volume, or larger than was allowed."""


def write(path: Path, grid: Grid) -> None:
    """A compressed file (.nii.gz) of the grid, its values' type kept, with its matrix as both of the format's forms."""
    header = np.zeros((), HEADER)
    header["sizeof_hdr"], header["magic"], header["vox_offset"] = HEADER.itemsize, _MAGIC, _OFFSET
    header["datatype"], header["bitpix"] = _CODES[grid.values.dtype], 8 * grid.values.dtype.itemsize
    header["dim"] = [3, *grid.values.shape, 1, 1, 1, 1]
    header["scl_slope"], header["xyzt_units"] = 1.0, _MILLIMETRES
    header["qform_code"] = header["sform_code"] = _SCANNER
    header["srow"] = grid.affine[:3]
    sides, quaternion, handedness = _turned(grid.affine)
    header["pixdim"] = [handedness, *sides, 0, 0, 0, 0]
    header["quatern"], header["qoffset"] = quaternion, grid.affine[:3, 3]
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header.tobytes() + bytes(_OFFSET - HEADER.itemsize))
        for k in range(grid.values.shape[2]):
            file.write(np.ascontiguousarray(grid.values[:, :, k].T).tobytes())


def read(path: Path, most_voxels: int) -> Grid:
    """The volume of a file, compressed or not, of at most so many voxels, with its values as they are meant.

    Raises BadNifti, and OSError where it can't be read.
    """
    try:
        with path.open("rb") as plain:
            is_compressed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            file = cast("BinaryIO", gzip.GzipFile(fileobj=plain) if is_compressed else plain)
            header = _header(file.read(HEADER.itemsize))
            return Grid(_values(file, header, most_voxels), _affine(header))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadNifti("The file is not whole.") from error


def _header(data: bytes) -> Any:
    for order in ("<", ">"):
        dtype = HEADER.newbyteorder(order)
        if len(data) == HEADER.itemsize and (header := np.frombuffer(data, dtype)[0])["sizeof_hdr"] == HEADER.itemsize:
            if bytes(header["magic"]) != _MAGIC:
                break
            return header
    raise BadNifti("The file is not NIfTI-1 in one file.")


def _values(file: BinaryIO, header: Any, most_voxels: int) -> NDArray[Any]:
    axes = int(header["dim"][0])
    sides = [int(side) for side in header["dim"][1 : max(axes, 0) + 1]]
    if not 3 <= axes <= 7 or min(sides) < 1 or prod(sides[3:]) != 1 or prod(sides) > most_voxels:
        raise BadNifti("The file is not of one volume of the size that was expected.")
    if int(header["datatype"]) not in _TYPES or not HEADER.itemsize <= header["vox_offset"] <= 1 << 20:
        raise BadNifti("The file has voxels of another kind.")
    dtype = np.dtype(_TYPES[int(header["datatype"])]).newbyteorder(header.dtype["dim"].base.byteorder)
    file.read(int(header["vox_offset"]) - HEADER.itemsize)
    data = file.read(prod(sides) * dtype.itemsize)
    if len(data) != prod(sides) * dtype.itemsize:
        raise BadNifti("The file is not whole.")
    values = np.frombuffer(data, dtype).reshape(sides[:3], order="F")
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    is_scaled = np.isfinite([slope, intercept]).all() and slope != 0 and (slope, intercept) != (1.0, 0.0)
    return values * slope + intercept if is_scaled else values


def _affine(header: Any) -> Floats:
    """The matrix of whichever form the file has. Raises BadNifti for neither, or one that lays all on a plane."""
    affine = np.eye(4)
    if header["sform_code"] > 0:
        # What isn't a number is found below.
        with np.errstate(invalid="ignore"):
            affine[:3] = header["srow"]
    elif header["qform_code"] > 0:
        handedness = -1.0 if header["pixdim"][0] < 0 else 1.0
        affine[:3, :3] = _rotation(header["quatern"]) * header["pixdim"][1:4] * [1.0, 1.0, handedness]
        affine[:3, 3] = header["qoffset"]
    else:
        raise BadNifti("The file doesn't say where its voxels lie.")
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine)) < 1e-9:
        raise BadNifti("The file doesn't say where its voxels lie.")
    return affine


def _turned(affine: Floats) -> tuple[Floats, Floats, float]:
    """The sides of a voxel (mm), the quaternion (b, c, d) of its axes, and -1 where that takes the third's opposite."""
    sides = np.linalg.norm(affine[:3, :3], axis=0)
    axes = affine[:3, :3] / sides
    handedness = -1.0 if np.linalg.det(axes) < 0 else 1.0
    return sides, _quaternion(axes * [1.0, 1.0, handedness]), handedness


def _quaternion(rotation: Floats) -> Floats:
    """Of the four numbers (a, b, c, d) of a rotation the last three, a not being negative."""
    known = np.array([
        [np.trace(rotation), *_differences(rotation)],
        *(np.zeros(4) for _ in range(3)),
    ])  # fmt: skip
    known[1:, 0] = known[0, 1:]
    known[1:, 1:] = rotation + rotation.T - np.eye(3) * np.trace(rotation)
    # The eigenvector of the largest eigenvalue: stable at every angle, as half turns.
    found = np.linalg.eigh(known)[1][:, -1]
    return np.asarray(found[1:] if found[0] >= 0 else -found[1:])


def _differences(rotation: Floats) -> Floats:
    return np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]])


def _rotation(quaternion: Any) -> Floats:
    b, c, d = (float(part) for part in quaternion)
    squares = b * b + c * c + d * d
    # Near a half turn the first number is nothing but the others' rounding.
    if squares > 1.0 - _ROUNDED:
        b, c, d = (part / float(np.sqrt(squares)) for part in (b, c, d))
    a = float(np.sqrt(max(0.0, 1.0 - squares))) if squares <= 1.0 - _ROUNDED else 0.0
    return np.array([
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ])  # fmt: skip
