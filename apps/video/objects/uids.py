"""UIDs that follow from what they are of: a conversion that runs again makes the same object, not another one."""

from typing import Final
from uuid import UUID, uuid5

from apps.video.objects.metadata import Metadata

# Of this program's videos; with another one every UID would be another.
_NAMESPACE: Final = UUID("5a1c9f6e-6b0f-4b7e-9f57-1d1d7f0c2a34")


def seed(*parts: str) -> str:
    """What UIDs follow from: the upload's or job's key and the SHA-256 of the file, say. Raises ValueError for none."""
    if not any(parts):
        raise ValueError("UIDs have to follow from something.")
    return "/".join(parts)


def uid(seed: str, role: str) -> str:
    """The UID below 2.25 (PS3.5 B.2) of what has this `role` in what came of this seed; ValueError for no seed."""
    if not seed:
        raise ValueError("UIDs have to follow from something.")
    return f"2.25.{uuid5(_NAMESPACE, f'{role}/{seed}').int}"


def study_uid(metadata: Metadata) -> str:
    """Study Instance UID (0020,000D): the given one, that of the scheduled step, or what follows from the seed."""
    return metadata.study.uid or metadata.requested.study_uid or uid(metadata.seed, "study")


def series_uid(metadata: Metadata) -> str:
    """Series Instance UID (0020,000E)."""
    return metadata.series.uid or uid(metadata.seed, "series")


def instance_uid(metadata: Metadata) -> str:
    """SOP Instance UID (0008,0018)."""
    return metadata.sop_instance_uid or uid(metadata.seed, "instance")
