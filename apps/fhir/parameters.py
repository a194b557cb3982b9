"""The parameters of a search (FHIR R4, Search): filters by their names, and what is said of the answer; pure."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from apps.core.errors import Invalid
from apps.saying import say

DEFAULT_COUNT: Final = 50
MOST_COUNT: Final = 200
MOST_PARAMETERS: Final = 50
MOST_VALUES: Final = 50
MOST_CHARACTERS: Final = 500
SUMMARIES: Final = ("true", "text", "data", "count", "false")
TOTALS: Final = ("none", "estimate", "accurate")
CURSOR: Final = "_cursor"
# Read elsewhere (`negotiation`), or said of how an answer looks.
_ELSEWHERE: Final = ("_format", "_pretty")
_SEPARATOR: Final = re.compile(r"(?<!\\),")
_MODIFIER: Final = re.compile(r"[:.]")
_ESCAPED: Final = re.compile(r"\\([,|$\\])")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a parameter asks for: one of these values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search: all of the filters, and how it is to be answered. `ignored` are parameters that there are not."""

    filters: tuple[Filter, ...] = ()
    count: int = DEFAULT_COUNT
    cursor: str = ""
    summary: str = "false"
    elements: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    sort: str = ""
    total: str = "none"
    ignored: tuple[str, ...] = ()
    used: tuple[Pair, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether nothing but the number of matches is asked for (3.1.1.5.4)."""
        return self.summary == "count" or self.count == 0


def read(pairs: Iterable[Pair], known: Collection[str], *, is_strict: bool) -> Asked:
    """What is asked for. Raises Invalid for what is not supported; for unknown names only where that is wished."""
    given = [(name, value) for name, value in pairs if value.strip()]
    if len(given) > MOST_PARAMETERS:
        raise Invalid(say("A search has at most {most} parameters.", most=MOST_PARAMETERS))
    if any(len(value) > MOST_CHARACTERS * 4 for _, value in given):
        raise Invalid(say("A parameter has at most {most} characters.", most=MOST_CHARACTERS * 4))
    _refuse_modifiers((name for name, _ in given), known)
    ignored = tuple(dict.fromkeys(name for name, _ in given if not _is_known(name, known)))
    if ignored and is_strict:
        raise Invalid(say("There is no such parameter: {names}.", names=", ".join(ignored)[:200]))
    used = tuple((name, value) for name, value in given if name not in ignored)
    filters = tuple(_filter(name, value) for name, value in used if _name_of(name) in known)
    return Asked(filters=filters, ignored=ignored, used=used, **_controls(used))


def unescaped(text: str) -> str:
    r"""A value without the backslashes before its commas, bars and dollars (3.1.1.4.2)."""
    return _ESCAPED.sub(r"\1", text)


def _is_known(name: str, known: Collection[str]) -> bool:
    return _name_of(name) in known or name in _CONTROLS or name in _ELSEWHERE


def _refuse_modifiers(names: Iterable[str], known: Collection[str]) -> None:
    """What would find something else without its modifier is never ignored (3.1.1.4.5). Raises Invalid."""
    for name in names:
        begin = _MODIFIER.split(name)[0]
        if begin != name and (begin in known or begin in _CONTROLS) and _name_of(name) not in known:
            raise Invalid(say("{name} is not supported: leave out what follows {begin}.", name=name[:80], begin=begin))


def _name_of(name: str) -> str:
    """The parameter's name; the one modifier that names the only type there can be is left out."""
    return name.replace(":Patient", "", 1)


def _filter(name: str, value: str) -> Filter:
    values = tuple(each for each in _SEPARATOR.split(value) if each.strip())
    if len(values) > MOST_VALUES:
        raise Invalid(say("A parameter has at most {most} values.", most=MOST_VALUES))
    if any(len(each) > MOST_CHARACTERS for each in values):
        raise Invalid(say("A parameter has at most {most} characters.", most=MOST_CHARACTERS))
    return Filter(_name_of(name), values)


def _controls(used: Iterable[Pair]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    includes: list[str] = []
    for name, value in used:
        if name == "_include":
            includes += value.split(",")
        elif name in _CONTROLS:
            field, reader = _CONTROLS[name]
            found[field] = reader(value)
    return {**found, "includes": tuple(includes)}


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Invalid(say("{name} must be a whole number.", name="_count"))
    return min(int(value), MOST_COUNT)


def _one_of(name: str, values: tuple[str, ...]) -> Callable[[str], str]:
    def reader(value: str) -> str:
        if value not in values:
            raise Invalid(say("{name} is one of: {values}.", name=name, values=", ".join(values)))
        return value

    return reader


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())[:MOST_VALUES]


_CONTROLS: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "_count": ("count", _count),
    CURSOR: ("cursor", str),
    "_summary": ("summary", _one_of("_summary", SUMMARIES)),
    "_elements": ("elements", _names),
    "_include": ("includes", _names),
    "_sort": ("sort", str),
    "_total": ("total", _one_of("_total", TOTALS)),
}
