"""Lattices as the rows keep them: JSON, exact to the last bit."""

from typing import Any

from apps.volumes.geometry.lattice import Lattice, Vector
from apps.volumes.models import Volume


def to_json(lattice: Lattice) -> dict[str, Any]:
    """The lattice in JSON's types; its shape is not among them, for rows have columns for it."""
    return {
        "origin": list(lattice.origin),
        "along": list(lattice.along),
        "down": list(lattice.down),
        "across": list(lattice.across),
        "offsets": list(lattice.offsets),
        "rowSpacing": lattice.row_spacing,
        "columnSpacing": lattice.column_spacing,
        "gaps": list(lattice.gaps),
    }


def lattice_of(volume: Volume) -> Lattice:
    """Where the volume's voxels lie in the patient (millimetres, LPS)."""
    known = volume.lattice
    return Lattice(
        shape=volume.shape,
        origin=_vector(known["origin"]),
        along=_vector(known["along"]),
        down=_vector(known["down"]),
        across=_vector(known["across"]),
        offsets=tuple(known["offsets"]),
        row_spacing=known["rowSpacing"],
        column_spacing=known["columnSpacing"],
        gaps=tuple(known["gaps"]),
    )


def _vector(numbers: list[float]) -> Vector:
    x, y, z = numbers
    return x, y, z
