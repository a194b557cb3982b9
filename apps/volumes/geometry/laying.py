"""Where the slices of one stack lie: in which order, along which line, how far apart, and what is wrong with that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.lattice import EVEN_MM, EVEN_SHARE, Lattice, Vector
from apps.volumes.geometry.orientations import orthonormal, vector

Floats = NDArray[np.float64]
# Millimetres by which offsets and positions are rounded in files: within that they are what was meant.
ROUNDED: Final = 1e-3
# Of a pixel: slices that lie farther than this beside their line are shifted.
SHIFTED_SHARE: Final = 0.1
SHIFTED_MM: Final = 0.01
# No gantry is tilted more than 30 degrees, no stack sheared by more than its height.
STEEPEST: Final = 1.0
# Of the usual step: as much as this without an image is a slice that is missing.
MISSING_SHARE: Final = 0.9
# Where no Pixel Spacing is given.
ASSUMED_SPACING: Final = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Laid:
    """The frames in the order of their slices, k ascending along across x down; where they lie; what is wrong."""

    frames: tuple[Frame, ...]
    lattice: Lattice
    flags: frozenset[Flag]


@dataclass(frozen=True, slots=True)
class _Line:
    """What the slices are strung on: millimetres (across, down) to the side for each along the normal."""

    start: Floats
    shear: Floats
    is_straight: bool


def lay(frames: Sequence[Frame]) -> Laid:
    """Lay out parallel frames of one matrix, one to each place along their normal. ValueError for fewer than two."""
    if len(frames) < 2:
        raise ValueError("Slices are two at least.")
    across, down = _orientation(frames)
    axes = np.array([across, down, np.cross(across, down)])
    places = np.array([frame.position for frame in frames], dtype=np.float64) @ axes.T
    order = np.argsort(places[:, 2], kind="stable")
    ordered, places = tuple(frames[index] for index in order), places[order]
    spacing = ordered[0].spacing or ASSUMED_SPACING
    line = _line(places, max(SHIFTED_SHARE * min(spacing), SHIFTED_MM))
    offsets, gaps, flags = _offsets(ordered, np.diff(places[:, 2]), float(np.hypot(1.0, np.hypot(*line.shear))))
    lattice = Lattice(
        shape=(len(ordered), ordered[0].rows, ordered[0].columns),
        origin=_origin(ordered[0], line, places, axes),
        along=vector(np.array([*line.shear, 1.0]) @ axes),
        down=down,
        across=across,
        offsets=offsets,
        row_spacing=spacing[0],
        column_spacing=spacing[1],
        gaps=gaps,
    )
    flags |= _flags_of_frames(ordered)
    flags |= {Flag.GANTRY_TILT} if lattice.is_sheared else set()
    return Laid(ordered, lattice, frozenset(flags if line.is_straight else flags | {Flag.SHIFTED_SLICES}))


def _orientation(frames: Sequence[Frame]) -> tuple[Vector, Vector]:
    """The middle of what the frames say: they differ by roundings."""
    directions = np.array([(*(frame.across or ()), *(frame.down or ())) for frame in frames], dtype=np.float64)
    middle = np.median(directions, axis=0)
    return orthonormal(middle[:3], middle[3:])


def _line(places: Floats, nearest: float) -> _Line:
    """The line through places (across, down, along the normal), ascending: sheared where all of them say so."""
    height, beside = places[:, 2] - places[0, 2], places[:, :2]
    shears = [np.zeros(2)]
    if len(places) > 2:
        shears += [_shear(height, beside, 1), _shear(height, beside, len(places) // 2)]
    shears = [shear for shear in shears if np.hypot(*shear) <= STEEPEST]
    lines = [_through(height, beside, shear) for shear in shears]
    start, shear, residual = min(lines, key=lambda line: float(np.abs(line[2]).sum()))
    if np.abs(shear * height[-1]).max() <= ROUNDED:
        start, shear, residual = _through(height, beside, np.zeros(2))
    return _Line(start, shear, bool(np.hypot(*residual.T).max() <= nearest))


def _shear(height: Floats, beside: Floats, apart: int) -> Floats:
    """The median step to the side between slices so many apart: near ones tell shifts, far ones angles."""
    steps = (beside[apart:] - beside[:-apart]) / (height[apart:] - height[:-apart])[:, np.newaxis]
    return np.asarray(np.median(steps, axis=0), dtype=np.float64)


def _through(height: Floats, beside: Floats, shear: Floats) -> tuple[Floats, Floats, Floats]:
    """Where the line of this shear starts, so that most slices lie on it; its shear; how far beside it each lies."""
    rest = beside - height[:, np.newaxis] * shear
    start = np.asarray(np.median(rest, axis=0), dtype=np.float64)
    return start, shear, rest - start


def _origin(first: Frame, line: _Line, places: Floats, axes: Floats) -> Vector:
    """The first slice's own position, exactly, unless it is itself beside the line."""
    if first.position is not None and np.hypot(*(places[0, :2] - line.start)) <= ROUNDED:
        return first.position
    x, y, z = (np.array([*line.start, places[0, 2]]) @ axes).tolist()
    return x, y, z


