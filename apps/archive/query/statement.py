"""The search's one query, put together as SQL for SQLite and PostgreSQL alike.

Aliases: t is the study, s the series, i the instance. The order is newest first and total, so that pages neither
skip nor repeat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import rights
from apps.archive.query.conditions import POSTGRESQL, Condition, Match, all_match, all_of, equal, one_of
from apps.archive.query.keys import ALIAS, Level
from apps.archive.query.matching import Matching

_NEWEST: Final = ("t.study_date DESC", "t.study_time DESC", "t.id DESC")
_IN_STUDY: Final = ("s.series_number", "s.id")
_IN_SERIES: Final = ("i.instance_number", "i.id")
_TABLES: Final = ("archive_study t", "archive_series s", "archive_instance i")
_LINKS: Final = (Condition("s.study_id = t.id"), Condition("i.series_id = s.id"))
# The header that stands for a study or series: that of its first instance.
_HEADER: Final = {
    Level.STUDY: (
        "(SELECT fi.header FROM archive_series fs JOIN archive_instance fi ON fi.series_id = fs.id"
        " WHERE fs.study_id = t.id{} ORDER BY fs.series_number, fs.id, fi.instance_number, fi.id LIMIT 1)"
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
    """What each row holds: its ready-made answer, the answers of `above`, a header and what corrects it.

    Where only one series of a study is in sight, `series` is its UID, and nothing comes from another.
    """

    level: Level
    above: tuple[Level, ...]
    with_header: bool
    series: str = ""

    @property
    def sql(self) -> str:
        answers = [f"{ALIAS[level]}.found" for level in (self.level, *self.above)]
        of_series = " AND fs.series_instance_uid = %s" if self.series else ""
        header = [_HEADER[self.level].format(of_series), "t.correction"] if self.with_header else []
        return ", ".join([*answers, *header])

    @property
    def params(self) -> tuple[str, ...]:
        """Those of `sql`."""
        return (self.series,) if self.series and self.with_header and self.level is Level.STUDY else ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A search as SQL: FROM and WHERE once, for the rows and for their count."""

    columns: Columns
    source: Condition
    order: str

    @classmethod
    def of(
        cls, principal: Principal, columns: Columns, matching: Matching, parents: Sequence[str], vendor: str
    ) -> "Statement":
        """The search of what this principal may see that matches, under these parents: UIDs from the study down.

        Where a match is narrow it leads, and the order is made of the few rows it leaves. Otherwise the search goes
        by date through all studies in sight, in an index that holds what is searched, until the page is full.
        """
        depth = columns.level.value
        matches = [*_matches(columns, matching)]
        # Whoever reaches no whole practice has few studies, which lead as a narrow match does.
        is_found = any(match.narrow for match in matches)
        is_narrow = is_found or principal.whole(Permission.VIEW) == frozenset()
        if parents:
            within = [_study(principal, parents[0]), *(equal("s.series_instance_uid", uid) for uid in parents[1:])]
        else:
            within = [_visible(principal, vendor, is_narrow=is_narrow, is_found=is_found)]
        if depth > 1 and columns.series:
            within.append(equal("s.series_instance_uid", columns.series))
        where = all_of([*within, *_LINKS[: depth - 1], *(match.condition for match in matches)])
        # SQLite takes the tables of a CROSS JOIN in the order in which they are written.
        tables = (", " if is_narrow or parents else " CROSS JOIN ").join(_TABLES[:depth])
        source = Condition(f"FROM {tables} WHERE {where.sql}", where.params)
        return cls(columns, source, _order(columns.level, len(parents), is_narrow))

    def page(self, limit: int, offset: int) -> tuple[str, list[Any]]:
        """The query of so many rows from `offset` on, and its parameters."""
        columns, level = self.columns, self.columns.level
        chosen = f"{self.source.sql} ORDER BY {self.order} LIMIT %s OFFSET %s"
        params = [*columns.params, *self.source.params, limit, offset]
        if not columns.with_header or level is Level.INSTANCE:
            return f"SELECT {columns.sql} {chosen}", params
        # First which rows, then their headers: a sort must not fetch one for every row that it passes.
        key, tables = f"{ALIAS[level]}.id", ", ".join(_TABLES[: level.value])
        where = all_of([*_LINKS[: level.value - 1], Condition(f"{key} IN (SELECT {key} {chosen})")])
        return f"SELECT {columns.sql} FROM {tables} WHERE {where.sql} ORDER BY {self.order}", params  # noqa: S608

    def keys(self, at_most: int) -> tuple[str, list[Any]]:
        """The query of the matching rows' own keys, in their order."""
        key = f"{ALIAS[self.columns.level]}.id"
        return f"SELECT {key} {self.source.sql} ORDER BY {self.order} LIMIT %s", [*self.source.params, at_most]

    def patients(self, at_most: int) -> tuple[str, list[Any]]:
        """The query of the patients of matching studies, each by the key of the study that came last."""
        last = f"SELECT MAX(t.id) AS last {self.source.sql} GROUP BY t.patient_id ORDER BY last DESC LIMIT %s"
        return last, [*self.source.params, at_most]

    def rows(self, keys: Sequence[int]) -> tuple[str, list[Any]]:
        """The query of the rows with these keys, which come first in each; in any order."""
        depth, key = self.columns.level.value, f"{ALIAS[self.columns.level]}.id"
        where = all_of([*_LINKS[: depth - 1], one_of(key, keys)])
        sql = f"SELECT {key}, {self.columns.sql} FROM {', '.join(_TABLES[:depth])} WHERE {where.sql}"  # noqa: S608
        return sql, [*self.columns.params, *where.params]

    def count(self, at_most: int) -> tuple[str, list[Any]]:
        """The query of how many rows there are, counting no further than `at_most`."""
        counted = f"SELECT 1 {self.source.sql} LIMIT %s"
        return f"SELECT COUNT(*) FROM ({counted}) counted", [*self.source.params, at_most]  # noqa: S608


