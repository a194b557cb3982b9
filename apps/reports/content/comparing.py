"""What has become of a text: the words that went and that came, as a person reads it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Final

from apps.reports.content.entries import Answer, Content
from apps.reports.content.structure import Field, Structure

# Of a stretch of lines that has changed, on both sides together: longer ones went and came as a whole.
MOST_WORDS: Final = 2000
# Of a text, on both sides together: the rest counts as one line.
MOST_LINES: Final = 10_000
# A word with what comes before it, so that pieces joined are the text again.
_WORD: Final = re.compile(r"\s*\S+|\s+\Z")
_Changed = Callable[[Sequence[str], Sequence[str]], Iterator["Part"]]


class What(StrEnum):
    """What has become of a piece of text."""

    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text, and what has become of it."""

    what: What
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose answer has changed. Without its deleted parts it reads as now, without the inserted ones as then.
    `field` is None for what the template doesn't know, by its `key`."""

    key: str
    field: Field | None
    parts: tuple[Part, ...]


def differences(structure: Structure, before: Content, after: Content) -> tuple[Difference, ...]:
    """The fields whose answers have changed, in the template's order."""
    fields = {field.key: field for field in structure.fields()}
    keys = [*fields, *sorted((set(before.entries) | set(after.entries)) - set(fields))]
    texts = ((key, _text(fields.get(key), before, key), _text(fields.get(key), after, key)) for key in keys)
    return tuple(Difference(key, fields.get(key), compared(old, new)) for key, old, new in texts if old != new)


def compared(before: str, after: str) -> tuple[Part, ...]:
    """Two texts word by word, the words that went before those that came in their place; bounded in time by comparing
    lines first."""
    parts = _between(_lines(before), _lines(after), _of_lines)
    return tuple(_joined(parts))


def _text(field: Field | None, content: Content, key: str) -> str:
    entry = content.entries.get(key)
    return _said(field, entry.value) if entry else ""


def _said(field: Field | None, value: Answer) -> str:
    """An answer as a person reads it: of choices, their labels."""
    values = (value,) if isinstance(value, str) else value
    options = {option.value: option.label for option in field.options} if field else {}
    return "\n".join(options.get(each, each) for each in values)


def _lines(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    return lines if len(lines) <= MOST_LINES else [text]


def _words(lines: Iterable[str]) -> list[str]:
    return _WORD.findall("".join(lines))


def _between(before: Sequence[str], after: Sequence[str], changed: _Changed) -> Iterator[Part]:
    """The parts of two sequences of pieces; `changed` says what becomes of a stretch that is another one now."""
    for tag, first, last, start, end in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            yield Part(What.SAME, "".join(before[first:last]))
        else:
            yield from changed(before[first:last], after[start:end])


def _of_lines(gone: Sequence[str], come: Sequence[str]) -> Iterator[Part]:
    old, new = _words(gone), _words(come)
    if len(old) + len(new) > MOST_WORDS:
        return _of_words(gone, come)
    return _between(old, new, _of_words)


def _of_words(gone: Sequence[str], come: Sequence[str]) -> Iterator[Part]:
    yield Part(What.DELETED, "".join(gone))
    yield Part(What.INSERTED, "".join(come))


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbours of a kind as one, and none that is empty."""
    for what, run in groupby((part for part in parts if part.text), key=lambda part: part.what):
        yield Part(what, "".join(part.text for part in run))
