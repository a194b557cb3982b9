"""What would be scored, looked at before anything is: a volume, its header, and the thresholds for it."""

from collections.abc import Mapping
from typing import Any

from apps.calcium.scoring.gates import Pictured, refusals
from apps.calcium.scoring.thresholds import Thresholds
from apps.core.errors import Conflict
from apps.dicom.attributes import Attributes
from apps.saying import together
from apps.volumes import slices
from apps.volumes.derived.heritage import flattened
from apps.volumes.lattices import lattice_of
from apps.volumes.models import Volume


def header_of(volume: Volume) -> Attributes:
    """The header of its middle slice, flattened. Raises NotFound where that is gone."""
    found = slices.frames_of_volume(volume)
    return flattened(slices.first_header(volume), found[len(found) // 2][1])


def pictured(volume: Volume, header: Attributes) -> Pictured:
    """The volume as the gates look at it."""
    return Pictured(header, lattice_of(volume), volume.scale["unit"], volume.known_flags)


def thresholds_of(asked: Mapping[str, Any]) -> Thresholds:
    """Those that were declared, else Agatston's."""
    declared = asked.get("thresholds")
    if declared is None:
        return Thresholds()
    a, b, c, d = declared["limits"]
    return Thresholds(declared["kvp"], (a, b, c, d), declared["citation"])


def check(of: Pictured, thresholds: Thresholds) -> None:
    """Raises Conflict with all that forbids to score it."""
    if found := refusals(of, thresholds):
        raise Conflict(together(*found))
