"""Reading the values of match keys (PS3.4 C.2.2.2, PS3.5 6.2): lists, dates, times, UIDs and numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from apps.archive.query.keys import Key, Kind
from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.saying import say

MAX_LENGTH: Final = 1024
MAX_VALUES: Final = 1000
MAX_STARS: Final = 8

_DATE: Final = re.compile(r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}", re.ASCII)
_SEPARATORS: Final = {Kind.UID: re.compile(r"[,\\]"), Kind.CODE: re.compile(r"[,\\]")}
_SEPARATORS[Kind.MODALITIES] = _SEPARATORS[Kind.CODE]
_BACKSLASH: Final = re.compile(r"\\")
# What a time leaves out, at its latest (a leap second counts).
_LATEST: Final = {2: "5960.999999", 4: "60.999999", 6: ".999999"}


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included and fit for comparison as text; an empty bound is open."""

    low: str
    high: str
    is_interval: bool = False

    @property
    def ends(self) -> tuple[bool, bool]:
        """Whether there is a lower and an upper bound."""
        return bool(self.low), bool(self.high)


def split(key: Key, texts: Iterable[str]) -> list[str]:
    """The values to match, any of them: repeated keys, and lists as the key's kind writes them.

    Nothing, where one of them is universal (PS3.4 C.2.2.2.3): empty, or only of stars. Raises Invalid for more
    than 1,000 values or 1,024 characters in one.
    """
    separator = _SEPARATORS.get(key.kind, _BACKSLASH)
    values = [value.strip() for text in texts for value in separator.split(text)]
    if len(values) > MAX_VALUES:
        raise Invalid(
            say(
                "There are more than {max_values} values for one attribute ({tag}).", max_values=MAX_VALUES, tag=key.tag
            )
        )
    for value in values:
        if len(value) > MAX_LENGTH or "\0" in value or value.count("*") > MAX_STARS:
            raise Invalid(
                say("A value of attribute {tag} is too long, has too many wildcards or isn't text.", tag=key.tag)
            )
    return [] if any(not value.strip("*") for value in values) else values


def uids(key: Key, values: Sequence[str]) -> Sequence[str]:
    """UIDs for a list of UID matching (C.2.2.2.2). Raises Invalid for what isn't one."""
    for value in values:
        if not is_valid_uid(value):
            raise Invalid(
                say("A value of attribute {tag} is not a UID: write digits and dots, 64 at most.", tag=key.tag)
            )
    return values


def numbers(key: Key, values: Sequence[str]) -> list[int]:
    """Whole numbers. Raises Invalid for anything else."""
    if not all(_NUMBER.fullmatch(value) for value in values):
        raise Invalid(say("A value of attribute {tag} is not a whole number.", tag=key.tag))
    return [int(value) for value in values]


def dates(key: Key, value: str) -> Range:
    """A date or a range of them: `20240131`, `20240101-20240131`, `20240101-`, `-20240131` (C.2.2.2.5).

    Raises Invalid for anything else.
    """
    low, high, is_interval = _bounds(key, value, _DATE, say("YYYYMMDD or YYYYMMDD-YYYYMMDD, either end may be open"))
    return Range(low, high, is_interval)


def times(key: Key, value: str) -> Range:
    """A time or a range of them, each as precise as written: `10` is the whole hour, `1015-` is from 10:15 on.

    Raises Invalid for anything else.
    """
    low, high, is_interval = _bounds(key, value, _TIME, say("HHMMSS or HHMMSS-HHMMSS, either end may be open"))
    return Range(earliest(low), latest(high), is_interval)


def earliest(time: str) -> str:
    """The shortest text of a time: it sorts before all other texts of the same moment, and after earlier ones."""
    whole, _, fraction = time.partition(".")
    if fraction.rstrip("0"):
        return f"{whole}.{fraction.rstrip('0')}"
    while len(whole) > 2 and whole.endswith("00"):
        whole = whole[:-2]
    return whole


def latest(time: str) -> str:
    """The last moment that a time of this precision names."""
    if "." in time:
        return time.ljust(13, "9")
    return f"{time}{_LATEST[len(time)]}" if time else ""


def _bounds(key: Key, value: str, pattern: re.Pattern[str], wanted: str) -> tuple[str, str, bool]:
    low, dash, high = (part.strip() for part in value.partition("-"))
    given = [bound for bound in (low, high) if bound]
    if not given or not all(pattern.fullmatch(bound) for bound in given):
        raise Invalid(say("A value of attribute {tag} can't be read: write {wanted}.", tag=key.tag, wanted=wanted))
    return low, high if dash else low, bool(dash)
