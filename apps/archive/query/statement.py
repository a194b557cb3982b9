"""The search's one query, put together as SQL for SQLite and PostgreSQL alike.

Aliases: t is the study, s the series, i the instance. The order is newest first and total, so that pages neither
skip nor repeat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.accounts.scoping import visible_sql
from apps.archive.query.conditions import Condition, Match, all_match
from apps.archive.query.keys import ALIAS, Level
from apps.archive.query.matching import Matching

_NEWEST: Final = ("t.study_date DESC", "t.study_time DESC", "t.id DESC")
_IN_STUDY: Final = ("s.series_number", "s.id")
_IN_SERIES: Final = ("i.instance_number", "i.id")
_TABLES: Final = {
    Level.STUDY: "archive_study t",
    Level.SERIES: "archive_series s JOIN archive_study t ON t.id = s.study_id",
    Level.INSTANCE: (
        "archive_instance i JOIN archive_series s ON s.id = i.series_id JOIN archive_study t ON t.id = s.study_id"
    ),
}
_UIDS: Final = {
    Level.STUDY: ("t.study_instance_uid",),
    Level.SERIES: ("t.study_instance_uid", "s.series_instance_uid"),
    Level.INSTANCE: ("t.study_instance_uid", "s.series_instance_uid", "i.sop_instance_uid"),
}
# The header that stands for a study or series: that of its first instance.
_HEADER: Final = {
    Level.STUDY: (
        "(SELECT fi.header FROM archive_series fs JOIN archive_instance fi ON fi.series_id = fs.id"
        " WHERE fs.study_id = t.id ORDER BY fs.series_number, fs.id, fi.instance_number, fi.id LIMIT 1)"
    ),
    Level.SERIES: (
        "(SELECT fi.header FROM archive_instance fi WHERE fi.series_id = s.id"
        " ORDER BY fi.instance_number, fi.id LIMIT 1)"
    ),
    Level.INSTANCE: "i.header",
}
# Rows of a lower level seen from a higher one: their table, and the column that leads up.
_BELOW: Final = {
    (Level.STUDY, Level.SERIES): ("archive_series s", "s.study_id"),
    (Level.STUDY, Level.INSTANCE): ("archive_series s JOIN archive_instance i ON i.series_id = s.id", "s.study_id"),
    (Level.SERIES, Level.INSTANCE): ("archive_instance i", "i.series_id"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What each row holds: its UIDs from the study down, its answer, the answers of `above`, and a header."""

    level: Level
    above: tuple[Level, ...]
    with_header: bool

    @property
    def sql(self) -> str:
        answers = [f"{ALIAS[level]}.found" for level in (self.level, *self.above)]
        header = [_HEADER[self.level]] if self.with_header else []
        return ", ".join([*_UIDS[self.level], *answers, *header])


@dataclass(frozen=True, slots=True)
class Statement:
    """A search as SQL: FROM and WHERE once, for the rows and for their count."""

    columns: Columns
    where: Condition
    order: str

    @classmethod
    def of(
        cls, principal: Principal, columns: Columns, matching: Matching, parents: Sequence[Condition]
    ) -> "Statement":
        """The search of what this principal may see that matches, under these parents.

        Where a match is narrow it leads, and the order is made of the few rows it leaves. Otherwise the search goes
        by date through all studies in sight, in an index of their practice or of all, until the page is full.
        """
        matches = [*_matches(columns.level, matching)]
        is_narrow = bool(parents) or any(match.narrow for match in matches)
        by_row = is_narrow or matching.has_dates
        conditions = [
            scope(principal, "t.practice_id") if is_narrow else _by_date(principal),
            *parents,
            *(match.condition if by_row else match.listing or match.condition for match in matches),
        ]
        sql = " AND ".join(f"({condition.sql})" for condition in conditions)
        where = Condition(sql, tuple(param for condition in conditions for param in condition.params))
        return cls(columns, where, _order(columns.level, len(parents), is_narrow))

    def page(self, limit: int, offset: int) -> tuple[str, list[Any]]:
        """The query of so many rows from `offset` on, and its parameters."""
        level = self.columns.level
        chosen = f"FROM {_TABLES[level]} WHERE {self.where.sql} ORDER BY {self.order} LIMIT %s OFFSET %s"
        params = [*self.where.params, limit, offset]
        if not self.columns.with_header or level is Level.INSTANCE:
            return f"SELECT {self.columns.sql} {chosen}", params
        # First which rows, then their headers: a sort must not fetch one for every row that it passes.
        key = f"{ALIAS[level]}.id"
        sql = f"SELECT {self.columns.sql} FROM {_TABLES[level]} WHERE {key} IN (SELECT {key} {chosen})"  # noqa: S608
        return f"{sql} ORDER BY {self.order}", params

    def count(self, at_most: int) -> tuple[str, list[Any]]:
        """The query of how many rows there are, counting no further than `at_most`."""
        counted = f"SELECT 1 FROM {_TABLES[self.columns.level]} WHERE {self.where.sql} LIMIT %s"  # noqa: S608
        return f"SELECT COUNT(*) FROM ({counted}) counted", [*self.where.params, at_most]  # noqa: S608


def scope(principal: Principal, column: str = "practice_id") -> Condition:
    """What the principal may see, such that the indexes that begin with the practice serve for a superuser too."""
    sql, params = visible_sql(principal, column)
    if principal.is_superuser:
        sql = f"{sql} AND {column} IN (SELECT id FROM accounts_practice)"  # noqa: S608
    return Condition(sql, tuple(params))


def _by_date(principal: Principal) -> Condition:
    """What the principal may see. For several practices the sign leaves only the index of all by date."""
    sql, params = visible_sql(principal, "t.practice_id" if len(principal.practice_ids) == 1 else "+t.practice_id")
    return Condition(sql, tuple(params))


def _matches(level: Level, matching: Matching) -> Iterator[Match]:
    """The matches of this level and those above, and that a lower one has a row that fulfils all of its own."""
    yield from (match for one in Level if one <= level for match in matching.matches[one])
    below = [one for one in Level if one > level and matching.matches[one]]
    if not below:
        return
    inner = all_match(match for one in below for match in matching.matches[one])
    table, leads_up = _BELOW[level, below[-1]]
    key, where = f"{ALIAS[level]}.id", inner.condition
    if inner.narrow:
        sql = f"{key} IN (SELECT {leads_up} FROM {table} WHERE {where.sql})"  # noqa: S608
    else:
        sql = f"EXISTS (SELECT 1 FROM {table} WHERE {leads_up} = {key} AND ({where.sql}))"  # noqa: S608
    yield Match(Condition(sql, where.params), inner.narrow)


def _order(level: Level, parents: int, is_narrow: bool) -> str:
    """Studies newest first, series and instances by their numbers; of one parent, nothing of its own."""
    # An expression that no index is on, lest the database go through everything by date for a few rows.
    newest = ("t.study_date || '' DESC", *_NEWEST[1:]) if is_narrow else _NEWEST
    steps = {Level.STUDY: (newest,), Level.SERIES: (newest, _IN_STUDY), Level.INSTANCE: (newest, _IN_STUDY, _IN_SERIES)}
    return ", ".join(term for step in steps[level][parents:] for term in step)
