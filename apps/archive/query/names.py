"""Matching of person names: without regard to case and accents, in any component group, and fuzzily on request."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from apps.archive.query.conditions import (
    Condition,
    Database,
    Match,
    Written,
    all_match,
    all_of,
    any_of,
    equal,
    has_wildcard,
    is_narrow,
)
from apps.archive.query.keys import Key
from apps.dicom.names import fold

Matcher = Callable[[Key, str, Database], Match | None]

MAX_WORDS: Final = 6
MAX_WORD: Final = 24
# Shorter words differ by one letter from too many others.
MIN_TOLERANT: Final = 4

_BETWEEN_WORDS: Final = re.compile(r"[\s^=*?,.-]+")
_AROUND_CARET: Final = re.compile(r" *\^ *")
_OPEN_END: Final = re.compile(r"(?:\^[* ]*)+$")
_START: Final = "(^|[-=^ ])"
_END: Final = "($|[-=^ ])"


def matching(key: Key, value: str, database: Database) -> Match | None:
    """Names that match a value (PS3.4 C.2.2.2.1 and .4); None where the value holds nothing to match.

    Each component group of the value (`Yamada^Tarou=山田^太郎`) must match some group of the name. A group
    without wildcards leaves open the components that it doesn't name: `Doe^Jane` finds `Doe^Jane^M`.
    """
    groups = [_open_ended(_AROUND_CARET.sub("^", fold(group))) for group in value.split("=")]
    wanted = [_group(key, group, database) for group in groups if group.strip("*")]
    return all_match(wanted) if wanted else None


def fuzzy(key: Key, value: str, database: Database) -> Match | None:
    """Names that hold every word of the value, in any order; None where the value holds no word.

    PS3.18 8.3.4.2 leaves the meaning of fuzzymatching to the server. Here a word matches where a word of the name
    begins with it, or (four letters and more) where the two differ by one letter that is wrong, missing, too much
    or swapped with the next. The cost is bounded: up to six words of up to 24 letters are looked for, first by halves
    of the word, one of which such an error leaves whole, then by one regular expression without nesting, so linear
    in the name.
    """
    words = [word[:MAX_WORD] for word in _BETWEEN_WORDS.split(fold(value)) if word][:MAX_WORDS]
    if not words:
        return None

    def holds_them(expression: str) -> Condition:
        return all_of(_holds(expression, word, database) for word in words)

    return _match(key, [holds_them], holds_them if key.other_column else None, database)


def _open_ended(group: str) -> str:
    """The group without components at its end that are empty, or open by a wildcard: `Doe^*` is `Doe^`, and `Doe`."""
    named = _OPEN_END.sub("", group)
    return group.rstrip("^ ") if has_wildcard(named) else named


def _group(key: Key, group: str, database: Database) -> Match:
    def is_other(column: str) -> Condition:
        """A group among those that each stand after an equals sign."""
        if has_wildcard(group):
            return database.like(f"({column} || '=')", f"*={group}=*")
        return any_of(database.like(f"({column} || '=')", f"*={group}{end}*") for end in "=^")

    if not key.other_column:
        return _match(key, [lambda column: is_other(f"'=' || {column}")], None, database)
    alphabetic: list[Written] = [lambda column: database.like(column, group)]
    if not has_wildcard(group):
        alphabetic = [lambda column: equal(column, group), lambda column: database.starts(column, f"{group}^")]
    return _match(key, alphabetic, is_other, database, narrow=is_narrow(group))


def _match(
    key: Key, first: Sequence[Written], second: Written | None, database: Database, *, narrow: bool = False
) -> Match:
    """Any of the conditions on a name's first column, or that on its second; narrow ones by an index on each."""
    # Spelled as the partial index on this column has it, so that the database sees that it serves.
    present = f"NOT ({{}}{key.other_column} = '')"
    bare = [written(key.column) for written in first]
    inline = [written(f"t.{key.column}") for written in first]
    if second:
        bare.append(all_of([Condition(present.format("")), second(key.other_column)]))
        inline.append(all_of([Condition(present.format("t.")), second(f"t.{key.other_column}")]))
    return database.narrowed(*bare) if narrow else Match(any_of(inline))


def _holds(expression: str, word: str, database: Database) -> Condition:
    """A word of the text begins with this one or, as a whole, differs from it by one letter."""
    if len(word) < MIN_TOLERANT:
        return database.matches(expression, _START + re.escape(word))
    half = len(word) // 2
    swapped = f"{word[: half - 1]}{word[half]}{word[half - 1]}{word[half + 1 :]}"
    candidates = any_of(database.like(expression, f"*{part}*") for part in (word[:half], word[half:], swapped))
    misspelled = "|".join(sorted(set(_misspelled(word))))
    regex = f"{_START}({re.escape(word)}|({misspelled}){_END})"
    return all_of([candidates, database.matches(expression, regex)])


def _misspelled(word: str) -> Iterator[str]:
    letters = [re.escape(letter) for letter in word]
    for at in range(len(letters)):
        before, after = "".join(letters[:at]), "".join(letters[at + 1 :])
        yield f"{before}.{after}"
        yield f"{before}{after}"
        yield f"{before}.{letters[at]}{after}"
        if after:
            yield f"{before}{letters[at + 1]}{letters[at]}{''.join(letters[at + 2 :])}"
