"""What the types of search parameters find (FHIR R4, Search 3.1.1.4): tokens, references and dates, as conditions."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from typing import Any, Final

from django.db.models import Q
from django.utils.timezone import get_default_timezone

from apps.core.errors import Invalid
from apps.fhir import dates, terms
from apps.fhir.kinds import Find
from apps.fhir.models import Identifier
from apps.fhir.parameters import unescaped
from apps.saying import say

NOTHING: Final = Q(pk__in=())
EVERYTHING: Final = ~NOTHING
MOST_DIGITS: Final = 18
_BAR: Final = re.compile(r"(?<!\\)\|")


def zone() -> Any:
    """The site's clock."""
    return get_default_timezone()


def token(text: str) -> tuple[str | None, str]:
    """System and code of a token; no system (None) where any will do, an empty one for codes without one."""
    system, *codes = _BAR.split(text, maxsplit=1)
    if codes == [""]:
        raise Invalid(say("Write a code after the bar of {text}.", text=text[:80]))
    return (unescaped(system), unescaped(codes[0])) if codes else (None, unescaped(text))


def coded(found: Mapping[str, Q]) -> Find:
    """By a code of a fixed list; others find nothing."""
    return lambda text: found.get(token(text)[1].lower(), NOTHING)


def constant(value: str) -> Find:
    """By an element that is the same in all."""
    return lambda text: EVERYTHING if token(text)[1] == value else NOTHING


def number_of(text: str) -> int | None:
    """The key that an id says; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def by_id(prefix: str = "") -> Find:
    """By the id of the resource itself."""

    def find(text: str) -> Q:
        key = number_of(text.removeprefix(prefix)) if text.startswith(prefix) else None
        return NOTHING if key is None else Q(pk=key)

    return find


def referred(kind: str, found: Mapping[str, Callable[[int], Q]]) -> Find:
    """By a reference to a resource of this type: by the prefix of its id, what has that key."""

    def find(text: str) -> Q:
        named = unescaped(text).rstrip("/").split("/")
        if len(named) > 1 and named[-2] != kind:
            return NOTHING
        for prefix, condition in found.items():
            key = number_of(named[-1].removeprefix(prefix))
            if named[-1].startswith(prefix) and key is not None:
                return condition(key)
        return NOTHING

    return find


def moments(path: str) -> Find:
    """By a column of date and time."""

    def find(text: str) -> Q:
        asked = dates.bounds(text, zone())
        found = Q(**{f"{path}__gte": asked.low}) if asked.low else Q()
        return found & Q(**{f"{path}__lt": asked.high}) if asked.high else found

    return find


def days(path: str, written: str = "") -> Find:
    """By a column of dates; with `written` (such as %Y%m%d), one of texts that hold dates so."""

    def find(text: str) -> Q:
        asked = dates.bounds(text, zone())
        found = Q(**{f"{path}__gte": _day(asked.low, written)}) if asked.low else Q()
        if asked.high:
            found &= Q(**{f"{path}__lt": _day(asked.high, written)})
        return found & ~Q(**{path: ""}) if written else found & Q(**{f"{path}__isnull": False})

    return find


def days_and_times(day: str, at: str, *, is_text: bool = False) -> Find:
    """By a column of days and one of times by the site's clock: as texts (DA and TM), or as dates and times."""

    def find(text: str) -> Q:
        asked = dates.bounds(text, zone())
        found = _from(asked.low, day, at, is_text=is_text) if asked.low else Q()
        if asked.high:
            found &= ~_from(asked.high, day, at, is_text=is_text)
        return found & ~Q(**{day: ""}) if is_text else found

    return find


def identified(owner: str, own: Callable[[str | None, str], Iterator[Q]]) -> Find:
    """By an identifier: those that other systems have given (`owner`, a field of Identifier), and the table's own."""

    def find(text: str) -> Q:
        system, value = token(text)
        found = _given(owner, system, value) if owner else NOTHING
        for each in own(system, value):
            found |= each
        return found

    return find


def _given(owner: str, system: str | None, value: str) -> Q:
    named = {"value": value} if system is None else {"value": value, "system": system}
    rows = Identifier.objects.filter(**named, **{f"{owner}__isnull": False})
    return Q(pk__in=rows.order_by().values(owner))


def is_of(system: str | None, *names: str) -> bool:
    """Whether a token's system is one of these, or any will do."""
    return system is None or system in names


def uid_of(value: str) -> str:
    """A UID as DICOM writes it."""
    return value.removeprefix(terms.OID)


def _from(moment: datetime, day: str, at: str, *, is_text: bool) -> Q:
    """That day and time or later; a row without a time begins with its day."""
    local = moment.astimezone(zone())
    is_midnight = local.time() == time()
    first: Any = f"{local:%Y%m%d}" if is_text else local.date()
    if is_midnight:
        return Q(**{f"{day}__gte": first})
    hour: Any = f"{local:%H%M%S.%f}".removesuffix(".000000") if is_text else local.time()
    return Q(**{f"{day}__gt": first}) | Q(**{day: first, f"{at}__gte": hour})


def _day(moment: datetime, written: str) -> Any:
    """A moment between two days asks for the one that it lies in."""
    local = moment.astimezone(zone())
    return f"{local:{written}}" if written else local.date()
