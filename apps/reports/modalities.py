"""What a study was examined with: not what documents and what is worked out of images call themselves."""

from apps.archive.growing import modalities_of
from apps.worklist.evidence import NOT_ACQUIRED


def examined(column: str) -> tuple[str, ...]:
    r"""The modalities of a study's column (`\CT\SR\`) that something was acquired with, sorted."""
    return tuple(sorted(modalities_of(column) - NOT_ACQUIRED))
