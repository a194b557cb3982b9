"""Matching of person names: without regard to case and accents, in any component group, and fuzzily on request."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from apps.archive.query.conditions import Condition, Dialect, all_of, any_of, equal
from apps.archive.query.keys import Key
from apps.dicom.names import fold

Matcher = Callable[[Key, str, Dialect], Condition | None]

MAX_WORDS: Final = 6
MAX_WORD: Final = 24
# Shorter words differ by one letter from too many others.
MIN_TOLERANT: Final = 4

_WILDCARDS: Final = re.compile(r"[*?]")
_BETWEEN_WORDS: Final = re.compile(r"[\s^=*?,.-]+")
_AROUND_CARET: Final = re.compile(r" *\^ *")
_START: Final = "(^|[-=^ ])"
_END: Final = "($|[-=^ ])"


def matching(key: Key, value: str, dialect: Dialect) -> Condition | None:
    """Names that match a value (PS3.4 C.2.2.2.1 and .4); None where the value holds nothing to match.

    Each component group of the value (`Yamada^Tarou=山田^太郎`) must match some group of the name. A group
    without wildcards leaves open the components that it doesn't name: `Doe^Jane` finds `Doe^Jane^M`.
    """
    groups = [_AROUND_CARET.sub("^", fold(group)).rstrip("^ ") for group in value.split("=")]
    wanted = [_group(key, group, dialect) for group in groups if group.strip("*")]
    return all_of(wanted) if wanted else None


def fuzzy(key: Key, value: str, dialect: Dialect) -> Condition | None:
    """Names that hold every word of the value, in any order; None where the value holds no word.

    PS3.18 8.3.4.2 leaves the meaning of fuzzymatching to the server. Here a word matches where a word of the name
    begins with it, or (four letters and more) where the two differ by one letter that is wrong, missing, too much
    or swapped with the next. The cost is one regular expression for each of up to six words, of up to 24 letters,
    on every name in sight; without nesting, so linear in the name.
    """
    words = [word[:MAX_WORD] for word in _BETWEEN_WORDS.split(fold(value)) if word][:MAX_WORDS]
    text = f"{key.column} || {key.other_column}" if key.other_column else key.column
    return all_of(dialect.matches(f"({text})", _like_word(word)) for word in words) if words else None


def _group(key: Key, group: str, dialect: Dialect) -> Condition:
    if not key.other_column:
        return _in_others(f"('=' || {key.column} || '=')", group, dialect)
    # Spelled as the partial index on this column has it, so that the database sees that it serves.
    present = Condition(f"NOT ({key.other_column} = '' AND {key.other_column} IS NOT NULL)")
    others = all_of([present, _in_others(f"({key.other_column} || '=')", group, dialect)])
    return any_of([_in_alphabetic(key.column, group, dialect), others])


def _in_alphabetic(column: str, group: str, dialect: Dialect) -> Condition:
    if _WILDCARDS.search(group):
        return dialect.like(column, group)
    return any_of([equal(column, group), dialect.starts(column, f"{group}^")])


def _in_others(expression: str, group: str, dialect: Dialect) -> Condition:
    """A group among those that each stand between two equals signs."""
    if _WILDCARDS.search(group):
        return dialect.like(expression, f"*={group}=*")
    return any_of(dialect.like(expression, f"*={group}{end}*") for end in "=^")


def _like_word(word: str) -> str:
    """The regular expression of a word's beginning or, whole, of what differs from it by one letter."""
    if len(word) < MIN_TOLERANT:
        return _START + re.escape(word)
    return f"{_START}({re.escape(word)}|({'|'.join(sorted(set(_misspelled(word))))}){_END})"


def _misspelled(word: str) -> Iterator[str]:
    letters = [re.escape(letter) for letter in word]
    for at in range(len(letters)):
        before, after = "".join(letters[:at]), "".join(letters[at + 1 :])
        yield f"{before}.{after}"
        yield f"{before}{after}"
        yield f"{before}.{letters[at]}{after}"
        if after:
            yield f"{before}{letters[at + 1]}{letters[at]}{''.join(letters[at + 2 :])}"