def _offsets(
    frames: Sequence[Frame], steps: Floats, stretch: float
) -> tuple[tuple[float, ...], tuple[int, ...], set[Flag]]:
    """Each slice's distance from the first along the line, of `stretch` millimetres for each along the normal."""
    usual = float(np.median(steps))
    missing = _missing(steps, usual, _thicknesses(frames))
    uneven = np.abs(steps - usual)[~missing] > max(EVEN_SHARE * usual, EVEN_MM)
    flags = {Flag.MISSING_SLICES} if missing.any() else set()
    flags |= {Flag.UNEVEN_SPACING} if uneven.any() else set()
    flags |= {Flag.OVERLAPPING} if _overlap(steps * stretch, _thicknesses(frames)) else set()
    offsets = np.concatenate([[0.0], np.cumsum(steps)]) * stretch
    even = np.arange(len(offsets)) * (offsets[-1] / len(steps))
    if np.abs(offsets - even).max() <= ROUNDED:
        offsets = even
    return tuple(offsets.tolist()), tuple(np.flatnonzero(missing).tolist()), flags


def _thicknesses(frames: Sequence[Frame]) -> Floats:
    """The mean thickness of the two slices of each step; NaN where it isn't said."""
    each = np.array([np.nan if frame.thickness is None else frame.thickness for frame in frames])
    return (each[1:] + each[:-1]) / 2


def _missing(steps: Floats, usual: float, thicknesses: Floats) -> NDArray[np.bool_]:
    """Behind which slices others are missing: the step is a slice longer than slices of that thickness explain."""
    at_usual = thicknesses[np.abs(steps - usual) <= max(EVEN_SHARE * usual, EVEN_MM)]
    said = at_usual[np.isfinite(at_usual)]
    thicker = thicknesses / np.median(said) if said.size else np.full(len(steps), np.nan)
    covered = usual * np.fmax(1.0, thicker)
    return np.asarray(steps - covered >= MISSING_SHARE * usual, dtype=np.bool_)


def _overlap(steps: Floats, thicknesses: Floats) -> bool:
    """Whether slices are thicker than the step to the next one, along the table where the gantry is tilted."""
    return bool(np.any(thicknesses > steps * (1 + EVEN_SHARE) + EVEN_MM))


def _flags_of_frames(frames: Sequence[Frame]) -> set[Flag]:
    said = {
        Flag.UNCALIBRATED: any(frame.spacing is None for frame in frames),
        Flag.LOSSY: any(frame.is_lossy for frame in frames),
        Flag.NO_FRAME_OF_REFERENCE: any(not frame.frame_of_reference for frame in frames),
    }
    return {flag for flag, is_so in said.items() if is_so}
