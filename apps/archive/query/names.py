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
    one_of,
)
from apps.archive.query.keys import Key
from apps.dicom import likeness
from apps.dicom.names import fold

Matcher = Callable[[Key, str, Database], Match | None]

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
    """Names that hold a word like every one of the value, in any order; None where the value holds no word.

    What is alike says `apps.dicom.likeness`. A patient is found by the keys of the name; a referring physician, which
    has none, by one regular expression a word without nesting, so linear in the name, and not by sound.
    """
    words = likeness.words(fold(value))
    if not words:
        return None
    if not key.other_column:
        return Match(all_of(database.matches(f"t.{key.column}", _regex(word)) for word in words))
    return all_match(_like(word, database) for word in words)


def _like(word: str, database: Database) -> Match:
    """Studies whose Patient Name has a word like this one."""
    known = "SELECT study_id FROM archive_namekey WHERE"
    begins = database.starts("key", likeness.beginning(word))
    sql, params = f"{known} {begins.sql}", begins.params
    if alike := sorted(likeness.alike(word)):
        same = one_of("key", alike)
        sql, params = f"{sql} UNION ALL {known} {same.sql}", (*params, *same.params)
    return Match(Condition(f"t.id IN ({sql})", params), narrow=is_narrow(f"{word}*"))


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
