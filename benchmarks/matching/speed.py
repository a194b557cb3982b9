"""What it costs to match one patient in a practice of 100,000 leads, in processor time."""

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from apps.practice.matching.blocking import keys, shortlist, usable
from apps.practice.matching.deciding import decide
from apps.practice.matching.person import Facts, Person, person
from apps.practice.matching.weights import SHIPPED
from apps.practice.matching.words import words
from benchmarks.matching.febrl import Known, Record, facts
from benchmarks.matching.judging import frequencies

LEADS: Final = 100_000
PATIENTS: Final = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time for one patient, and how many leads each was compared with."""

    median: float
    worst: float
    compared: float
    leads: int


def measure(originals: Sequence[Record], copies: Sequence[Record], count: int = LEADS) -> Cost:
    """Match patients to `count` leads, made of the originals' parts, so that names are as common as they are there.

    Timed is all but the database: the keys, the choice among the leads that share one, their normalisation from the
    facts as they are stored, comparison and decision. The table of keys is a dictionary here.
    """
    leads = [facts(record, Known.ALL) for record in crowd(originals, count)]
    people = [person(each) for each in leads]
    table: dict[str, list[int]] = {}
    for at, each in enumerate(people):
        for key in keys(each):
            table.setdefault(key, []).append(at)
    known = frequencies(people)
    del people
    # What was normalised a moment ago is remembered; a worker that has just started remembers nothing.
    words.cache_clear()
    times, compared = [], []
    for copy in copies[:PATIENTS]:
        begin = time.process_time()
        patient = person(facts(copy, Known.ALL))
        found = {key: table[key] for key in keys(patient) if key in table}
        chosen = usable({key: len(rows) for key, rows in found.items()})
        near = shortlist((at, key) for key in chosen for at in found[key])
        decide(patient, _read(leads, near), SHIPPED, population=count, frequencies=known)
        times.append((time.process_time() - begin) * 1000)
        compared.append(len(near))
    return Cost(statistics.median(times), max(times), statistics.mean(compared), count)


def _read(leads: Sequence[Facts], near: Sequence[int]) -> list[tuple[int, Person]]:
    return [(at, person(leads[at])) for at in near]


def crowd(originals: Sequence[Record], count: int) -> Iterator[Record]:
    """The originals, and more of their parts: names, birth date, number and address each of another, `count` in all."""
    yield from originals
    chance = random.Random(2)
    for _ in range(count - len(originals)):
        named, called, born, living = chance.choices(originals, k=4)
        number = str(chance.randrange(10**6, 10**7))
        yield replace(living, family=named.family, given=called.given, birth_date=_near(born, chance), number=number)


def _near(record: Record, chance: random.Random) -> str:
    """A birth date of the same year: otherwise each would be that of twenty leads."""
    return f"{record.birth_date[:4]}{chance.randint(1, 12):02}{chance.randint(1, 28):02}" if record.birth_date else ""
