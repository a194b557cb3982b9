"""One search: what is asked, and the query that answers it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from apps.accounts.principal import Principal
from apps.archive.attributes import SERIES_UID, STUDY_UID
from apps.archive.query.answers import Answer
from apps.archive.query.conditions import Database
from apps.archive.query.keys import SEARCHABLE, Level
from apps.archive.query.levels import levels_above, to_look_up
from apps.archive.query.matching import match
from apps.archive.query.shared import without_others
from apps.archive.query.statement import Columns, Statement, scope
from apps.archive.query.values import uids
from apps.core.errors import Invalid
from apps.saying import say

# How many rows a page has at the most, and where the caller doesn't say.
MAX_LIMITS: Final = {Level.STUDY: 5_000, Level.SERIES: 5_000, Level.INSTANCE: 20_000}
DEFAULT_LIMITS: Final = {Level.STUDY: 1_000, Level.SERIES: 5_000, Level.INSTANCE: 10_000}
# Rows whose attributes are looked up in headers are read one by one, which takes a tenth of a millisecond each.
MAX_LOOKED_UP: Final = 1_000
MAX_OFFSET: Final = 1_000_000
MAX_INCLUDED: Final = 200
# How far the matches after a page are counted.
MAX_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of the index.

    `keys` are match keys: tag paths (`tag_path`) with the values of which any may match. `study` and `series` are
    the UIDs of parents, empty for none; a series needs its study. `include` are tag paths to return besides,
    `everything` for all there are at the level. `fuzzy` changes how names match; `combined` says that a range of dates
    and one of times are one range of moments. `limit` counts rows, from 1, and is lowered to MAX_LIMITS; None is
    DEFAULT_LIMITS.
    """

    level: Level
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    study: str = ""
    series: str = ""
    include: Iterable[str] = ()
    everything: bool = False
    fuzzy: bool = False
    combined: bool = True
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A search made ready: its query, what of its answers only a header has, and the keys that can't be matched."""

    statement: Statement
    looked_up: frozenset[str]
    ignored: tuple[str, ...]


def plan(principal: Principal, search: Search) -> Plan:
    """The query of what the principal may see. Raises Invalid for values or UIDs that can't be."""
    include = frozenset(search.include) | frozenset(search.keys)
    if len(include) > MAX_INCLUDED:
        raise Invalid(say("More than {max_included} attributes are asked for.", max_included=MAX_INCLUDED))
    looked_up = to_look_up(include, search.level)
    series = principal.shared.series_instance_uid if principal.shared else ""
    columns = Columns(search.level, _above(search, include), bool(looked_up) or search.everything, series)
    database = Database(connection.vendor, scope(principal), series)
    matching = match(search.keys, fuzzy=search.fuzzy, combined=search.combined, database=database)
    statement = Statement.of(principal, columns, matching, _parents(search), database.vendor)
    return Plan(statement, looked_up, matching.ignored)


def find(principal: Principal, search: Search) -> Answer:
    """The page of matches that the principal may see, newest first, by one query (and one more to count what follows).

    Keys that are not indexed are passed over with a warning. Raises Invalid for values, limits or UIDs that can't be.
    """
    planned = plan(principal, search)
    columns = planned.statement.columns
    page = _page(planned.statement, _limit(search, columns), _offset(search))
    return Answer(
        columns=columns,
        rows=without_others(principal, columns, page.rows) if columns.series else page.rows,
        looked_up=planned.looked_up,
        everything=search.everything,
        total=page.total,
        more=page.more,
        warnings=_warnings(planned.ignored),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Any]
    total: int | None
    more: int


def _page(statement: Statement, limit: int, offset: int) -> _Page:
    with connection.cursor() as cursor:
        cursor.execute(*statement.page(limit + 1, offset))
        rows = cursor.fetchall()
        if len(rows) <= limit:
            return _Page(rows, offset + len(rows) if rows or not offset else None, 0)
        reached = offset + limit
        cursor.execute(*statement.count(reached + MAX_COUNTED))
        counted = cursor.fetchone()[0]
    return _Page(rows[:limit], counted if counted < reached + MAX_COUNTED else None, max(counted - reached, 1))


def _parents(search: Search) -> list[str]:
    given = [(SEARCHABLE[STUDY_UID], search.study), (SEARCHABLE[SERIES_UID], search.series)]
    return [uid for key, parent in given if parent for uid in uids(key, [parent])]


def _above(search: Search, include: frozenset[str]) -> tuple[Level, ...]:
    """The levels above that a row tells of too, the nearest first: those no parent names (10.6.1.2), or asked for."""
    known = Level.SERIES if search.series else Level.STUDY if search.study else None
    asked = levels_above(include, search.level)
    above = [level for level in reversed(Level) if level < search.level]
    return tuple(level for level in above if search.everything or level in asked or known is None or level > known)


def _limit(search: Search, columns: Columns) -> int:
    if search.limit is not None and search.limit < 1:
        raise Invalid(say("The limit must be at least 1."))
    most = MAX_LIMITS[search.level] if not columns.with_header else MAX_LOOKED_UP
    return min(search.limit or DEFAULT_LIMITS[search.level], most)


def _offset(search: Search) -> int:
    if not 0 <= search.offset <= MAX_OFFSET:
        raise Invalid(
            say("The offset must be from 0 to {max_offset}: narrow the search instead.", max_offset=MAX_OFFSET)
        )
    return search.offset


def _warnings(ignored: tuple[str, ...]) -> tuple[str, ...]:
    if not ignored:
        return ()
    return (f"These attributes are not indexed and were not matched: {', '.join(ignored)}",)
