"""Match every patient of a set to its leads, as the product does, and count what came of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.practice.matching.blocking import keys, shortlist, usable
from apps.practice.matching.deciding import Decision, Outcome, decide
from apps.practice.matching.person import Person, person
from apps.practice.matching.weights import Frequencies, Weights
from benchmarks.matching.febrl import Known, Record, facts


class Leads:
    """A practice's leads in memory, found by their keys as the table of keys finds them."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(people):
            for key in keys(each):
                self._by_key[key].append(at)
        self.frequencies = frequencies(people)

    def near(self, patient: Person) -> list[tuple[int, Person]]:
        """The leads that the patient is compared with."""
        found = {key: self._by_key[key] for key in keys(patient) if key in self._by_key}
        chosen = usable({key: len(leads) for key, leads in found.items()})
        return [(at, self.people[at]) for at in shortlist((at, key) for key in chosen for at in found[key])]

    def decide(self, patient: Person, weights: Weights) -> Decision:
        """Whose the patient is."""
        return decide(patient, self.near(patient), weights, population=len(self.people), frequencies=self.frequencies)


def frequencies(people: Iterable[Person]) -> Frequencies:
    """How many have each name."""
    family: Counter[str] = Counter()
    given: Counter[str] = Counter()
    count = 0
    for each in people:
        count += 1
        family.update({"".join(name.family) for name in each.names if name.family})
        given.update({"".join(name.given) for name in each.names if name.given})
    return Frequencies(family, given, count)


@dataclass(frozen=True, slots=True)
class Result:
    """How many were linked rightly and wrongly, put before a person with and without the right lead, and had a lead."""

    right: int
    wrong: int
    shown: int
    asked: int
    true: int

    @property
    def precision(self) -> float:
        """Of those linked, which share is right."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Of those with a lead, which share was linked to it."""
        return self.right / max(self.true, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    @property
    def found(self) -> float:
        """Of those with a lead, which share was linked to it or put before a person beside it."""
        return (self.right + self.shown) / max(self.true, 1)


def judge(originals: Sequence[Record], copies: Sequence[Record], known: Known, weights: Weights) -> Result:
    """Match the copies to the originals."""
    leads = Leads([person(facts(record, known)) for record in originals])
    entities = [record.entity for record in originals]
    count: Counter[str] = Counter()
    for copy in copies:
        decision = leads.decide(person(facts(copy, known)), weights)
        count[_said(decision, copy.entity, entities)] += 1
    there = set(entities)
    true = sum(copy.entity in there for copy in copies)
    return Result(count["right"], count["wrong"], count["shown"], count["shown"] + count["asked"], true)


def _said(decision: Decision, entity: str, entities: Sequence[str]) -> str:
    if decision.outcome is Outcome.LINKED and decision.key is not None:
        return "right" if entities[decision.key] == entity else "wrong"
    if decision.outcome is Outcome.NONE:
        return "none"
    return "shown" if any(entities[each.key] == entity for each in decision.candidates) else "asked"
