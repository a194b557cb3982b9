"""From match keys to conditions on the index: attribute matching (PS3.4 C.2.2.2), key by key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.archive.query import names, values
from apps.archive.query.conditions import Condition, Dialect, all_of, any_of, between, one_of
from apps.archive.query.keys import INDEXED, TIME_OF_DATE, Key, Kind, Level
from apps.core.errors import Invalid
from apps.dicom.names import fold

MAX_KEYS: Final = 50
# Every modality of a study stands between two backslashes in its column.
_MODALITY: Final = "*\\{}\\*"

Wanted = dict[Key, list[str]]


@dataclass(frozen=True, slots=True)
class Matching:
    """The conditions of a search on each level, the levels where a UID is asked for, and the keys not matched.

    `ignored` holds the tag paths of keys with a value whose attributes are not indexed.
    """

    conditions: Mapping[Level, Sequence[Condition]]
    identified: frozenset[Level]
    ignored: tuple[str, ...]


def match(keys: Mapping[str, Sequence[str]], *, fuzzy: bool, dialect: Dialect) -> Matching:
    """What rows must fulfil to match all the keys (tag path to its values, any of which may match).

    Universal keys match everything. Raises Invalid for values that can't be of their attribute, or over 50 keys.
    """
    if len(keys) > MAX_KEYS:
        raise Invalid(f"There are more than {MAX_KEYS} attributes to match.")
    wanted = {INDEXED[tag]: values.split(INDEXED[tag], texts) for tag, texts in keys.items() if tag in INDEXED}
    wanted = {key: texts for key, texts in wanted.items() if texts}
    identified = frozenset(key.level for key in wanted if key.kind is Kind.UID)
    found: dict[Level, list[Condition]] = {level: [] for level in Level}
    for date_tag, time_tag in TIME_OF_DATE.items():
        if moments := _moments(INDEXED[date_tag], INDEXED[time_tag], wanted):
            found[INDEXED[date_tag].level].append(moments)
    for key, texts in wanted.items():
        if condition := _condition(key, texts, fuzzy, dialect):
            found[key.level].append(condition)
    ignored = tuple(sorted(tag for tag, texts in keys.items() if tag not in INDEXED and any(texts)))
    return Matching(found, identified, ignored)


def _condition(key: Key, texts: list[str], fuzzy: bool, dialect: Dialect) -> Condition | None:
    if key.kind is Kind.NAME:
        return _name(key, texts, names.fuzzy if fuzzy else names.matching, dialect)
    return _BY_KIND[key.kind](key, texts, dialect)


def _uid(key: Key, texts: list[str], _: Dialect) -> Condition:
    return one_of(key.column, values.uids(key, texts))


def _number(key: Key, texts: list[str], _: Dialect) -> Condition:
    return one_of(key.column, values.numbers(key, texts))


def _date(key: Key, texts: list[str], _: Dialect) -> Condition:
    return any_of(
        between(key.column, wanted.low, wanted.high) for wanted in (values.dates(key, text) for text in texts)
    )


def _time(key: Key, texts: list[str], _: Dialect) -> Condition:
    return any_of(
        between(key.column, wanted.low, wanted.high) for wanted in (values.times(key, text) for text in texts)
    )


def _folded(key: Key, texts: list[str], dialect: Dialect) -> Condition:
    return _text(key, [fold(text) for text in texts], dialect)


def _text(key: Key, texts: list[str], dialect: Dialect) -> Condition:
    """Single values and wildcards (C.2.2.2.1, C.2.2.2.4)."""
    plain = [text for text in texts if "*" not in text and "?" not in text]
    conditions = [dialect.like(key.column, text) for text in texts if text not in plain]
    return any_of([one_of(key.column, plain), *conditions] if plain else conditions)


def _modalities(key: Key, texts: list[str], dialect: Dialect) -> Condition:
    return any_of(_modality(key, text, dialect) for text in texts)


def _modality(key: Key, text: str, dialect: Dialect) -> Condition:
    """A modality among the study's; a star would reach into the next one, so the series are asked."""
    if "*" not in text:
        return dialect.like(key.column, _MODALITY.format(text))
    modality = dialect.like("m.modality", text)
    return Condition(
        f"EXISTS (SELECT 1 FROM archive_series m WHERE m.study_id = t.id AND {modality.sql})",  # noqa: S608
        modality.params,
    )


_BY_KIND: Final[Mapping[Kind, Callable[[Key, list[str], Dialect], Condition]]] = {
    Kind.UID: _uid,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.FOLDED: _folded,
    Kind.MODALITIES: _modalities,
}


def _name(key: Key, texts: list[str], matching: names.Matcher, dialect: Dialect) -> Condition | None:
    conditions = [matching(key, text, dialect) for text in texts]
    known = [condition for condition in conditions if condition is not None]
    return any_of(known) if len(known) == len(conditions) else None


def _moments(date: Key, time: Key, wanted: Wanted) -> Condition | None:
    """A range of dates and one of times as one range of moments (C.2.2.2.5); takes both keys out of `wanted`.

    None, with nothing taken, where the two are not ranges that are open at the same ends.
    """
    if len(wanted.get(date, ())) != 1 or len(wanted.get(time, ())) != 1:
        return None
    days, times = values.dates(date, wanted[date][0]), values.times(time, wanted[time][0])
    if not (days.is_interval and times.is_interval) or days.ends != times.ends:
        return None
    del wanted[date], wanted[time]
    conditions = [between(date.column, days.low, days.high)]
    if days.low:
        conditions.append(Condition(f"{date.column} > %s OR {time.column} >= %s", (days.low, times.low)))
    if days.high:
        conditions.append(Condition(f"{date.column} < %s OR {time.column} <= %s", (days.high, times.high)))
    return all_of(conditions)
