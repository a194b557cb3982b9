"""Values that people type, as elements of the DICOM JSON model: checked by the rules of their VR (PS3.5 6.2)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from apps.dicom.values import Element
from apps.saying import say

_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_LENGTHS: Final = {"LO": 64, "SH": 16, "PN": 64, "CS": 16}
_MAX_COMPONENTS: Final = 5
# What no text of these VRs may hold: control characters, and the backslash between values.
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_CODE: Final = re.compile(r"[A-Z0-9 _]*")
_DATE: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)(\.\d{1,6})?)?", re.ASCII)


class Unfit(ValueError):
    """The value can't be of the VR; the text says why, for the person who typed it."""


def element_of(vr: str, text: str) -> Element:
    """Return an element with one value, an empty one for an empty text. Raises Unfit.

    Names are written as in the standard (`Yamada^Tarou=山田^太郎`), dates as 20240229 or 2024-02-29, times as
    101530 or 10:15:30. VRs: CS, DA, LO, PN, SH, TM.
    """
    text = text.strip(" ")
    if not text:
        return {"vr": vr}
    if _FORBIDDEN.search(text):
        raise Unfit(say("It may hold neither control characters, such as line ends, nor a backslash."))
    if vr == "PN":
        return {"vr": vr, "Value": [_name(text)]}
    return {"vr": vr, "Value": [_PARSERS[vr](vr, text)]}


def name_text(groups: Mapping[str, str]) -> str:
    """Return a name of the DICOM JSON model as the standard writes it."""
    return "=".join(groups.get(group, "") for group in _NAME_GROUPS).rstrip("=")


def _name(text: str) -> dict[str, str]:
    parts = [part.strip(" ") for part in text.split("=")]
    if len(parts) > len(_NAME_GROUPS):
        raise Unfit(say("A name has three groups at most: alphabetic=ideographic=phonetic."))
    for part in parts:
        _fitting("PN", part)
        if part.count("^") >= _MAX_COMPONENTS:
            raise Unfit(say("A name has five parts at most: family^given^middle^prefix^suffix."))
    groups = {group: part.rstrip("^ ") for group, part in zip(_NAME_GROUPS, parts, strict=False)}
    if not any(groups.values()):
        raise Unfit(say("There is no name between the delimiters."))
    return {group: part for group, part in groups.items() if part}


def _fitting(vr: str, text: str) -> str:
    if len(text) > _LENGTHS[vr]:
        raise Unfit(say("It may have {lengths} characters at most.", lengths=_LENGTHS[vr]))
    return text


def _code(vr: str, text: str) -> str:
    if not _CODE.fullmatch(text):
        raise Unfit(say("A code has capital letters, digits, spaces and underscores only."))
    return _fitting(vr, text)


def _date(_: str, text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unfit(say("Write a date as 2024-02-29."))
    try:
        date(*map(int, match.groups()))
    except ValueError as error:
        raise Unfit(say("There is no such day.")) from error
    return "".join(match.groups())


def _time(_: str, text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unfit(say("Write a time as 10:15 or 10:15:30."))
    hours, minutes, seconds, fraction = match.groups(default="")
    return f"{hours}{minutes}{seconds}{fraction}"


_PARSERS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "LO": _fitting,
    "SH": _fitting,
    "CS": _code,
    "DA": _date,
    "TM": _time,
}
