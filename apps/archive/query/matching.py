"""From match keys to conditions on the index: attribute matching (PS3.4 C.2.2.2), key by key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.archive.query import values
from apps.archive.query.conditions import (
    Condition,
    Database,
    Match,
    Written,
    all_of,
    any_match,
    any_of,
    between,
    equal,
    has_wildcard,
    is_narrow,
    one_of,
)
from apps.archive.query.fuzzy import fuzzy as fuzzily
from apps.archive.query.keys import ALIAS, SEARCHABLE, TIME_OF_DATE, Key, Kind, Level
from apps.archive.query.names import matching
from apps.core.errors import Invalid
from apps.dicom.names import fold
from apps.saying import say

MAX_KEYS: Final = 50
# Every modality of a study stands between two backslashes in its column.
_MODALITY: Final = "*\\{}\\*"

Wanted = dict[Key, list[str]]


@dataclass(frozen=True, slots=True)
class Matching:
    """What rows of each level must fulfil, and the tag paths of the keys that can't be searched by."""

    matches: Mapping[Level, Sequence[Match]]
    ignored: tuple[str, ...]


def match(keys: Mapping[str, Sequence[str]], *, fuzzy: bool, database: Database, combined: bool = True) -> Matching:
    """What rows must fulfil to match all the keys (tag path to its values, any of which may match).

    Universal keys match everything. With `combined`, dates and times that go together match together. Raises Invalid
    for values that can't be of their attribute, or over 50 keys.
    """
    if len(keys) > MAX_KEYS:
        raise Invalid(say("There are more than {max_keys} attributes to match.", max_keys=MAX_KEYS))
    known = {SEARCHABLE[tag]: texts for tag, texts in keys.items() if tag in SEARCHABLE}
    wanted = {key: split for key, texts in known.items() if (split := values.split(key, texts))}
    found: dict[Level, list[Match]] = {level: [] for level in Level}
    for date_tag, time_tag in TIME_OF_DATE.items() if combined else ():
        if moments := _moments(SEARCHABLE[date_tag], SEARCHABLE[time_tag], wanted):
            found[SEARCHABLE[date_tag].level].append(Match(moments))
    if requests := _requests(wanted, database):
        found[Level.SERIES].append(requests)
    for key, texts in wanted.items():
        if matched := _match(key, texts, fuzzy, database):
            found[key.level].append(matched)
    ignored = tuple(sorted(tag for tag, texts in keys.items() if tag not in SEARCHABLE and any(texts)))
    return Matching(found, ignored)


def _match(key: Key, texts: list[str], fuzzy: bool, database: Database) -> Match | None:
    if key.kind is Kind.NAME:
        matched = [(fuzzily if fuzzy else matching)(key, text, database) for text in texts]
        known = [one for one in matched if one is not None]
        return any_match(known) if len(known) == len(matched) else None
    return _BY_KIND[key.kind](key, texts, database)


def _on(key: Key, written: Written, database: Database, *, narrow: bool = False) -> Match:
    """A condition on the key's column; a narrow one by the index on it, if there is one."""
    if narrow and key.is_indexed:
        return database.narrowed(written(key.column))
    return Match(written(f"{ALIAS[key.level]}.{key.column}"))


def _uid(key: Key, texts: list[str], _: Database) -> Match:
    """A list of UIDs (C.2.2.2.2). Their indexes don't begin with the practice, and lead to its rows directly."""
    return Match(one_of(f"{ALIAS[key.level]}.{key.column}", values.uids(key, texts)), narrow=key.is_indexed)


def _number(key: Key, texts: list[str], database: Database) -> Match:
    numbers = values.numbers(key, texts)
    return _on(key, lambda column: one_of(column, numbers), database)


def _date(key: Key, texts: list[str], database: Database) -> Match:
    ranges = [values.dates(key, text) for text in texts]
    narrow = all(one.low == one.high for one in ranges)
    return _on(
        key, lambda column: any_of(between(column, one.low, one.high) for one in ranges), database, narrow=narrow
    )


def _time(key: Key, texts: list[str], database: Database) -> Match:
    ranges = [values.times(key, text) for text in texts]
    return _on(key, lambda column: any_of(between(column, one.low, one.high) for one in ranges), database)


def _text(key: Key, texts: list[str], database: Database) -> Match:
    """Single values and wildcards (C.2.2.2.1, C.2.2.2.4)."""
    return _on(key, lambda column: _texts(column, texts, database), database, narrow=all(map(is_narrow, texts)))


def _texts(column: str, texts: list[str], database: Database) -> Condition:
    plain = [text for text in texts if not has_wildcard(text)]
    conditions = [database.like(column, text) for text in texts if has_wildcard(text)]
    return any_of([one_of(column, plain), *conditions] if plain else conditions)


def _requests(wanted: Wanted, database: Database) -> Match | None:
    """Series with an item of their Request Attributes Sequence that matches all keys in it (C.2.2.2.6).

    Takes those keys out of `wanted`; None where there are none.
    """
    keys = {key: wanted.pop(key) for key in list(wanted) if key.is_in_item}
    if not keys:
        return None
    item = all_of(_texts(key.column, texts, database) for key, texts in keys.items())
    sql = f"s.id IN (SELECT series_id FROM archive_requestattributes WHERE {item.sql})"  # noqa: S608
    return Match(Condition(sql, item.params), narrow=any(all(map(is_narrow, texts)) for texts in keys.values()))


def _folded(key: Key, texts: list[str], database: Database) -> Match:
    return _text(key, [fold(text) for text in texts], database)


def _modalities(key: Key, texts: list[str], database: Database) -> Match:
    return any_match(_modality(key, text, database) for text in texts)


def _modality(key: Key, text: str, database: Database) -> Match:
    """A modality among the study's; a star would reach into the next one, so the series are asked."""
    if "*" not in text and not database.series:
        return _on(key, lambda column: database.like(column, _MODALITY.format(text)), database)
    in_sight = [equal("m.series_instance_uid", database.series)] if database.series else []
    of_series = all_of([*in_sight, database.like("m.modality", text)])
    sql = f"EXISTS (SELECT 1 FROM archive_series m WHERE m.study_id = t.id AND {of_series.sql})"  # noqa: S608
    return Match(Condition(sql, of_series.params))


_BY_KIND: Final[Mapping[Kind, Callable[[Key, list[str], Database], Match]]] = {
    Kind.UID: _uid,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.FOLDED: _folded,
    Kind.MODALITIES: _modalities,
}


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
    day, moment = (f"{ALIAS[key.level]}.{key.column}" for key in (date, time))
    conditions = [between(day, days.low, days.high)]
    if days.low:
        conditions.append(Condition(f"{day} > %s OR {moment} >= %s", (days.low, times.low)))
    if days.high:
        conditions.append(Condition(f"{day} < %s OR {moment} <= %s", (days.high, times.high)))
    return all_of(conditions)
