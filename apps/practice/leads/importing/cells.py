"""The cells of a row as facts of a person: an empty cell says nothing."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final

from apps.core.tables import plain
from apps.practice.leads.importing import words
from apps.practice.leads.importing.columns import SEVERAL, system_of
from apps.practice.models import NameUse

_DAY: Final = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})(?:[T ].*)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NAME_PARTS: Final = ("line", "number")
_PLACES: Final = ("postcode", "city", "region", "country")


class DateOrder(StrEnum):
    """How a table writes days where the year comes last."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


def guess_order(days: Iterable[str]) -> DateOrder:
    """How these days are written; the day comes first unless most can't be read so."""
    could: Counter[DateOrder] = Counter()
    for text in days:
        for order in DateOrder:
            could[order] += isinstance(read_day(text, order), date)
    is_month_first = could[DateOrder.MONTH_FIRST] > could[DateOrder.DAY_FIRST]
    return DateOrder.MONTH_FIRST if is_month_first else DateOrder.DAY_FIRST


def read_day(text: str, order: DateOrder) -> date | str:
    """The day; the text as it is where it is none, for whoever checks it to say so."""
    found = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return text
    first, second, third = found.groups()
    if len(first) == 4:
        year, month, day = first, second, third
    else:
        day, month = (second, first) if order is DateOrder.MONTH_FIRST else (first, second)
        year = third
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else text
    except ValueError:
        return text


def facts_of(row: Sequence[str], targets: Sequence[str], headers: Sequence[str], order: DateOrder) -> dict[str, Any]:
    """What a row says, by the fields of `Facts`: not checked yet."""
    said: dict[str, Any] = {}
    several: dict[str, list[str]] = {target: [] for target in SEVERAL}
    for cell, target, header in zip(row, targets, headers, strict=False):
        text = " ".join(cell.split())
        if not text or not target:
            continue
        if target in several:
            several[target].append(text)
        else:
            said[target] = text
        if target == "health_number" and (system := system_of(header)):
            said.setdefault("health_number_system", system)
    return _whole(said, several, order)


def _whole(said: dict[str, Any], several: Mapping[str, list[str]], order: DateOrder) -> dict[str, Any]:
    """The facts, with what several columns say of one field put together."""
    facts = {name: _READ[name](text) if name in _READ else text for name, text in said.items()}
    facts |= {f"{target}s": texts for target, texts in several.items() if texts}
    if "birth_date" in facts:
        facts["birth_date"] = read_day(facts["birth_date"], order)
    if whole := facts.pop("full_name", ""):
        facts = {**_names(whole), **facts}
    if maiden := facts.pop("maiden_name", ""):
        facts["other_names"] = [{"family": maiden, "use": NameUse.MAIDEN.value}]
    line = " ".join(facts.pop(part) for part in _NAME_PARTS if part in facts)
    places = {part: facts.pop(part) for part in _PLACES if part in facts}
    if line or places:
        facts["addresses"] = [{"line": line, **places}]
    return facts


def _names(whole: str) -> dict[str, str]:
    """`Doe^Jane^Mary`, `Doe, Jane` or `Jane Doe` in its parts; of several words the last is the family's."""
    if "^" in whole:
        parts = whole.partition("=")[0].split("^")
        named = zip(("family_name", "given_name", "middle_name", "prefix", "suffix"), parts, strict=False)
        return {name: part for name, part in named if part}
    if "," in whole:
        family, _, given = whole.partition(",")
    else:
        given, _, family = whole.rpartition(" ")
    return {name: part.strip() for name, part in (("family_name", family), ("given_name", given)) if part.strip()}


def _word(kind: str) -> Callable[[str], str]:
    known = words.by_name(kind)
    return lambda text: known.get(plain(text), text)


_READ: Final[Mapping[str, Callable[[str], str]]] = {
    "sex": _word("sexes"),
    "status": _word("statuses"),
    "preferred_language": _word("languages"),
}
