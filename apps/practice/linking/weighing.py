"""From pure matching to rows and back: leads weighed against whom the images show, and what is written down of it."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from apps.practice.leads.persons import person_of
from apps.practice.linking import names
from apps.practice.linking.names import LEAST_PEOPLE
from apps.practice.matching.comparing import Comparison, Field
from apps.practice.matching.deciding import Decision, Outcome, Ranked, decide
from apps.practice.matching.levels import Level
from apps.practice.matching.person import Person
from apps.practice.matching.weights import SHIPPED, Frequencies, Weights
from apps.practice.models import Lead, MatchingWeights
from apps.saying import say

_SAME_DAY: Final = frozenset({Level.EXACT, Level.SWAPPED, Level.CLOSE})


@dataclass(frozen=True, slots=True)
class Weighed:
    """A lead with the evidence for and against it.

    `explanation`: {field, level, bits, words} for each field that both sides know. `notes` say why people must decide.
    `clashes` say what names somebody else outright: more than a doubt, and reason enough not to take anybody's word.
    """

    lead_pk: int
    score: float
    probability: float
    explanation: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    clashes: tuple[str, ...]

    @property
    def is_doubtful(self) -> bool:
        """Whether something speaks against it."""
        return bool(self.notes or self.clashes)


@dataclass(frozen=True, slots=True)
class Found:
    """What the server makes of all leads: `ranked` are those that come into question, `weighed` those and the named."""

    outcome: Outcome
    notes: tuple[str, ...]
    ranked: tuple[Weighed, ...]
    weighed: tuple[Weighed, ...]

    @property
    def best(self) -> Weighed | None:
        """The likeliest lead, if any comes into question."""
        return self.ranked[0] if self.ranked else None


@dataclass(frozen=True, slots=True)
class Scale:
    """What a practice weighs by: its weights, their version, among how many people, how common their names are.

    Whoever has few leads has more people to come than those.
    """

    version: int
    weights: Weights
    people: int
    names: Frequencies


def scale(practice_id: int) -> Scale:
    """What the practice weighs by: its newest weights, or those that ship (version 0) where it has learnt none."""
    row = MatchingWeights.objects.filter(practice=practice_id).order_by("-version").first()
    version, weights = (row.version, Weights.of_json(json.dumps(row.weights))) if row else (0, SHIPPED)
    known = names.of_practice(practice_id)
    return Scale(version, weights, max(known.people, LEAST_PEOPLE), known)


def shipped() -> Weights:
    """The weights that every practice begins with."""
    return SHIPPED


def weigh(
    person: Person,
    leads: Sequence[Lead],
    scale: Scale,
    *,
    rejected: Collection[int] = (),
    expected: Collection[int] = (),
    named: Collection[int] = (),
) -> Found:
    """Weigh the leads. Those `named` are weighed by themselves besides, however unlikely, and though rejected."""
    people = [(lead.pk, person_of(lead)) for lead in leads]
    decision = _decide(person, people, scale, rejected, expected)
    ranked = tuple(weighed_of(each) for each in decision.candidates)
    known = {each.lead_pk for each in ranked}
    others = [pair for pair in people if pair[0] in named and pair[0] not in known]
    weights = scale.weights
    anyone = replace(scale, weights=replace(weights, limits=replace(weights.limits, review=0.0)))
    alone = (_decide(person, [pair], anyone, (), expected) for pair in others)
    rest = tuple(weighed_of(each) for single in alone for each in single.candidates)
    notes = decision.vetoes if decision.outcome is Outcome.REVIEW else ()
    return Found(decision.outcome, tuple(notes), ranked, ranked + rest)


def weighed_of(ranked: Ranked) -> Weighed:
    """A lead as pure matching ranks it, as it is written down."""
    explanation = tuple(
        {"field": str(each.field), "level": str(each.level), "bits": each.bits, "words": each.words}
        for each in ranked.reasons
    )
    clashes = tuple(_clashes(ranked.comparison))
    return Weighed(ranked.key, ranked.bits, ranked.probability, explanation, ranked.vetoes, clashes)


def _decide(
    person: Person,
    people: Sequence[tuple[int, Person]],
    scale: Scale,
    rejected: Collection[int],
    expected: Collection[int],
) -> Decision:
    return decide(
        person,
        people,
        scale.weights,
        population=scale.people,
        rejected=rejected,
        expected=expected,
        frequencies=scale.names,
    )


def _clashes(comparison: Comparison) -> Iterator[str]:
    """What says outright that these are two people."""
    levels = dict(comparison.levels)
    if comparison.has_conflict:
        yield say("Both have a valid insurance number, and not the same one.")
    if levels[Field.GIVEN] is Level.DIFFERENT:
        yield say("The given name is another.")
    if levels[Field.BIRTH_DATE] is Level.DIFFERENT:
        yield say("The birth date is another.")
    is_vouched = levels[Field.BIRTH_DATE] in _SAME_DAY or levels[Field.IDENTIFIER] is Level.EXACT
    if levels[Field.FAMILY] is Level.DIFFERENT and not is_vouched:
        yield say("The family name is another, and nothing else says that it is the same person.")
