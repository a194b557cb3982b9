"""What the header of an object says of each of its images, as far as a volume is concerned."""

from dataclasses import dataclass

from apps.volumes.geometry.lattice import Vector


@dataclass(frozen=True, slots=True)
class Frame:
    """One image: a single-frame object, or one frame of a multi-frame object (PS3.3 C.7.6.16).

    `instance` is whatever the caller knows the object by, `number` counts frames from 1. Vectors are in millimetres of
    the patient (LPS); None where the header doesn't say. `spacing` is (row to row, column to column) in millimetres.
    `group` is what tells apart images that lie in the same place or differ in kind: temporal position, echo, b-value,
    phase, kernel, acquisition and stack, as (what, value) in the standard's terms.
    """

    instance: int
    number: int
    instance_number: int
    position: Vector | None
    across: Vector | None
    down: Vector | None
    spacing: tuple[float, float] | None
    thickness: float | None
    rows: int
    columns: int
    is_grayscale: bool
    is_localizer: bool
    is_lossy: bool
    frame_of_reference: str
    slope: float
    intercept: float
    unit: str
    bits_stored: int
    is_signed: bool
    padding: int | None
    group: tuple[tuple[str, str], ...]
