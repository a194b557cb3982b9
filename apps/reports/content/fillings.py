"""What a field is filled in with, read from `Field.fill`: the grammar of docs/report-filling.md.

    fill     = choice | text
    choice   = word { "|" word }
    word     = name [ "(" argument { "," argument } ")" ] | quoted
    argument = [ name "=" ] ( bare | quoted )
    text     = any text with { choice } and [ optional part ] in it

What has a brace in it is a text; `{{`, `}}`, `[[` and `]]` stand for the characters themselves. A quoted value has
single quotes around it, two of them for one inside.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from apps.dicom.sr_tree import Code
from apps.reports.content.filling_words import CHOICES, DATES, TIMES, WORDS, Argument, Call, Word
from apps.reports.content.structure import Field, FieldKind
from apps.saying import Sentence, say

LONGEST: Final = 2000
MOST_WORDS: Final = 40
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z.]*")
_BARE: Final = re.compile(r"[^\s,()|'={}]+")
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_LITERAL: Final = re.compile(r"(?:[^{}\[\]]|\{\{|\}\}|\[\[|\]\])+")
_DOUBLED: Final = re.compile(r"([{}\[\]])\1")
_TEXTS: Final = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT})


class WrongFill(ValueError):
    """What is no expression of these words; `reason` says to a person what is wrong with it."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Choice:
    """The first of several that has an answer; a text is an answer that is always there."""

    options: tuple[Call | str, ...]

    def calls(self) -> Iterator[Call]:
        return (each for each in self.options if isinstance(each, Call))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text. An optional one is left out where one of its choices has no answer."""

    pieces: tuple[Choice | str, ...]
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """A choice alone, or a text in parts (`parts` is empty for a choice alone)."""

    choice: Choice | None = None
    parts: tuple[Part, ...] = ()

    def calls(self) -> Iterator[Call]:
        """Every word in it."""
        if self.choice is not None:
            yield from self.choice.calls()
        for part in self.parts:
            for piece in part.pieces:
                if isinstance(piece, Choice):
                    yield from piece.calls()


def parse(fill: str) -> Filling:
    """What `fill` says. Raises WrongFill for anything but the grammar, unknown words and arguments, and too many."""
    if len(fill) > LONGEST:
        raise WrongFill(say("What a field is filled in with has {most} characters at most.", most=LONGEST))
    scanner = _Scanner(fill.strip())
    filling = scanner.text() if "{" in fill else Filling(choice=scanner.choice())
    scanner.end()
    if sum(1 for _ in filling.calls()) > MOST_WORDS:
        raise WrongFill(say("A field is filled in with {most} words at most.", most=MOST_WORDS))
    return filling


def filling_of(field: Field) -> Filling | None:
    """What the field is filled in with; None where that is nothing. Raises WrongFill.

    A number with a concept and a unit that says nothing else is the measurement of that concept in that unit.
    """
    if field.fill.strip():
        return parse(field.fill)
    if field.kind is FieldKind.NUMBER and field.code and field.unit:
        return Filling(choice=Choice((Call("measurement"),)))
    return None


def problems_of(field: Field) -> tuple[Sentence, ...]:
    """What is wrong with how a field is filled in, for whoever writes the template; nothing where all is well."""
    try:
        filling = filling_of(field)
    except WrongFill as error:
        return (error.reason,)
    return tuple(_unfit(field, filling)) if filling is not None else ()


def _unfit(field: Field, filling: Filling) -> Iterator[Sentence]:
    """What can't be in a field of this kind."""
    is_text = field.kind in _TEXTS
    if not is_text and _is_worded(filling):
        yield say("Only a text can be filled in with words in braces or quotes.")
    for each in filling.calls():
        if not is_text and not _gives(each, field.kind):
            yield say("{word} gives no answer for a field of the kind {kind}.", word=each.name, kind=field.kind.value)
        if each.name == "measurement" and not each.codes.get("concept", field.code):
            yield say("A measurement is told by its code, such as measurement(SCT:410668003, unit=mm).")


def _is_worded(filling: Filling) -> bool:
    """Whether it has words of the template's own."""
    return filling.choice is None or any(isinstance(each, str) for each in filling.choice.options)


def _gives(call: Call, kind: FieldKind) -> bool:
    """Whether the word can have an answer for a field of this kind, which is not one for texts."""
    word = WORDS[call.name]
    match kind:
        case FieldKind.NUMBER:
            return word.has_number
        case FieldKind.DATE:
            return call.detail in DATES
        case FieldKind.TIME:
            return call.detail in TIMES
        case FieldKind.CHECK:
            return False
    return not word.is_sentence


