"""UIDs that follow from what an object is made of, so that the same run gives the same objects (PS3.5 B.2)."""

from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("7b0c5f0a-8d0e-4a55-9a42-3f6f6a1d9c21")


def uid(seed: str, role: str) -> str:
    """The UID below 2.25 of what has this `role` in the run of this seed; ValueError for no seed."""
    if not seed:
        raise ValueError("UIDs have to follow from something.")
    return f"2.25.{uuid5(_NAMESPACE, f'{role}/{seed}').int}"
