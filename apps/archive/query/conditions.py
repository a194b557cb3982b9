"""Pieces of a WHERE clause, and the few things that SQLite and PostgreSQL say differently."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

# Writes a condition on the column or expression that it is given.
Written = Callable[[str], "Condition"]

POSTGRESQL: Final = "postgresql"
# Sorts after every text that begins with what stands before it.
_LAST: Final = "\U0010ffff"
_MIN_STEM: Final = 2


def has_wildcard(text: str) -> bool:
    """Whether the text holds one of the wildcards of PS3.4 C.2.2.2.4."""
    return "*" in text or "?" in text


def is_narrow(text: str) -> bool:
    """Whether few texts match: it has no wildcard, or begins with two characters, or one that isn't Latin."""
    stem = text.removesuffix("*")
    return not has_wildcard(stem) and (stem == text or len(stem) >= _MIN_STEM or not stem.isascii())


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with %s for each of its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


def equal(column: str, value: Any) -> Condition:
    return Condition(f"{column} = %s", (value,))


def one_of(column: str, values: Iterable[Any]) -> Condition:
    """The column holds one of these values."""
    params = tuple(values)
    if len(params) == 1:
        return equal(column, params[0])
    return Condition(f"{column} IN ({', '.join(['%s'] * len(params))})", params)


def between(column: str, low: str, high: str) -> Condition:
    """The column's text lies from `low` to `high`, both included; an empty bound is none, an empty text is outside."""
    if low == high:
        # PostgreSQL finds single values, and not ranges, in an index made for the beginnings of texts.
        return equal(column, low)
    if not high:
        return Condition(f"{column} >= %s", (low,))
    if not low:
        return Condition(f"{column} > '' AND {column} <= %s", (high,))
    return Condition(f"{column} >= %s AND {column} <= %s", (low, high))


def any_of(conditions: Iterable[Condition]) -> Condition:
    return _joined(" OR ", list(conditions))


def all_of(conditions: Iterable[Condition]) -> Condition:
    return _joined(" AND ", list(conditions))


def _joined(word: str, conditions: list[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    params = tuple(param for condition in conditions for param in condition.params)
    return Condition(word.join(f"({condition.sql})" for condition in conditions), params)


@dataclass(frozen=True, slots=True)
class Match:
    """A condition on rows of one level; `narrow` if an index leads from it to the few rows that fulfil it."""

    condition: Condition
    narrow: bool = False


def any_match(matches: Iterable[Match]) -> Match:
    known = list(matches)
    return Match(any_of(match.condition for match in known), all(match.narrow for match in known))


def all_match(matches: Iterable[Match]) -> Match:
    known = list(matches)
    return Match(all_of(match.condition for match in known), any(match.narrow for match in known))


@dataclass(frozen=True, slots=True)
class Database:
    """A kind of database by Django's name for it (`vendor`), and the studies in it that a search may see.

    `scope` is a condition on the bare columns of archive_study; `series` is the UID of the one series in sight, if
    others are out of it.
    """

    vendor: str
    scope: Condition
    series: str = ""

    def narrowed(self, *conditions: Condition) -> Match:
        """Studies that fulfil one of these conditions on bare columns, each looked up in an index of its own."""
        known = [all_of([self.scope, condition]) for condition in conditions]
        keys = " UNION ALL ".join(f"SELECT id FROM archive_study WHERE {condition.sql}" for condition in known)  # noqa: S608
        params = tuple(param for condition in known for param in condition.params)
        return Match(Condition(f"t.id IN ({keys})", params), narrow=True)

    def like(self, expression: str, pattern: str) -> Condition:
        """The whole text matches, case by case; in `pattern` * stands for any characters and ? for one."""
        if self.vendor == POSTGRESQL:
            escaped = re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%").replace("?", "_")
            return Condition(f"{expression} LIKE %s", (escaped,))
        stem = pattern.removesuffix("*")
        if stem != pattern and not has_wildcard(stem):
            return Condition(f"{expression} >= %s AND {expression} < %s", (stem, stem + _LAST))
        return Condition(f"{expression} GLOB %s", (pattern.replace("[", "[[]"),))

    def starts(self, expression: str, stem: str) -> Condition:
        """The text begins with `stem`, which holds no wildcards; an index on the column serves."""
        return self.like(expression, f"{stem}*")

    def matches(self, expression: str, regex: str) -> Condition:
        """A part of the text matches a regular expression that both databases read alike; no index serves."""
        operator = "~" if self.vendor == POSTGRESQL else "REGEXP"
        return Condition(f"{expression} {operator} %s", (regex,))
