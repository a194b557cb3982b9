"""How much later one sound begins than another of the same room: by what both heard. Pure; NumPy's FFT.

First by loudness: envelopes of ten milliseconds, of which what changes counts, so that a hum weighs nothing. Then, near
the place that was found, by the waveforms themselves. A place is taken only where it stands out from all others:
silence, a hum and what repeats itself are refused.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000  # samples a second
_STEP: Final = RATE // 100
# How much better than at any other place it must fit, and the least likeness (1: the same) that counts at all.
LEAST_CONFIDENCE: Final = 1.5
LEAST_LIKENESS: Final = 0.2
# Seconds: how much of both must sound together, and how near another place is the same one.
LEAST_OVERLAP: Final = 2.0
_SAME: Final = 0.25
# Of loudness: what varies by less (in powers of e) is one tone, or nothing.
_LEAST_CHANGE: Final = 0.05
_QUIET: Final = 1e-4
# Seconds by which the waveforms are moved to find the exact place, and of the loudest part that is compared.
_NEAR: Final = 0.03
_COMPARED: Final = 4.0

Samples = NDArray[np.float32]


class Ambiguous(ValueError):
    """It can't be told from these sounds."""


@dataclass(frozen=True, slots=True)
class Match:
    """`offset`: seconds by which the second began later than the first. `confidence`: over the next best place."""

    offset: float
    confidence: float
    likeness: float


def match(first: Samples, second: Samples) -> Match:
    """Where the second belongs in the first. Samples of one channel, RATE a second. Raises Ambiguous."""
    changes = _changes(first), _changes(second)
    scores, lags = _scores(*changes)
    best = int(np.argmax(scores))
    away = np.abs(lags - lags[best]) > _SAME * RATE / _STEP
    others = float(scores[away].max(initial=0.0))
    likeness = float(scores[best])
    confidence = likeness / max(others, 1e-6)
    if likeness < LEAST_LIKENESS or confidence < LEAST_CONFIDENCE:
        raise Ambiguous
    return Match(_refined(first, second, int(lags[best]) * _STEP) / RATE, min(confidence, 1e3), likeness)


def _changes(samples: Samples) -> NDArray[np.float64]:
    """How the loudness changes from one hundredth of a second to the next; what rises weighs as what falls."""
    # Without what is low: a hum of the mains is louder than a voice, and tells nothing.
    high = np.diff(samples.astype(np.float64), n=2) if len(samples) > _STEP else samples
    count = len(high) // _STEP
    pieces = high[: count * _STEP].reshape(count, _STEP)
    loudness = np.log(_QUIET + np.sqrt(np.mean(pieces**2, axis=1))) if count else np.zeros(0)
    changes = np.diff(loudness)
    if len(changes) < LEAST_OVERLAP * RATE / _STEP or np.std(changes) < _LEAST_CHANGE:
        raise Ambiguous
    changed: NDArray[np.float64] = changes - changes.mean()
    return changed


def _scores(first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The likeness (-1 to 1) of what sounds together, for each lag at which enough of it does."""
    least = int(LEAST_OVERLAP * RATE / _STEP)
    lags = np.arange(-len(second) + 1, len(first))
    products = _correlated(first, second)
    energy = _correlated(first**2, np.ones_like(second)), _correlated(np.ones_like(first), second**2)
    overlap = _correlated(np.ones_like(first), np.ones_like(second)).round()
    # What little sounds together is easily alike by chance: it counts for less.
    weight = np.sqrt(np.clip(overlap / min(len(first), len(second)), 0.0, 1.0))
    scale = np.sqrt(np.clip(energy[0], 1e-9, None) * np.clip(energy[1], 1e-9, None))
    scores = np.where(overlap >= least, products / scale * weight, 0.0)
    return scores, lags


def _correlated(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of first[n + lag] * second[n], for all lags from -len(second) + 1 on."""
    size = 1 << (len(first) + len(second) - 1).bit_length()
    product = np.fft.rfft(first, size) * np.conj(np.fft.rfft(second, size))
    circular = np.fft.irfft(product, size)
    found: NDArray[np.float64] = np.concatenate([circular[size - len(second) + 1 :], circular[: len(first)]])
    return found


def _refined(first: Samples, second: Samples, lag: int) -> int:
    """The lag in samples near this one at which the waveforms fit best, where the second is loudest."""
    near, length = int(_NEAR * RATE), int(_COMPARED * RATE)
    low, high = max(0, -lag) + near, min(len(second), len(first) - lag) - near
    if high - low < RATE // 2:
        return lag
    at = low + _loudest(second[low:high], length)
    part = second[at : min(at + length, high)].astype(np.float64)
    around = first[at + lag - near : at + lag + len(part) + near].astype(np.float64)
    fits = _correlated(around, part)[len(part) - 1 : len(part) + 2 * near]
    return lag - near + int(np.argmax(fits))


def _loudest(samples: Samples, length: int) -> int:
    """Where the loudest part of this length begins."""
    if len(samples) <= length:
        return 0
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    return int(np.argmax(energy[length:] - energy[:-length]))
