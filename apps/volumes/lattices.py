"""The lattices of the rows."""

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.written import from_json
from apps.volumes.models import Volume


def lattice_of(volume: Volume) -> Lattice:
    """Where the volume's voxels lie in the patient (millimetres, LPS)."""
    return from_json(volume.lattice, volume.shape)
