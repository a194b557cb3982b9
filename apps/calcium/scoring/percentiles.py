"""Where a score stands among those of people of the same sex, age and ethnicity, by a table that a site has imported.

The table is a CSV file with a line for each group: `sex` (F or M), `ethnicity` (white, chinese, black, hispanic, or
empty for all), `age_from` and `age_to` (whole years, both included), and a column for each percentile that it has,
named `p25`, with the Agatston score that so many percent of the group don't exceed.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from math import isfinite
from typing import Any, Final, Self

from apps.calcium.scoring.risk import Ethnicity, Sex
from apps.saying import Sentence, say

MOST_BYTES: Final = 1 << 20
MOST_ROWS: Final = 1000
OLDEST: Final = 120
HIGHEST: Final = 100_000.0
_NAMES: Final = ("sex", "ethnicity", "age_from", "age_to")
_PERCENTILE: Final = re.compile(r"p([1-9][0-9]?)")


class WrongTable(ValueError):
    """The file is no such table. `reason` says why, for a person."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the table. `ethnicity` is empty for all; `scores` are (percent, Agatston score), ascending."""

    sex: str
    ethnicity: str
    age_from: int
    age_to: int
    scores: tuple[tuple[int, float], ...]

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(**{**known, "scores": tuple((percent, score) for percent, score in known["scores"])})

    def to_json(self) -> dict[str, Any]:
        """The line in JSON's types."""
        return asdict(self) | {"scores": [list(each) for each in self.scores]}

    def overlaps(self, other: Self) -> bool:
        """Whether somebody might be in both."""
        is_same = (self.sex, self.ethnicity) == (other.sex, other.ethnicity)
        return is_same and self.age_from <= other.age_to and other.age_from <= self.age_to


@dataclass(frozen=True, slots=True)
class Standing:
    """At least `least` percent of the group, and less than `below`, have this score or a lower one."""

    group: Group
    least: int
    below: int


def standing(
    groups: Iterable[Group], agatston: float, *, sex: Sex, age: float, ethnicity: Ethnicity | None
) -> Standing | None:
    """Where a score stands; None where the table has no such group. One of the ethnicity goes before one for all."""
    fitting = [each for each in groups if each.sex == sex and each.age_from <= int(age) <= each.age_to]
    for wanted in (ethnicity, ""):
        for group in fitting:
            if group.ethnicity == wanted:
                least = max((percent for percent, score in group.scores if score <= agatston), default=0)
                below = min((percent for percent, score in group.scores if score > agatston), default=100)
                return Standing(group, least, below)
    return None


def read(data: bytes) -> tuple[Group, ...]:
    """The groups of a table. Raises WrongTable."""
    if len(data) > MOST_BYTES:
        raise WrongTable(say("The table is larger than {most} KiB.", most=MOST_BYTES >> 10))
    try:
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        columns = _columns(lines.fieldnames or ())
        groups = tuple(_group(number, line, columns) for number, line in enumerate(lines, start=2))
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongTable(say("This is no CSV file in UTF-8.")) from error
    _check(groups)
    return groups


def _columns(names: Sequence[str]) -> list[tuple[int, str]]:
    """The columns with percentiles, ascending."""
    found = {int(match[1]): name for name in names if (match := _PERCENTILE.fullmatch(name))}
    missing = [name for name in _NAMES if name not in names]
    if missing or not found:
        raise WrongTable(
            say("The first line names the columns: sex, ethnicity, age_from, age_to, and p25 and its like.")
        )
    return sorted(found.items())


def _group(number: int, line: Mapping[str, str | None], columns: Sequence[tuple[int, str]]) -> Group:
    wrong = WrongTable(say("Line {number} isn't right: look at its sex, ethnicity, ages and scores.", number=number))
    if number > MOST_ROWS + 1:
        raise WrongTable(say("The table has more than {most} lines.", most=MOST_ROWS))
    try:
        told = {name: (line[name] or "").strip() for name in (*_NAMES, *(name for _, name in columns))}
        ethnicity = Ethnicity(told["ethnicity"].lower()) if told["ethnicity"] else ""
        scores = tuple((percent, float(told[name])) for percent, name in columns)
        group = Group(Sex(told["sex"].upper()), ethnicity, int(told["age_from"]), int(told["age_to"]), scores)
    except ValueError as error:
        raise wrong from error
    if not _is_sound(group):
        raise wrong
    return group


def _is_sound(group: Group) -> bool:
    values = [score for _, score in group.scores]
    is_ascending = all(a <= b for a, b in pairwise(values))
    return is_ascending and all(isfinite(v) and 0 <= v <= HIGHEST for v in values) and (
        0 <= group.age_from <= group.age_to <= OLDEST
    )  # fmt: skip


def _check(groups: Sequence[Group]) -> None:
    if not groups:
        raise WrongTable(say("The table has no lines."))
    if any(a.overlaps(b) for a, b in combinations(groups, 2)):
        raise WrongTable(say("Two lines are about the same people: their ages overlap."))
