"""From match keys to conditions on the index: attribute matching (PS3.4 C.2.2.2), key by key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.archive.query import names, values
from apps.archive.query.conditions import Condition, Dialect, all_of, any_of, between, equal, one_of
from apps.archive.query.keys import INDEXED, TIME_OF_DATE, Key, Kind, Level
from apps.archive.query.values import Range
from apps.core.errors import Invalid
from apps.dicom.names import fold

MAX_KEYS: Final = 50


@dataclass(frozen=True, slots=True)
class Matching:
    """The conditions of a search on each level, and the tags of keys that are not indexed and so not matched.

    `has_uid` holds the levels on which a UID is asked for: few rows remain there.
    """

    conditions: Mapping[Level, tuple[Condition, ...]]
    has_uid: frozenset[Level]
    ignored: tuple[str, ...]


def match(keys: Mapping[str, Sequence[str]], *, fuzzy: bool, dialect: Dialect) -> Matching:
    """What rows must fulfil to match all the keys (tag path to its values, of which any may match).

    Universal keys match everything. Raises Invalid for values that can't be of their attribute, or over 50 keys.
    """
    if len(keys) > MAX_KEYS:
        raise Invalid(f"There are more than {MAX_KEYS} attributes to match.")
    wanted = {INDEXED[tag]: values.split(INDEXED[tag], texts) for tag, texts in keys.items() if tag in INDEXED}
    wanted = {key: texts for key, texts in wanted.items() if texts}
    found: dict[Level, list[Condition]] = {level: [] for level in Level}
    for date, moments in _moments(wanted):
        found[date.level].append(moments)
    for key, texts in wanted.items():
        condition = any_known(_matcher(key, fuzzy, dialect)(key, text) for text in _grouped(key, texts))
        if condition is not None:
            found[key.level].append(condition)
    return Matching(
        conditions={level: tuple(conditions) for level, conditions in found.items()},
        has_uid=frozenset(key.level for key in wanted if key.kind is Kind.UID),
        ignored=tuple(sorted(tag for tag, texts in keys.items() if tag not in INDEXED and any(texts))),
    )
