"""What one value of a match key asks of an attribute's values, by its VR (PS3.4 C.2.2.2)."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from apps.archive.query import values
from apps.archive.query.conditions import has_wildcard
from apps.archive.query.keys import Key, Kind, Level
from apps.archive.query.names import wanted_groups
from apps.core.errors import Invalid
from apps.dicom import likeness
from apps.dicom.names import fold, name_keys
from apps.saying import say
from apps.worklist import moments

# Says whether one value of an attribute matches; None stands for a key that every value matches.
Predicate = Callable[[Any], bool]

_WILDCARD_VRS: Final = frozenset({"AE", "AS", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_NUMBERS: Final = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
# Bytes can't be matched (PS3.4 C.2.2.2.1 names no rule for them).
UNMATCHED: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
# Texts that people write as they like: descriptions and codes' meanings match without regard to case and accents.
_FOLDED: Final = frozenset({"00081030", "0008103E", "00321060", "00400007", "00080104", "00741204"})
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_NAMES: Final = 10_000


def any_of(tag: str, vr: str, given: Sequence[Any], *, fuzzy: bool) -> Predicate | None:
    """Any of the key's values matches; None where one of them is universal (C.2.2.2.3), or the VR has no matching.

    Raises Invalid for values that can't be of the VR, are over 1,000, or have over 1,024 characters.
    """
    if vr in UNMATCHED or not given:
        return None
    if len(given) > values.MAX_VALUES:
        raise Invalid(
            say(
                "There are more than {max_values} values for one attribute ({tag}).",
                max_values=values.MAX_VALUES,
                tag=tag,
            )
        )
    texts = [_checked(tag, text_of(value)) for value in given]
    if any(_is_universal(vr, text) for text in texts):
        return None
    if len(texts) > 1 and vr == "UI":
        return frozenset(_uid(tag, text) for text in texts).__contains__
    predicates = [one for text in texts if (one := _of(tag, vr, text, fuzzy=fuzzy)) is not None]
    if len(predicates) < len(texts):
        return None
    return predicates[0] if len(predicates) == 1 else lambda value: any(one(value) for one in predicates)


def text_of(value: Any) -> str:
    """A value of DICOM JSON as text; the groups of a name with equals signs between them."""
    if isinstance(value, dict):
        return "=".join(str(value.get(group) or "") for group in _GROUPS).rstrip("=")
    return "" if value is None else str(value).strip()


def key_of(tag: str, kind: Kind) -> Key:
    """A key as the archive's readings of values want one, which name it in their errors."""
    return Key(tag, Level.STUDY, kind, "")


def _checked(tag: str, text: str) -> str:
    if len(text) > values.MAX_LENGTH or "\0" in text or text.count("*") > values.MAX_STARS:
        raise Invalid(say("A value of attribute {tag} is too long, has too many wildcards or isn't text.", tag=tag))
    return text


def _is_universal(vr: str, text: str) -> bool:
    return not text or (vr in _WILDCARD_VRS and not text.strip("*"))


def _of(tag: str, vr: str, text: str, *, fuzzy: bool) -> Predicate | None:
    if vr == "PN":
        return _fuzzy(text) if fuzzy else _name(text)
    if vr in _NUMBERS:
        return _number(tag, text)
    if vr in _BY_VR:
        return _BY_VR[vr](tag, text)
    return _text(fold(text), folded=True) if tag in _FOLDED else _text(text)


def _text(wanted: str, *, folded: bool = False) -> Predicate:
    """Single values and wildcards (C.2.2.2.1, C.2.2.2.4), case by case."""
    if not has_wildcard(wanted):
        return (lambda value: fold(text_of(value)) == wanted) if folded else (lambda value: text_of(value) == wanted)
    pattern = wildcards(wanted)
    if folded:
        return lambda value: pattern.fullmatch(fold(text_of(value))) is not None
    return lambda value: pattern.fullmatch(text_of(value)) is not None


@lru_cache(maxsize=256)
def wildcards(wanted: str) -> re.Pattern[str]:
    """A text in which * stands for any characters and ? for one."""
    runs = re.split(r"\*+", wanted)
    return re.compile(".*".join(re.escape(run).replace(r"\?", ".") for run in runs), re.DOTALL)


def _uid(tag: str, text: str) -> str:
    values.uids(key_of(tag, Kind.UID), [text])
    return text


def _uids(tag: str, text: str) -> Predicate:
    """A UID (C.2.2.2.2)."""
    wanted = _uid(tag, text)
    return lambda value: bool(value == wanted)


def _number(tag: str, text: str) -> Predicate:
    try:
        wanted = float(text)
    except ValueError as error:
        raise Invalid(say("A value of attribute {tag} is not a number.", tag=tag)) from error
    return lambda value: _as_number(value) == wanted


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _date(tag: str, text: str) -> Predicate:
    wanted = values.dates(key_of(tag, Kind.DATE), text)
    low, high = wanted.low, wanted.high or "~"
    return lambda value: bool(value) and low <= text_of(value) <= high


def _time(tag: str, text: str) -> Predicate:
    wanted = values.times(key_of(tag, Kind.TIME), text)
    low, high = wanted.low, wanted.high or "~"
    return lambda value: bool(value) and low <= text_of(value) <= high


def _date_time(tag: str, text: str) -> Predicate:
    wanted = moments.span(text)
    if wanted is None:
        raise Invalid(
            say(
                "A value of attribute {tag} can't be read: write YYYYMMDDHHMMSS, or two with a hyphen between.", tag=tag
            )
        )
    low, high = wanted

    def is_within(value: Any) -> bool:
        found = moments.moment(text_of(value))
        return found is not None and low <= found <= high

    return is_within


def _name(text: str) -> Predicate | None:
    """Each component group of the value must match some group of the name, as the archive's search has it."""
    wanted = [_group(group) for group in wanted_groups(text)]
    if not wanted:
        return None
    return lambda value: all(any(map(one, keys_of(text_of(value)))) for one in wanted)


def _group(wanted: str) -> Callable[[str], bool]:
    """A group without wildcards leaves open the components that it doesn't name."""
    if has_wildcard(wanted):
        pattern = wildcards(wanted)
        return lambda group: pattern.fullmatch(group) is not None
    return lambda group: group == wanted or group.startswith(f"{wanted}^")


@lru_cache(maxsize=_NAMES)
def keys_of(name: str) -> tuple[str, ...]:
    """The folded groups of a name that it has; the same patients come in query after query."""
    groups = dict(zip(_GROUPS, name.split("="), strict=False))
    return tuple(key for key in name_keys(groups) if key)


def _fuzzy(text: str) -> Predicate | None:
    """A name with a word like every one of the value (PS3.18 8.3.4.2)."""
    wanted = [(likeness.beginning(word), likeness.alike(word)) for word in likeness.words(fold(text))]
    if not wanted:
        return None

    def is_like(value: Any) -> bool:
        known = likeness.keys(fold(text_of(value)))
        return all(any(key.startswith(start) or key in alike for key in known) for start, alike in wanted)

    return is_like


_BY_VR: Final[dict[str, Callable[[str, str], Predicate]]] = {
    "UI": _uids,
    "DA": _date,
    "TM": _time,
    "DT": _date_time,
}
