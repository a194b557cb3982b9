"""Learn the weights that are shipped, on sets that they are not judged on."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from apps.practice.matching.comparing import compare
from apps.practice.matching.learning import counted
from apps.practice.matching.person import person
from apps.practice.matching.weights import Weights
from benchmarks.matching.assumed import ASSUMED, CHANCES, UNTAUGHT
from benchmarks.matching.febrl import Known, Record, facts, load

SETS: Final = ("2", "3")
RANDOM_PAIRS: Final = 100_000


def learn(version: str) -> Weights:
    """The weights of FEBRL 2 and 3: m from each copy beside its original, u from random pairs. Takes 10 s."""
    originals, copies = parts([record for name in SETS for record in _named(name)])
    by_entity = {record.entity: person(facts(record, Known.ALL)) for record in originals}
    people = [(record.entity, person(facts(record, Known.ALL))) for record in (*originals, *copies)]
    chance = random.Random(1)
    same = [compare(by_entity[copy.entity], person(facts(copy, Known.ALL))) for copy in copies]
    pairs = (chance.sample(people, 2) for _ in range(RANDOM_PAIRS))
    other = (compare(one, another) for (entity, one), (else_, another) in pairs if entity != else_)
    learnt = counted(ASSUMED, same, other, version=version)
    chances = {
        field: {level: CHANCES[field][level] if (field, level) in UNTAUGHT else pair for level, pair in levels.items()}
        for field, levels in learnt.chances.items()
    }
    return replace(learnt, chances=chances)


def parts(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The originals, and the copies."""
    return [each for each in records if not each.is_copy], [each for each in records if each.is_copy]


def _named(name: str) -> list[Record]:
    return [replace(record, entity=f"{name}-{record.entity}") for record in load(name)]
