"""What may be entered in a template's fields, and what is still missing before a report is signed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Final

from apps.reports.content.entries import Answer, Content
from apps.reports.content.structure import Field, FieldKind, Option, Structure
from apps.saying import Sentence, say

# A value's characters, and what a report has at most of each.
MOST_CHARACTERS: Final = 100_000
MOST_ENTRIES: Final = 1000
MOST_KEY_IMAGES: Final = 40
MOST_MEASUREMENTS: Final = 500
# The content as JSON.
MOST_BYTES: Final = 2 * 1024 * 1024
# The value of a CHECK that is checked, where the template gives it none.
CHECKED: Final = "true"

UNKNOWN: Final = say("The template has no such field.")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
# What no text shows: control characters but line ends and tabs, and halves of characters, which no database takes.
_UNSHOWN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LISTS: Final = frozenset({FieldKind.CHOICES})

Problem = tuple[str, Sentence]
_Check = Callable[[Field, Answer], Sentence | None]


def cleaned(value: Answer) -> Answer:
    """The value as it is kept: line ends as \\n, and without control characters; everything else as it is."""
    if isinstance(value, str):
        return _UNSHOWN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return tuple(_UNSHOWN.sub("", each) for each in value)


def answered(value: Answer) -> bool:
    """Whether a value says anything."""
    return bool(value.strip() if isinstance(value, str) else value)


def options_of(field: Field, value: Answer) -> tuple[Option, ...]:
    """The options that were chosen, in the template's order."""
    chosen = {value} if isinstance(value, str) else set(value)
    return tuple(option for option in field.options if option.value in chosen)


def problem(field: Field, value: Answer) -> Sentence | None:
    """What is wrong with a cleaned value of the field; None for one that may be kept. Nothing at all always may."""
    if isinstance(value, str) is (field.kind in _LISTS):
        return say("This field takes a list.") if isinstance(value, str) else say("This field takes a text.")
    if not answered(value):
        return None
    if _characters(value) > MOST_CHARACTERS:
        return say("A text has at most {most} characters.", most=MOST_CHARACTERS)
    return _CHECKS[field.kind](field, value)


def missing(structure: Structure, content: Content) -> tuple[str, ...]:
    """The keys of required fields without an answer, in the template's order."""
    return tuple(field.key for field in structure.fields() if field.is_required and not _is_answered(field, content))


def unready(structure: Structure, content: Content) -> tuple[Problem, ...]:
    """Why the report can't be signed: the fields' keys with the reason, in the template's order; empty if it can."""
    return tuple(_unready(structure, content))


def _unready(structure: Structure, content: Content) -> Iterator[Problem]:
    for field in structure.fields():
        entry = content.entries.get(field.key)
        if entry is None or not answered(entry.value):
            if field.is_required:
                yield field.key, say("{label}: there is no answer yet.", label=field.label)
        elif not entry.is_confirmed:
            yield field.key, say("{label}: nobody has confirmed this yet.", label=field.label)
        elif not _is_within(field, entry.value):
            yield field.key, _out_of_range(field)


def _is_answered(field: Field, content: Content) -> bool:
    entry = content.entries.get(field.key)
    return entry is not None and answered(entry.value)


def _characters(value: Answer) -> int:
    return len(value) if isinstance(value, str) else sum(map(len, value))


def _is_within(field: Field, value: Answer) -> bool:
    if field.kind is not FieldKind.NUMBER:
        return True
    number = float(str(value))
    return (field.least is None or number >= field.least) and (field.most is None or number <= field.most)


def _out_of_range(field: Field) -> Sentence:
    if field.most is None:
        return say("{label}: at least {least:g}.", label=field.label, least=field.least)
    if field.least is None:
        return say("{label}: at most {most:g}.", label=field.label, most=field.most)
    return say("{label}: from {least:g} to {most:g}.", label=field.label, least=field.least, most=field.most)


def _any_text(_field: Field, _value: Answer) -> Sentence | None:
    return None


def _line(_field: Field, value: Answer) -> Sentence | None:
    return say("This field takes one line.") if "\n" in value else None


def _number(_field: Field, value: Answer) -> Sentence | None:
    if _NUMBER.fullmatch(str(value)):
        return None
    return say("This field takes a number, such as 12.5.")


def _date(_field: Field, value: Answer) -> Sentence | None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return say("This field takes a date, such as 2026-03-01.")
    return None


def _time(_field: Field, value: Answer) -> Sentence | None:
    try:
        time.fromisoformat(str(value))
    except ValueError:
        return say("This field takes a time, such as 14:30.")
    return None


def _choice(field: Field, value: Answer) -> Sentence | None:
    return _known({option.value for option in field.options}, (str(value),))


def _choices(field: Field, value: Answer) -> Sentence | None:
    if len(set(value)) != len(value):
        return say("Something is chosen twice.")
    return _known({option.value for option in field.options}, tuple(value))


def _check(field: Field, value: Answer) -> Sentence | None:
    return _known({option.value for option in field.options} or {CHECKED}, (str(value),))


def _known(values: set[str], chosen: Sequence[str]) -> Sentence | None:
    if values.issuperset(chosen):
        return None
    return say("The template has no such option.")


_CHECKS: Final[Mapping[FieldKind, _Check]] = {
    FieldKind.TEXT: _line,
    FieldKind.LONG_TEXT: _any_text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.TIME: _time,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.CHECK: _check,
}
