"""Whose a patient is: the weights' verdict, held back where only a person may decide."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from apps.practice.matching import vetoes
from apps.practice.matching.comparing import Comparison, compare
from apps.practice.matching.explaining import words_for
from apps.practice.matching.levels import Level
from apps.practice.matching.person import Person
from apps.practice.matching.weights import SHIPPED, Frequencies, Limits, Weights
from apps.saying import say

MAX_RANKED: Final = 5
# What an appointment of that lead at that time and place adds.
EXPECTED_BITS: Final = 10.0
EXPECTED: Final = say("An appointment of this person fits.")


class Outcome(StrEnum):
    """What is to be done with a patient."""

    LINKED = "linked"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """What one field says: how far it agrees, what that weighs in bits, and the same in words."""

    field: str
    level: str
    bits: float
    words: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A lead that the patient may be, with the reasons for and against, and why a person must decide, if so."""

    key: int
    bits: float
    probability: float
    reasons: tuple[Reason, ...]
    vetoes: tuple[str, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome; bits, probability, reasons and vetoes of the best lead; `key` is its key if it is linked."""

    outcome: Outcome
    key: int | None = None
    bits: float | None = None
    probability: float = 0.0
    reasons: tuple[Reason, ...] = ()
    vetoes: tuple[str, ...] = ()
    candidates: tuple[Ranked, ...] = ()


class _Weighed(NamedTuple):
    key: int
    bits: float
    comparison: Comparison
    is_expected: bool


def decide(
    person: Person,
    candidates: Sequence[tuple[int, Person]],
    weights: Weights = SHIPPED,
    *,
    population: int,
    rejected: Collection[int] = (),
    expected: Collection[int] = (),
    frequencies: Frequencies | None = None,
) -> Decision:
    """Decide whose the patient is among the candidates, (key, person) pairs, of a practice with `population` leads.

    `rejected`: leads of which a person has said that they are not this patient; left out. `expected`: leads with an
    appointment then and there. Linked is only one that is likely enough, is ahead of all others, and that no veto holds
    back. The candidates come best first, at most five, none less likely than the weights' limit for a review.
    """
    weighed = [
        _weigh(key, compare(person, other), weights, frequencies, is_expected=key in expected)
        for key, other in candidates
        if key not in rejected
    ]
    weighed.sort(key=lambda each: (-each.bits, each.key))
    chances = probabilities([each.bits for each in weighed], population)
    is_nameless = not any(name.given for name in person.names)
    likely = [
        _rank(each, chance, weights, frequencies, is_nameless=is_nameless)
        for each, chance in zip(weighed[:MAX_RANKED], chances, strict=False)
        if chance >= weights.limits.review
    ]
    if not likely:
        return Decision(Outcome.NONE)
    rivalled = len(weighed) > 1 and weighed[0].bits - weighed[1].bits < weights.limits.lead_bits
    return _decided(likely, weights.limits, is_rivalled=rivalled)


def probabilities(bits: Sequence[float], population: int) -> list[float]:
    """The probability of each of several leads to be the one, where none of them may be it either."""
    odds = [2.0 ** min(weight - math.log2(max(population, 2)), 500.0) for weight in bits]
    total = 1.0 + sum(odds)
    return [each / total for each in odds]


def _weigh(
    key: int, comparison: Comparison, weights: Weights, frequencies: Frequencies | None, *, is_expected: bool
) -> _Weighed:
    bits = weights.bits(comparison, frequencies) + EXPECTED_BITS * is_expected
    return _Weighed(key, bits, comparison, is_expected)


def _rank(
    weighed: _Weighed, chance: float, weights: Weights, frequencies: Frequencies | None, *, is_nameless: bool
) -> Ranked:
    parts = weights.parts(weighed.comparison, frequencies)
    reasons = [
        Reason(field, level, round(bits, 2), words_for(field, level))
        for field, level, bits in parts
        if level not in {Level.STRAIGHT, Level.MISSING}
    ]
    if weighed.is_expected:
        reasons.append(Reason("appointment", Level.EXACT, EXPECTED_BITS, EXPECTED))
    found = vetoes.of(weighed.comparison, frequencies, is_nameless=is_nameless)
    held = tuple(veto.words for veto in found if veto not in weights.limits.waived)
    return Ranked(weighed.key, round(weighed.bits, 2), chance, tuple(reasons), held, weighed.comparison)


def _decided(likely: Sequence[Ranked], limits: Limits, *, is_rivalled: bool) -> Decision:
    best = likely[0]
    held = (*best.vetoes, vetoes.Veto.RIVAL.words) if is_rivalled else best.vetoes
    is_linked = best.probability >= limits.link and not held
    return Decision(
        outcome=Outcome.LINKED if is_linked else Outcome.REVIEW,
        key=best.key if is_linked else None,
        bits=best.bits,
        probability=best.probability,
        reasons=best.reasons,
        vetoes=held,
        candidates=tuple(likely),
    )
