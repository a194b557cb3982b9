"""What comes of a series: volumes, and what is in none of them."""

from dataclasses import dataclass
from enum import StrEnum

from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.lattice import Lattice


class Reason(StrEnum):
    """Why images are in no volume."""

    TOO_FEW = "too-few-slices"
    TOO_MANY = "too-many-slices"
    TOO_LARGE = "too-large"
    COLOUR = "colour"
    NO_GEOMETRY = "no-geometry"
    LOCALIZER = "localizer"
    NOT_PARALLEL = "not-parallel"
    NO_PIXELS = "no-pixels"


@dataclass(frozen=True, slots=True)
class Stack:
    """A volume to be: its frames in the order of its slices, where they lie, and what is to be known of that.

    `key` is the same whenever the same series is assembled, and tells the series' stacks from each other; `label` tells
    it to people in the standard's terms ("B30f", "Temporal Position 3"), empty for the only one.
    """

    key: str
    label: str
    frames: tuple[Frame, ...]
    lattice: Lattice
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many images are in no volume for a reason."""

    reason: Reason
    count: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """What comes of a series, the largest stack first."""

    stacks: tuple[Stack, ...]
    left_out: tuple[LeftOut, ...]
