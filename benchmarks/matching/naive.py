"""The rule that practices write first: the number is the same, or both names and the birth date are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from benchmarks.matching.febrl import Known, Record
from benchmarks.matching.judging import Result


def judge(originals: Sequence[Record], copies: Sequence[Record], known: Known) -> Result:
    """Link each copy to all originals that the rule allows, one of which is right at the most."""
    leads: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for record in originals:
        for key in _keys(record, known):
            leads[key].add(record.entity)
    right = wrong = 0
    for copy in copies:
        found = {entity for key in _keys(copy, known) for entity in leads.get(key, ())}
        right += copy.entity in found
        wrong += len(found - {copy.entity})
    return Result(right, wrong, 0, 0, sum(bool(copy.entity) for copy in copies))


def _keys(record: Record, known: Known) -> Iterator[tuple[str, ...]]:
    if known is not Known.NO_NUMBER and record.number:
        yield (record.number,)
    if record.given and record.family and record.birth_date:
        yield (record.given, record.family, record.birth_date)
