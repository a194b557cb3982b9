"""Matching of person names: without regard to case and accents, in any component group."""

import re
from collections.abc import Sequence
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

_AROUND_CARET: Final = re.compile(r" *\^ *")
_OPEN_END: Final = re.compile(r"(?:\^[* ]*)+$")


def matching(key: Key, value: str, database: Database) -> Match | None:
    """Names that match a value (PS3.4 C.2.2.2.1 and .4); None where the value holds nothing to match.

    Each component group of the value (`Yamada^Tarou=山田^太郎`) must match some group of the name. A group
    without wildcards leaves open the components that it doesn't name: `Doe^Jane` finds `Doe^Jane^M`.
    """
    wanted = [_group(key, group, database) for group in wanted_groups(value)]
    return all_match(wanted) if wanted else None


def wanted_groups(value: str) -> list[str]:
    """The component groups of a value, folded and open at their ends; those that match everything are left out."""
    groups = [_open_ended(_AROUND_CARET.sub("^", fold(group))) for group in value.split("=")]
    return [group for group in groups if group.strip("*")]


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
