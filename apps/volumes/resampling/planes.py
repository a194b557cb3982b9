"""Planes in the patient, and slabs about them."""

from dataclasses import dataclass
from enum import StrEnum

from apps.volumes.geometry.lattice import Vector


class Orientation(StrEnum):
    """Planes along the patient's axes, drawn as is the custom (PS3.3 C.7.6.2.1.1: LPS)."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


class Projection(StrEnum):
    """What becomes of the samples through a slab."""

    MAXIMUM = "mip"
    MINIMUM = "minip"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Slab:
    """`thickness` in millimetres, centred on its plane."""

    thickness: float
    projection: Projection


@dataclass(frozen=True, slots=True)
class Plane:
    """An image in the patient: `origin` is the centre of its first pixel (Image Position), `across` the unit vector
    from column to column and `down` from row to row (Image Orientation); spacings in millimetres."""

    origin: Vector
    across: Vector
    down: Vector
    row_spacing: float
    column_spacing: float
    rows: int
    columns: int