def scope(principal: Principal) -> Condition:
    """The practices to search in, on the bare column: indexes that begin with it serve those who see all, too."""
    sql, params = rights.practices_sql(principal, Permission.VIEW, "practice_id")
    if principal.whole(Permission.VIEW) is None:
        sql = f"{sql} AND practice_id IN (SELECT id FROM accounts_practice)"  # noqa: S608
    return Condition(sql, tuple(params))


def _study(principal: Principal, uid: str) -> Condition:
    """The one study with this UID that is retrieved: of several practices' copies in sight the active practice's.

    As there is but one, its series and instances come in the order of their indexes.
    """
    sql, params = rights.study_sql(principal, study="v")
    own = principal.practice_id or 0
    return Condition(
        f"t.id = (SELECT v.id FROM archive_study v WHERE v.study_instance_uid = %s AND {sql}"  # noqa: S608
        " ORDER BY v.practice_id <> %s, v.practice_id LIMIT 1)",
        (uid, *params, own),
    )


def _visible(principal: Principal, vendor: str, *, is_narrow: bool, is_found: bool) -> Condition:
    """What the principal may see: looked up for each of the few studies that a match has found, else gathered first.

    SQLite doesn't weigh its indexes by what is stored. With the sign it leaves alone those that begin with the
    practice, where a match or the order by date is to lead.
    """
    by_practice = vendor == POSTGRESQL or (not is_narrow and len(principal.whole(Permission.VIEW) or ()) == 1)
    sql, params = rights.study_sql(principal, sign="" if by_practice else "+", of_one=is_found)
    return Condition(sql, tuple(params))


def _matches(columns: Columns, matching: Matching) -> Iterator[Match]:
    """The matches of this level and those above, and that a lower one has a row that fulfils all of its own."""
    level = columns.level
    yield from (match for one in Level if one <= level for match in matching.matches[one])
    below = [one for one in Level if one > level and matching.matches[one]]
    if not below:
        return
    inner = all_match(match for one in below for match in matching.matches[one])
    table, leads_up = _BELOW[level, below[-1]]
    key, where = f"{ALIAS[level]}.id", inner.condition
    if columns.series:
        where = all_of([equal("s.series_instance_uid", columns.series), where])
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
