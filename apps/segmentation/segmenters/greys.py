"""What the grey values of a cone beam would be in Hounsfield units: by the air and the soft tissue that it shows."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.voxels import Voxels

AIR, SOFT = -1000.0, 40.0
# HU: as near to these two a CT is taken at its word.
NEAR: Final = 150.0
# Of the values: how many are looked at, between which percentiles, in how many bins of a histogram.
_LOOKED_AT: Final = 2_000_000
_ENDS: Final = (0.05, 99.5)
_BINS: Final = 512
# Of the values looked at: as many as are on either side where there is air, and tissue.
_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Greys:
    """The volume's values of air and of soft tissue; HU of a CT that are right are left as they are."""

    air: float = AIR
    soft: float = SOFT

    def value_of(self, hounsfield: float) -> float:
        """The volume's value that stands for so many HU."""
        return self.air + (hounsfield - AIR) * (self.soft - self.air) / (SOFT - AIR)


def greys_of(voxels: Voxels) -> Greys | None:
    """The volume's grey values; None where it isn't in HU and shows no air and soft tissue to go by."""
    measured = _measured(_sampled(voxels))
    if voxels.unit != "HU":
        return measured
    if measured is None or max(abs(measured.air - AIR), abs(measured.soft - SOFT)) <= NEAR:
        return Greys()
    return measured


def _sampled(voxels: Voxels) -> NDArray[np.float64]:
    step = max(1, round((voxels.values.size / _LOOKED_AT) ** (1 / 3)))
    return np.asarray(voxels.values[::step, ::step, ::step].ravel() * voxels.slope + voxels.intercept)


def _measured(values: NDArray[np.float64]) -> Greys | None:
    low, high = np.percentile(values, _ENDS)
    counts, edges = np.histogram(values, _BINS, (low, high)) if high > low else (np.zeros(_BINS), np.arange(_BINS + 1))
    middles = (edges[1:] + edges[:-1]) / 2
    border = _between(counts, middles)
    air, rest = middles <= border, middles > border
    if min(counts[air].sum(), counts[rest].sum()) < _SHARE * len(values):
        return None
    return Greys(_peak(counts, middles, air), _peak(counts, middles, rest))


def _between(counts: NDArray[Any], middles: NDArray[np.float64]) -> float:
    """The value that tells two kinds apart best (Otsu, IEEE Transactions on Systems, Man and Cybernetics 1979;9:62)."""
    below = np.cumsum(counts)
    sums = np.cumsum(counts * middles)
    total, above = sums[-1], below[-1] - below
    apart = (total * below - sums * below[-1]) ** 2 / np.maximum(below * above, 1)
    return float(middles[int(apart.argmax())])


def _peak(counts: NDArray[Any], middles: NDArray[np.float64], among: NDArray[np.bool_]) -> float:
    """The most frequent of these values."""
    smooth = np.convolve(counts, np.ones(9) / 9, "same")
    return float(middles[int(np.where(among, smooth, -1).argmax())])
