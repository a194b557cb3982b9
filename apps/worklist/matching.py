"""Attribute matching of data sets in the DICOM JSON model (PS3.4 C.2.2.2): worklists' and workitems' alike.

An identifier is read once, and then costs each item the keys that ask for something. An attribute that an item
doesn't have matches like an empty one: universal keys alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from apps.archive.query import values
from apps.archive.query.keys import Kind
from apps.core.errors import Invalid
from apps.dicom.values import Element
from apps.saying import say
from apps.worklist.predicates import Predicate, any_of, key_of, text_of

Attributes = Mapping[str, Element]
Matcher = Callable[[Attributes], bool]

# Specific Character Set and Timezone Offset From UTC say how an identifier is to be read.
NO_KEYS: Final = frozenset({"00080005", "00080201"})
MAX_KEYS: Final = 200
MAX_DEPTH: Final = 8
START_DATE: Final = "00400002"
# Two ranges of these are always one range of moments (PS3.4 table K.6-1, remark on the start time).
STEP_START: Final = {START_DATE: "00400003"}
# And of these where both sides have agreed on it (C.3.5, combined date-time matching).
COMBINED: Final = STEP_START | {
    "00080020": "00080030",
    "00080021": "00080031",
    "00080022": "00080032",
    "00080023": "00080033",
    "00100030": "00100032",
    "00400004": "00400005",
    "00400244": "00400245",
    "00400250": "00400251",
}


def matches(item: Attributes, identifier: Attributes, *, fuzzy: bool = False, combined: bool = False) -> bool:
    """Whether a data set matches all the keys of an identifier. Raises Invalid as `matcher` does."""
    return matcher(identifier, fuzzy=fuzzy, combined=combined)(item)


def matcher(identifier: Attributes, *, fuzzy: bool = False, combined: bool = False) -> Matcher:
    """What says of each data set whether it matches all the keys.

    Of several values of a key any may match, and any of an attribute's. With `fuzzy`, names match by likeness; with
    `combined`, all dates and times that go together do so in ranges (C.2.2.2.5). Raises Invalid for values that can't
    be of their attribute, sequences of several items or too deep ones, and more than 200 keys.
    """
    tests = _tests(identifier, COMBINED if combined else STEP_START, fuzzy, 1)
    if len(tests) == 1:
        return tests[0]
    return lambda item: all(test(item) for test in tests)


def _tests(identifier: Attributes, pairs: Mapping[str, str], fuzzy: bool, depth: int) -> list[Matcher]:
    if len(identifier) > MAX_KEYS or depth > MAX_DEPTH:
        raise Invalid(
            say(
                "There are more than {max_keys} attributes to match, or they stand too deep in sequences.",
                max_keys=MAX_KEYS,
            )
        )
    tests, done = [], set(NO_KEYS)
    for date, time in pairs.items():
        if within := _moments(identifier, date, time):
            tests.append(within)
            done |= {date, time}
    for tag, element in identifier.items():
        if tag not in done and (test := _test(tag, element, pairs, fuzzy, depth)):
            tests.append(test)
    return tests


def _test(tag: str, element: Element, pairs: Mapping[str, str], fuzzy: bool, depth: int) -> Matcher | None:
    given = element.get("Value") or ()
    if element["vr"] == "SQ":
        return _sequence(tag, list(given), pairs, fuzzy, depth)
    predicate = any_of(tag, element["vr"], given, fuzzy=fuzzy)
    return _attribute(tag, predicate) if predicate else None


def _attribute(tag: str, predicate: Predicate) -> Matcher:
    def is_matched(item: Attributes) -> bool:
        held = item.get(tag, _ABSENT).get("Value") or ()
        return any(value is not None and predicate(value) for value in held)

    return is_matched


_ABSENT: Final[Element] = {}


def _sequence(tag: str, given: Sequence[Any], pairs: Mapping[str, str], fuzzy: bool, depth: int) -> Matcher | None:
    """Sequence matching (C.2.2.2.6): some item of the sequence matches all keys of the one in the identifier."""
    if len(given) > 1:
        raise Invalid(say("Sequence {tag} has more than one item.", tag=tag))
    tests = _tests(given[0] or {}, pairs, fuzzy, depth + 1) if given else []
    if not tests:
        return None

    def has_match(item: Attributes) -> bool:
        held = item.get(tag, _ABSENT).get("Value") or ()
        return any(all(test(each or {}) for test in tests) for each in held)

    return has_match


def _moments(identifier: Attributes, date: str, time: str) -> Matcher | None:
    """A range of dates and one of times as one range of moments; None where they are not, open at the same ends."""
    day, hour = _only(identifier.get(date)), _only(identifier.get(time))
    if "-" not in day or "-" not in hour:
        return None
    days, times = values.dates(key_of(date, Kind.DATE), day), values.times(key_of(time, Kind.TIME), hour)
    if days.ends != times.ends:
        return None
    low, high = (days.low, times.low), (days.high or "~", times.high or "~")

    def is_within(item: Attributes) -> bool:
        moment = _only(item.get(date)), _only(item.get(time))
        return all(moment) and low <= moment <= high

    return is_within


def _only(element: Element | None) -> str:
    """The attribute's one value as text; nothing for none and for several."""
    held = [text_of(value) for value in (element or _ABSENT).get("Value") or ()]
    return held[0] if len(held) == 1 else ""
