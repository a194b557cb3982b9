"""Which leads are worth a comparison: those that share a key with the patient, the rarer the key the better."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from apps.dicom.likeness import sound
from apps.practice.matching.person import Name, Person

MAX_KEY: Final = 40
# How many leads one patient is compared with at the most (a hundred find nobody more, and take longer than all the
# rest), and how many rows of keys are read to find them.
MAX_CANDIDATES: Final = 40
MAX_ROWS: Final = 3_000


def keys(person: Person) -> frozenset[str]:
    """The keys of a person, each of at most 40 characters; two records of one person share at least one, as a rule.

    The letter before the colon says what it is made of: i identifier, b birth date (day and month in either order),
    n the whole name (in either order), y year of birth and a name, d day of birth and a name, f the beginnings of
    both names, s house number and street, t telephone, e e-mail.
    """
    return frozenset(key[:MAX_KEY] for key in _keys(person))


def usable(counts: Mapping[str, int]) -> list[str]:
    """Of a patient's keys, with how many leads have each, those to look up: rarest first, until 3,000 rows are read.

    A key that too many share (a birth date that a device enters by default, a common name) is thus passed over.
    """
    chosen, rows = [], 0
    for key, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        rows += count
        if rows > MAX_ROWS:
            break
        chosen.append(key)
    return chosen


def shortlist(found: Iterable[tuple[int, str]], limit: int = MAX_CANDIDATES) -> list[int]:
    """Of the (lead, key) rows that were found, the leads to compare with, those with the most and rarest keys first."""
    rows = list(found)
    shared: dict[str, int] = {}
    for _, key in rows:
        shared[key] = shared.get(key, 0) + 1
    scores: dict[int, float] = {}
    for lead, key in rows:
        scores[lead] = scores.get(lead, 0.0) + math.log2((len(rows) + 1) / shared[key])
    return sorted(scores, key=lambda lead: (-scores[lead], lead))[:limit]


def _keys(person: Person) -> Iterator[str]:
    yield from (f"i:{each.value}" for each in person.identifiers)
    yield from (f"t:{phone}" for phone in person.phones)
    yield from (f"e:{email}" for email in person.emails)
    yield from _of_birth(person)
    for name in person.names:
        yield from _of_name(name)
    for address in person.addresses:
        street = address.street.replace(" ", "")
        if street and address.numbers:
            yield f"s:{min(address.numbers)}:{street[:6]}"


def _of_birth(person: Person) -> Iterator[str]:
    born = person.birth_date
    if born is None:
        return
    low, high = sorted((born.day, born.month)) if born.day <= 12 else (born.month, born.day)
    yield f"b:{born.year}{low:02}{high:02}"
    for word in {word for name in person.names for word in _leading(name)}:
        yield f"y:{born.year}:{_like(word)}"
        yield f"d:{low:02}{high:02}:{_like(word)}"


def _of_name(name: Name) -> Iterator[str]:
    leading = _leading(name)
    if len(leading) == 2:
        yield "n:" + "|".join(sorted(_like(word)[:18] for word in leading))
        yield "f:" + "|".join(sorted(word[:3] for word in leading))


def _leading(name: Name) -> list[str]:
    """The whole family name and the first given name."""
    return [word for word in ("".join(name.family), name.given[0] if name.given else "") if word]


def _like(word: str) -> str:
    return sound(word) or word
