"""Metadata as JSON: the sidecar beside a video file, and what travels to the process that converts.

The keys are the fields' names in `metadata`, written as in `birthDate`; dates are ISO 8601 (2026-11-22,
2026-11-22T09:30:00.250+01:00). Nothing is needed, nothing unknown is taken, and every error names its field.
"""

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from apps.saying import Sentence, say
from apps.video.errors import Code as Reason
from apps.video.errors import Refused
from apps.video.objects.checking import checked, refused, spoken
from apps.video.objects.metadata import Metadata

# Bytes of a sidecar.
MAX_SIZE: Final = 256 << 10
# What only this program knows of an object; a sidecar doesn't say it.
_OURS: Final = frozenset({"seed", "isUserDataRemoved", "masksCoverAll"})


def read(source: Path | bytes) -> Metadata:
    """The metadata of a sidecar. Raises Refused (BAD_METADATA) that names the field; OSError where it can't be read."""
    content = _content(source) if isinstance(source, Path) else source
    if len(content) > MAX_SIZE:
        raise _bad(say("The details are more than {size} bytes of JSON.", size=MAX_SIZE))
    try:
        told = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _bad(say("The details are not JSON in UTF-8.")) from None
    if isinstance(told, dict) and (ours := _OURS & told.keys()):
        raise _unknown("", sorted(ours)[0], Metadata)
    return decoded(told)


def decoded(told: Any) -> Metadata:
    """Metadata of what `encoded` made, or of a sidecar's JSON. Raises Refused (BAD_METADATA)."""
    return checked(_read(Metadata, told, ""))


def encoded(metadata: Metadata) -> dict[str, Any]:
    """JSON of all that differs from the defaults; `decoded` gives the same metadata again."""
    written = _written(metadata)
    assert isinstance(written, dict)
    return written


def schema() -> dict[str, Any]:
    """What a sidecar may hold, as a JSON Schema (2020-12)."""
    described = _described(Metadata)
    for name in _OURS:
        del described["properties"][name]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Metadata of a video", **described}


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_SIZE + 1)


def _no_number(text: str) -> float:
    raise ValueError(text)


def _bad(sentence: Sentence) -> Refused:
    return Refused(Reason.BAD_METADATA, sentence)


@cache
def _types(kind: Any) -> dict[str, Any]:
    """The types of a data class's fields, by their names in JSON."""
    hints = get_type_hints(kind)
    return {spoken(each.name): hints[each.name] for each in fields(kind)}


def _read(kind: Any, told: Any, place: str) -> Any:
    """A value of this type: a data class, an enumeration, a tuple, a date, a text, a number, a truth, or None."""
    if get_origin(kind) in (Union, types.UnionType):
        return None if told is None else _read(get_args(kind)[0], told, place)
    if get_origin(kind) is tuple:
        return _read_several(get_args(kind), told, place)
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_fields(kind, told, place)
    return _read_one(kind, told, place)


def _read_fields(kind: Any, told: Any, place: str) -> Any:
    if not isinstance(told, dict):
        raise refused(place or "metadata", say("an object with named values"))
    known = _types(kind)
    if unknown := [name for name in told if name not in known]:
        raise _unknown(place, unknown[0], kind)
    names = {spoken(each.name): each for each in fields(kind)}
    missing = [name for name, each in names.items() if name not in told and _is_needed(each)]
    if missing:
        raise refused(f"{place}.{missing[0]}".lstrip("."), say("a value: it has to be said"))
    return kind(
        **{names[name].name: _read(known[name], value, f"{place}.{name}".lstrip(".")) for name, value in told.items()}
    )


def _is_needed(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _unknown(place: str, name: str, kind: type) -> Refused:
    choices = ", ".join(each for each in _types(kind) if place or each not in _OURS)
    return _bad(
        say(
            "{field} is not known here. There are {choices}.", field=f"{place}.{name}".lstrip(".")[:80], choices=choices
        )
    )


def _read_several(kinds: tuple[Any, ...], told: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(told, list):
        raise refused(place, say("a list"))
    if kinds[-1] is not Ellipsis and len(told) != len(kinds):
        raise refused(place, say("a list of {count}", count=len(kinds)))
    return tuple(_read(kinds[0], item, f"{place}.{number}") for number, item in enumerate(told))


def _read_one(kind: Any, told: Any, place: str) -> Any:
    if issubclass(kind, bool | int):
        if type(told) is not kind:
            raise refused(place, say("true or false") if kind is bool else say("a whole number"))
        return told
    if not isinstance(told, str) or (kind is not str and not told.isprintable()):
        raise refused(place, say("a text"))
    if issubclass(kind, StrEnum):
        return _choice(kind, told, place)
    return _moment(kind, told, place) if issubclass(kind, date) else told


def _choice(kind: type[StrEnum], told: str, place: str) -> StrEnum:
    try:
        return kind(told)
    except ValueError:
        choices = ", ".join(each.value or '""' for each in kind)
        raise refused(place, say("one of {choices}", choices=choices)) from None


def _moment(kind: type[date], told: str, place: str) -> date:
    try:
        return kind.fromisoformat(told)
    except ValueError:
        rule = (
            say("a moment such as 2026-11-22T09:30:00+01:00") if kind is datetime else say("a date such as 1970-01-31")
        )
        raise refused(place, rule) from None


def _written(value: Any) -> Any:
    if is_dataclass(value):
        named = ((each, getattr(value, each.name)) for each in fields(value))
        return {spoken(each.name): _written(held) for each, held in named if _is_needed(each) or held != _default(each)}
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


_SCHEMAS: Final[dict[type, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer", "minimum": 0},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def _described(kind: Any) -> dict[str, Any]:
    if get_origin(kind) in (Union, types.UnionType):
        return {"anyOf": [_described(get_args(kind)[0]), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return _described_list(get_args(kind))
    if not is_dataclass(kind):
        return {"enum": [each.value for each in kind]} if issubclass(kind, StrEnum) else _SCHEMAS[kind]
    needed = [spoken(each.name) for each in fields(kind) if _is_needed(each)]
    return {
        "type": "object",
        "properties": {name: _described(each) for name, each in _types(kind).items()},  # type: ignore[arg-type]
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _described_list(kinds: tuple[Any, ...]) -> dict[str, Any]:
    count = {} if kinds[-1] is Ellipsis else {"minItems": len(kinds), "maxItems": len(kinds)}
    return {"type": "array", "items": _described(kinds[0]), **count}
