"""Agatston score, volume, mass and density of the calcium in labelled voxels; pure, and needs scipy.

A lesion of a slice is what hangs together in it by edges or corners (8-connected), reaches the threshold, and covers a
square millimetre at least. It weighs 1 to 4 by its brightest pixel. The score of a vessel is the sum of area times
weight, as if all slices were 3 mm apart: times the step from slice to slice by 3 mm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from apps.calcium.scoring.steps import STEP, step_of
from apps.calcium.scoring.thresholds import Thresholds
from apps.volumes.geometry.voxels import Voxels

# A lesion's least area in a slice, in square millimetres.
LEAST_AREA: Final = 1.0
# 8-connected in each slice, and not connected from slice to slice.
IN_PLANE: Final = np.stack([np.zeros((3, 3), bool), np.ones((3, 3), bool), np.zeros((3, 3), bool)])
IN_SPACE: Final = np.ones((3, 3, 3), bool)

Labels = NDArray[np.uint8]
Booleans = NDArray[np.bool_]
Places = tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What is scored of one vessel, or of all: `volume` in cubic millimetres, `mass` in milligrams of hydroxyapatite
    (None without a calibration), `lesions` by their number in space, `peak` in Hounsfield units (None without any).
    `by_slice` is the Agatston score of each slice."""

    agatston: float = 0.0
    volume: float = 0.0
    mass: float | None = None
    lesions: int = 0
    peak: float | None = None
    by_slice: tuple[float, ...] = ()

    @property
    def density(self) -> float | None:
        """The mean weight by area, from 1 to 4 (Criqui MH, et al. JAMA 2014;311:271-8); None without any calcium."""
        return self.agatston / (self.volume / STEP) if self.volume else None


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores by label, and the voxels [k, j, i] that count, each with its label."""

    scores: dict[int, Score]
    counted: Labels


@dataclass(frozen=True, slots=True)
class _Scale:
    """What pixels measure (square millimetres), and slices, and what their values weigh."""

    pixel: float
    step: float
    thresholds: Thresholds
    calibration: float | None

    @property
    def least(self) -> int:
        """The pixels of the smallest lesion."""
        return ceil(LEAST_AREA / self.pixel - 1e-9)


@dataclass(frozen=True, slots=True)
class _Lesions:
    """The lesions of a box in their slices: of each the pixels, the slice, the brightest value and the sum of all."""

    pixels: NDArray[np.int64]
    slices: NDArray[np.int64]
    peaks: NDArray[np.float64]
    sums: NDArray[np.float64]


def score(
    voxels: Voxels,
    labels: Labels,
    numbers: Iterable[int],
    thresholds: Thresholds,
    *,
    calibration: float | None = None,
) -> Scored:
    """Score what is labelled [k, j, i] with these numbers, each by itself; 0 is nothing's.

    `calibration` are the milligrams of hydroxyapatite in a millilitre for each Hounsfield unit. The lattice is even.
    Raises ValueError where labels and voxels differ in shape.
    """
    if labels.shape != voxels.values.shape:
        raise ValueError("There is a label for each voxel.")
    lattice = voxels.lattice
    scale = _Scale(lattice.row_spacing * lattice.column_spacing, step_of(lattice), thresholds, calibration)
    places = np.flatnonzero(at_least(voxels, thresholds.lowest) & (labels != 0))
    owners = labels.reshape(-1)[places]
    scores, counted = {}, np.zeros_like(labels)
    for number in numbers:
        of_number = np.unravel_index(places[owners == number], labels.shape)
        lesions, kept = _lesions(voxels, of_number, scale)
        counted[kept] = number
        scores[number] = _summed(lesions, _count(kept), scale, lattice.shape[0])
    return Scored(scores, counted)


def total(scores: Iterable[Score], slices: int) -> Score:
    """Of all vessels together. A lesion that reaches from one into the next counts in both."""
    every = list(scores)
    masses = [each.mass for each in every if each.mass is not None]
    by_slice = np.zeros(slices)
    for each in every:
        by_slice += each.by_slice
    return Score(
        agatston=sum(each.agatston for each in every),
        volume=sum(each.volume for each in every),
        mass=sum(masses) if masses else None,
        lesions=sum(each.lesions for each in every),
        peak=max((each.peak for each in every if each.peak is not None), default=None),
        by_slice=tuple(by_slice.tolist()),
    )


def at_least(voxels: Voxels, hounsfield: float) -> Booleans:
    """Which voxels reach this value; of whole numbers, without working out the value of each."""
    values = voxels.values
    if values.dtype != np.int16 or voxels.slope <= 0:
        return np.asarray(values * voxels.slope + voxels.intercept >= hounsfield)
    stored = np.arange(-(1 << 15), 1 << 15)
    first = int(np.searchsorted(stored * voxels.slope + voxels.intercept, hounsfield))
    return np.asarray(values >= stored[first]) if first < len(stored) else np.zeros(values.shape, bool)


def _lesions(voxels: Voxels, places: Places, scale: _Scale) -> tuple[_Lesions, Places]:
    """The lesions among the voxels at these places (k, j, i) that are large enough, and the places of their voxels."""
    components = _components(places, IN_PLANE)
    values = voxels.values[places].astype(np.float64) * voxels.slope + voxels.intercept
    pixels = np.bincount(components)
    peaks, slices = np.full(len(pixels), -np.inf), np.zeros(len(pixels), np.int64)
    np.maximum.at(peaks, components, values)
    slices[components] = places[0]
    large = pixels >= scale.least
    kept = large[components]
    sums = np.bincount(components, values).astype(np.float64)
    return _Lesions(pixels[large], slices[large], peaks[large], sums[large]), tuple(axis[kept] for axis in places)


def _components(places: Places, structure: Booleans) -> NDArray[np.int64]:
    """Of the voxel at each place, which of the parts that hang together it is in, from 0; in a box about them all."""
    if not len(places[0]):
        return np.zeros(0, np.int64)
    inside = tuple(axis - axis.min() for axis in places)
    box = np.zeros([int(axis.max()) + 1 for axis in inside], bool)
    box[inside] = True
    return np.asarray(ndimage.label(box, structure)[0][inside] - 1, np.int64)


def _count(places: Places) -> int:
    """How many parts there are in space."""
    return int(_components(places, IN_SPACE).max(initial=-1)) + 1


def _summed(found: _Lesions, lesions: int, scale: _Scale, slices: int) -> Score:
    weights = np.searchsorted(scale.thresholds.limits, found.peaks, "right")
    weighed = np.bincount(found.slices, found.pixels * weights, slices)
    voxel = scale.pixel * scale.step
    return Score(
        agatston=float(weighed.sum()) * voxel / STEP,
        volume=float(found.pixels.sum()) * voxel,
        mass=None if scale.calibration is None else scale.calibration * float(found.sums.sum()) * voxel / 1000,
        lesions=lesions,
        peak=float(found.peaks.max()) if len(found.peaks) else None,
        by_slice=tuple((weighed * voxel / STEP).tolist()),
    )
