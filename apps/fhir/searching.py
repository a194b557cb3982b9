"""Searches: the rows of a type that meet all filters, page by page, in a bounded number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core import cursors
from apps.core.cursors import NO_CURSOR, Cursor
from apps.core.errors import Invalid
from apps.fhir.datatypes import Json
from apps.fhir.finding import number_of
from apps.fhir.kinds import Kind, Source
from apps.fhir.parameters import Asked
from apps.fhir.registry import KINDS
from apps.saying import say

MOST_INCLUDED: Final = 400


@dataclass(frozen=True, slots=True)
class Page:
    """Resources that match, and where the next ones are: empty for the end."""

    resources: list[Json]
    following: str


def page(who: Principal, kind: Kind, asked: Asked) -> Page:
    """The matches from the cursor on. Raises Invalid for a cursor, an order or a value that can't be read."""
    place, text = _place(kind, asked.cursor)
    found: list[Json] = []
    for number, source in enumerate(kind.sources[place:], place):
        rows = _ordered(kind, source, matching(who, source, asked), asked.sort)
        keys = cursors.keys_of(rows)
        cursor = Cursor.read(text, keys) if text else None
        left = asked.count - len(found)
        here = list(cursors.page(rows, keys, cursor, left + 1))
        found += source.show(who, here[:left])
        if len(here) > left:
            last = Cursor(tuple(key.of(here[left - 1]) for key in keys)).text(keys) if left else ""
            return Page(found, f"{number}.{last}")
        text = ""
    return Page(found, "")


def count(who: Principal, kind: Kind, asked: Asked) -> int:
    """How many match in all."""
    return sum(matching(who, source, asked).count() for source in kind.sources)


def matching(who: Principal, source: Source, asked: Asked, permission: Permission = Permission.VIEW) -> QuerySet[Any]:
    """The rows of a source in sight that meet all filters, each of them by one of its values."""
    rows = source.rows(who, permission).filter(source.listed(who))
    for each in asked.filters:
        find = source.parameters[each.name].find
        condition = Q(pk__in=())
        for value in each.values:
            condition |= find(value)
        rows = rows.filter(condition)
    return rows


def included(who: Principal, kind: Kind, asked: Asked, resources: Sequence[Json]) -> list[Json]:
    """What the matches refer to and `_include` asks for, each once. Raises Invalid for what can't be included."""
    wanted: dict[str, None] = {}
    for name in asked.includes:
        references = kind.includes.get(_parameter(kind, name))
        if references is None:
            raise Invalid(say("_include={name} is not supported.", name=name[:80]))
        wanted.update((each, None) for resource in resources for each in references(resource))
    here = {f"{kind.name}/{resource['id']}" for resource in resources}
    return gathered(who, [each for each in wanted if each not in here][:MOST_INCLUDED])


def gathered(who: Principal, references: Iterable[str]) -> list[Json]:
    """The resources of these references, as far as they are in sight."""
    keys: dict[tuple[str, int], list[int]] = {}
    for named in references:
        name, _, key = named.partition("/")
        for number, source in enumerate(KINDS[name].sources if name in KINDS else ()):
            pk = number_of(key.removeprefix(source.prefix)) if key.startswith(source.prefix) else None
            if pk is not None:
                keys.setdefault((name, number), []).append(pk)
    found: list[Json] = []
    for (name, number), pks in keys.items():
        source = KINDS[name].sources[number]
        found += source.show(who, list(source.rows(who, Permission.VIEW).filter(pk__in=pks)))
    return found


def by_key(who: Principal, kind: Kind, key: str, permission: Permission) -> Any | None:
    """The row of an id, if it is in sight; also one that no search lists."""
    for source in kind.sources:
        number = number_of(key.removeprefix(source.prefix)) if key.startswith(source.prefix) else None
        if number is not None:
            return source.rows(who, permission).filter(pk=number).first()
    return None


def strictly_one(who: Principal, kind: Kind, asked: Asked, permission: Permission) -> tuple[Any | None, bool]:
    """The one row that matches, or None; and whether there are several. For criteria of a conditional request."""
    found = [row for source in kind.sources for row in matching(who, source, asked, permission)[:2]]
    return (found[0] if len(found) == 1 else None), len(found) > 1


def _ordered(kind: Kind, source: Source, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    if not sort:
        return rows.order_by(*source.order)
    if sort not in kind.sorts:
        known = ", ".join(kind.sorts) or "-"
        raise Invalid(say("_sort={name} is not supported. There are: {known}.", name=sort[:80], known=known))
    return rows.order_by(*kind.sorts[sort])


def _place(kind: Kind, cursor: str) -> tuple[int, str]:
    """Which source a page begins in, and where."""
    number, dot, text = cursor.partition(".")
    if not cursor:
        return 0, ""
    if not (dot and number.isdecimal() and len(number) == 1 and int(number) < len(kind.sources)):
        raise Invalid(NO_CURSOR)
    return int(number), text


def _parameter(kind: Kind, name: str) -> str:
    """The parameter of `ImagingStudy:patient` or `ImagingStudy:patient:Patient`."""
    named, _, parameter = name.strip().partition(":")
    return parameter.partition(":")[0] if named == kind.name else ""
