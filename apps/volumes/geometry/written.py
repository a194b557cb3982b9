"""Lattices in JSON, exact to the last bit: as rows keep them, and as they pass to other processes; pure."""

from collections.abc import Mapping
from typing import Any

from apps.volumes.geometry.lattice import Lattice, Vector


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


def from_json(known: Mapping[str, Any], shape: tuple[int, int, int]) -> Lattice:
    """The lattice that `to_json` wrote, of `shape` (slices, rows, columns)."""
    return Lattice(
        shape=shape,
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
