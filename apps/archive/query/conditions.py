"""Pieces of a WHERE clause, and the few things that SQLite and PostgreSQL say differently."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

POSTGRESQL: Final = "postgresql"
# Sorts after every text that begins with what stands before it.
_LAST: Final = "\U0010ffff"


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
class Dialect:
    """Matching of text in one kind of database; `vendor` is Django's name for it."""

    vendor: str

    def like(self, expression: str, pattern: str) -> Condition:
        """The whole text matches, case by case; in `pattern` * stands for any characters and ? for one."""
        if self.vendor == POSTGRESQL:
            escaped = re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%").replace("?", "_")
            return Condition(f"{expression} LIKE %s", (escaped,))
        stem = pattern.removesuffix("*")
        if not re.search(r"[*?]", stem):
            return self._starts(expression, stem)
        return Condition(f"{expression} GLOB %s", (pattern.replace("[", "[[]"),))

    def starts(self, expression: str, stem: str) -> Condition:
        """The text begins with `stem`, which holds no wildcards; an index on the column serves."""
        return self.like(expression, f"{stem}*")

    def matches(self, expression: str, regex: str) -> Condition:
        """A part of the text matches a regular expression that both databases read alike; no index serves."""
        operator = "~" if self.vendor == POSTGRESQL else "REGEXP"
        return Condition(f"{expression} {operator} %s", (regex,))

    def _starts(self, expression: str, stem: str) -> Condition:
        return Condition(f"{expression} >= %s AND {expression} < %s", (stem, stem + _LAST))
