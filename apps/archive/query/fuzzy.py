"""Fuzzy matching of person names (PS3.18 8.3.4.2), by the keys that `apps.dicom.likeness` makes of their words."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from django.db import connection

from apps.archive.query.conditions import Condition, Database, Match, all_match, all_of, any_of, one_of
from apps.archive.query.keys import Key
from apps.dicom import likeness
from apps.dicom.names import fold

# A word that fits this many studies is common: they are not gathered for it, but each found otherwise is tested.
COMMON: Final = 500
_START: Final = "(^|[-=^ ])"
_END: Final = "($|[-=^ ])"


def fuzzy(key: Key, value: str, database: Database) -> Match | None:
    """Names that hold a word like every one of the value, in any order; None where the value holds no word.

    What is alike says `apps.dicom.likeness`. A patient is found by the keys of the name; a referring physician, which
    has none, by one regular expression a word without nesting, so linear in the name, and not by sound.
    """
    words = likeness.words(fold(value))
    if not words:
        return None
    if not key.other_column:
        return Match(all_of(database.matches(f"t.{key.column}", _regex(word)) for word in words))
    return _by_keys([_like(word, database) for word in words])


def _like(word: str, database: Database) -> list[Condition]:
    """Keys of a word like this one: each condition is one look into their index."""
    begins = database.starts("key", likeness.beginning(word))
    alike = sorted(likeness.alike(word))
    return [begins, one_of("key", alike)] if alike else [begins]


def _by_keys(words: Sequence[list[Condition]]) -> Match:
    """Studies with a key of each word. Rare words lead to them; where all are common, one alone leads to nothing."""
    rare = [count < COMMON for count in _counts(words)]
    if not any(rare) and len(words) > 1:
        rare = [True] * len(words)
    return all_match(_leading(word) if leads else _tested(word) for word, leads in zip(words, rare, strict=True))


def _leading(word: list[Condition]) -> Match:
    found = _each("study_id", word)
    return Match(Condition(f"t.id IN ({found.sql})", found.params), narrow=True)


def _tested(word: list[Condition]) -> Match:
    key = any_of(word)
    sql = f"EXISTS (SELECT 1 FROM archive_namekey k WHERE k.study_id = t.id AND ({key.sql}))"  # noqa: S608
    return Match(Condition(sql, key.params))


def _counts(words: Sequence[list[Condition]]) -> tuple[int, ...]:
    """How many keys the conditions of each word find, counted up to `COMMON`, in one query."""
    found = [_each("1", word) for word in words]
    counted = (f"(SELECT COUNT(*) FROM ({one.sql} LIMIT {COMMON}) counted)" for one in found)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", [param for one in found for param in one.params])
        counts: tuple[int, ...] = cursor.fetchone()
    return counts


def _each(column: str, word: list[Condition]) -> Condition:
    """A column of the keys that fulfil one of the conditions."""
    sql = " UNION ALL ".join(f"SELECT {column} FROM archive_namekey WHERE {condition.sql}" for condition in word)  # noqa: S608
    return Condition(sql, tuple(param for condition in word for param in condition.params))


def _regex(word: str) -> str:
    """A word of the text begins with this one or, as a whole, differs from it by one letter."""
    if len(word) < likeness.MIN_TOLERANT:
        return _START + re.escape(word)
    misspelled = "|".join(sorted(set(_misspelled(word))))
    return f"{_START}({re.escape(word)}|({misspelled}){_END})"


def _misspelled(word: str) -> Iterator[str]:
    letters = [re.escape(letter) for letter in word]
    for at in range(len(letters)):
        before, after = "".join(letters[:at]), "".join(letters[at + 1 :])
        yield f"{before}.{after}"
        yield f"{before}{after}"
        yield f"{before}.{letters[at]}{after}"
        if after:
            yield f"{before}{letters[at + 1]}{letters[at]}{''.join(letters[at + 2 :])}"
