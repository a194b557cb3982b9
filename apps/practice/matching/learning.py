"""New weights: from pairs that people have decided, or from pairs of which nobody knows anything."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from apps.practice.matching.comparing import Comparison, Field
from apps.practice.matching.levels import Level
from apps.practice.matching.weights import Chances, Weights

Counts = Mapping[Field, Mapping[Level, float]]
# How many pairs the former chances are worth against new ones.
PRIOR: Final = 200.0
MAX_ROUNDS: Final = 200
SETTLED: Final = 1e-7


def taught(
    weights: Weights, decided: Iterable[tuple[Comparison, bool]], *, version: str, prior: float = PRIOR
) -> Weights:
    """The weights after people's decisions, (comparison, whether they are one person) pairs.

    The former chances count like `prior` decisions, so that few decisions change little. Only pairs that are one person
    teach, namely how often a level is seen then (m). Those that people said are two are no sample of all pairs, since
    the machine had chosen them as likely: u stays.
    """
    same = _counted((comparison, 1.0) for comparison, is_same in decided if is_same)
    return replace(weights, version=version, chances=_blended(weights, same, {}, prior))


def counted(
    weights: Weights, same: Iterable[Comparison], other: Iterable[Comparison], *, version: str, prior: float = 1.0
) -> Weights:
    """The weights by counting: pairs known to be one person, and a random sample of pairs of two."""
    m = _counted((comparison, 1.0) for comparison in same)
    u = _counted((comparison, 1.0) for comparison in other)
    return replace(weights, version=version, chances=_blended(weights, m, u, prior))


def unsupervised(weights: Weights, compared: Sequence[Comparison], *, version: str, share: float = 0.05) -> Weights:
    """The weights by expectation and maximisation (Winkler 1990), from pairs of which nobody knows what they are.

    `compared`: all pairs that share a key. `share`: how many of them are one person, to begin with. Only m is learnt:
    u is that of random pairs, which those that share a key are not. The same pairs give the same weights.
    """
    patterns = Counter(comparison.levels for comparison in compared)
    current = weights
    for _ in range(MAX_ROUNDS):
        same = {levels: _posterior(current, levels, share) for levels in patterns}
        m = _tallied((levels, count * same[levels]) for levels, count in patterns.items())
        expected = sum(count * same[levels] for levels, count in patterns.items())
        moved = abs(share - expected / max(len(compared), 1))
        share = min(max(expected / max(len(compared), 1), 1e-6), 1 - 1e-6)
        current = replace(weights, version=version, chances=_blended(weights, m, {}, 1.0))
        if moved < SETTLED:
            break
    return current


def _posterior(weights: Weights, levels: tuple[tuple[Field, Level], ...], share: float) -> float:
    bits = math.log2(share / (1 - share)) + sum(weights.level_bits(field, level) for field, level in levels)
    return 1 / (1 + 2.0 ** min(max(-bits, -500.0), 500.0))


def _counted(pairs: Iterable[tuple[Comparison, float]]) -> Counts:
    return _tallied((comparison.levels, weight) for comparison, weight in pairs)


def _tallied(patterns: Iterable[tuple[tuple[tuple[Field, Level], ...], float]]) -> Counts:
    counts: dict[Field, Counter[Level]] = {}
    for levels, weight in patterns:
        for field, level in levels:
            if level is not Level.MISSING:
                counts.setdefault(field, Counter())[level] += weight  # type: ignore[assignment]
    return counts


def _blended(weights: Weights, m: Counts, u: Counts, prior: float) -> dict[Field, dict[Level, Chances]]:
    return {
        field: {
            level: Chances(
                _share(m.get(field, {}), level, former.m, prior), _share(u.get(field, {}), level, former.u, prior)
            )
            for level, former in levels.items()
        }
        for field, levels in weights.chances.items()
    }


def _share(counts: Mapping[Level, float], level: Level, former: float, prior: float) -> float:
    return (counts.get(level, 0.0) + prior * former) / (sum(counts.values()) + prior)