class _Scanner:
    """Reads from left to right; every method leaves `at` behind what it has read."""

    def __init__(self, said: str) -> None:
        self.said, self.at = said, 0

    def text(self) -> Filling:
        parts: list[Part] = []
        while self.at < len(self.said):
            if self._take("["):
                parts.append(Part(tuple(self._pieces()), is_optional=True))
                self._need("]")
            elif pieces := tuple(self._pieces()):
                parts.append(Part(pieces))
            else:
                raise self._wrong()
        return Filling(parts=tuple(parts))

    def choice(self) -> Choice:
        options = [self._option()]
        while self._take_word("|"):
            options.append(self._option())
        return Choice(tuple(options))

    def end(self) -> None:
        if self.at < len(self.said):
            raise self._wrong()

    def _pieces(self) -> Iterator[Choice | str]:
        """Literal texts and choices in braces, up to a bracket."""
        while self.at < len(self.said):
            if (literal := self._match(_LITERAL)) is not None:
                yield _DOUBLED.sub(r"\1", literal)
            elif self._take("{"):
                yield self.choice()
                self._need_word("}")
            else:
                return

    def _option(self) -> Call | str:
        self._space()
        quoted = self._quoted()
        return self._call() if quoted is None else quoted

    def _call(self) -> Call:
        name = self._match(_NAME)
        if name is None:
            raise self._wrong()
        word = WORDS.get(name)
        if word is None:
            raise WrongFill(say("There is no word {word} to fill in with.", word=name))
        return _called(name, word, dict(self._arguments(name, word)) if self._take_word("(") else {})

    def _arguments(self, name: str, word: Word) -> Iterator[tuple[str, str]]:
        known: set[str] = set()
        while True:
            key, value = self._argument(word)
            if key not in word.arguments or key in known:
                raise WrongFill(say("{word} takes no {argument} there.", word=name, argument=key or value))
            known.add(key)
            yield key, value
            if self._take_word(")"):
                return
            self._need_word(",")

    def _argument(self, word: Word) -> tuple[str, str]:
        value = self._value()
        if not self._take_word("="):
            return word.first, value
        return value, self._value()

    def _value(self) -> str:
        self._space()
        quoted = self._quoted()
        found = self._match(_BARE) if quoted is None else quoted
        if found is None:
            raise self._wrong()
        return found

    def _quoted(self) -> str | None:
        quoted = self._match(_QUOTED)
        return None if quoted is None else quoted[1:-1].replace("''", "'")

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.said, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def _space(self) -> None:
        while self.at < len(self.said) and self.said[self.at].isspace():
            self.at += 1

    def _take(self, character: str) -> bool:
        if self.said[self.at : self.at + 1] != character:
            return False
        self.at += 1
        return True

    def _take_word(self, character: str) -> bool:
        """The character, with spaces around it."""
        before = self.at
        self._space()
        if not self._take(character):
            self.at = before
            return False
        if character != "}":
            self._space()
        return True

    def _need(self, character: str) -> None:
        if not self._take(character):
            raise self._wrong()

    def _need_word(self, character: str) -> None:
        if not self._take_word(character):
            raise self._wrong()

    def _wrong(self) -> WrongFill:
        self._space()
        rest = self.said[self.at : self.at + 20]
        if not rest:
            return WrongFill(say("Something is missing at the end of what the field is filled in with."))
        return WrongFill(say("What the field is filled in with is not understood from here on: {rest}", rest=rest))


def _called(name: str, word: Word, given: Mapping[str, str]) -> Call:
    codes: dict[str, Code] = {}
    texts: dict[str, str] = {}
    for key, value in given.items():
        kind = word.arguments[key]
        if kind is Argument.CODE:
            codes[key] = _code(value)
        else:
            texts[key] = _checked(name, kind, value)
    return Call(name, codes, texts)


def _code(value: str) -> Code:
    """A code as its scheme and value; the meaning is the data's own."""
    scheme, colon, code = value.partition(":")
    if not (scheme and colon and code):
        raise WrongFill(say("{value} is no code: they are written like SCT:410668003.", value=value))
    return Code("", code, scheme)


def _checked(name: str, kind: Argument, value: str) -> str:
    if kind in CHOICES and value not in CHOICES[kind]:
        known = ", ".join(CHOICES[kind])
        raise WrongFill(say("{word} takes one of {known}, not {value}.", word=name, known=known, value=value))
    return value
