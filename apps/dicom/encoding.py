"""Value fields (PS3.5 6.2, little endian) from values of the DICOM JSON model (PS3.18 Annex F): what `values` reads."""

import struct
from base64 import b64decode
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, Final

from apps.dicom.elements import padding
from apps.dicom.errors import Unreadable
from apps.dicom.values import NUMBERS, WORD_SIZES, Element
from apps.saying import say

Encode = Callable[[Sequence[Any]], bytes]

# Specific Character Set is for the first ones alone (PS3.5 6.1.2.2).
TEXTS: Final = ("LO", "LT", "SH", "ST", "UC", "UT")
_DEFAULT_TEXTS: Final = ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR")
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_TAG: Final = Struct("<HH")


def encode(element: Element, tag: str) -> bytes:
    """Return the value field of an element with Value or InlineBinary, of an even length; b"" for neither.

    Raises Unreadable if a value can't be of the element's VR, naming the tag and not the value.
    """
    vr = element.get("vr")
    try:
        if "InlineBinary" in element:
            raw = b64decode(element["InlineBinary"], validate=True)
        else:
            raw = _ENCODERS[vr](_listed(element.get("Value") or []))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, struct.error) as error:
        raise Unreadable(
            say("The value of {tag} is none of its VR, or its VR is none of PS3.5 6.2.", tag=tag)
        ) from error
    return raw + padding(str(vr).encode(), len(raw))


def text(vr: str, values: Any) -> str:
    """Return the values of a VR of text with their delimiters, before they are in any character set.

    Raises TypeError, AttributeError for what is no text.
    """
    listed = _listed(values)
    return "\\".join(map(_name, listed)) if vr == "PN" else _joined(listed)


def is_vr(vr: Any) -> bool:
    """Say whether `vr` is the name of a VR whose values have a value field."""
    return isinstance(vr, str) and (vr in _ENCODERS or vr == "SQ")


def _listed(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError("values come in an array")
    return values


def _texts(values: Sequence[Any]) -> bytes:
    return _joined(values).encode()


def _default_texts(values: Sequence[Any]) -> bytes:
    """Return text of the default repertoire; what goes beyond it is as the reader takes it."""
    return _joined(values).encode("latin-1")


def _joined(values: Sequence[Any]) -> str:
    return "\\".join("" if value is None else _text(value) for value in values)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return _decimal(value)
    raise TypeError("neither text nor a number")


def _decimal(value: float) -> str:
    """Return the shortest decimal that reads as the same double: 16 characters hold most (PS3.5 6.2, DS)."""
    return repr(value).replace("e-0", "e-").replace("e+0", "e+").removesuffix(".0")


def _names(values: Sequence[Any]) -> bytes:
    return "\\".join(map(_name, values)).encode()


def _name(value: Any) -> str:
    """Return a person name's groups with their delimiters (PS3.5 6.2.1.1); some writers give plain text."""
    if value is None or isinstance(value, str):
        return value or ""
    groups = (value.get(group) or "" for group in _NAME_GROUPS)
    return "=".join(groups).rstrip("=")


def _tags(values: Sequence[Any]) -> bytes:
    numbers = [int(value, 16) for value in values]
    return b"".join(_TAG.pack(number >> 16, number & 0xFFFF) for number in numbers)


def _floats(layout: Struct) -> Encode:
    return lambda values: b"".join(layout.pack(float("nan" if value is None else value)) for value in values)


def _integers(layout: Struct) -> Encode:
    return lambda values: b"".join(layout.pack(_whole(value)) for value in values)


def _whole(value: Any) -> int:
    number = int(value)
    if isinstance(value, float) and number != value:
        raise ValueError("not a whole number")
    return number


def _encoders() -> dict[Any, Encode]:
    found: dict[Any, Encode] = dict.fromkeys(TEXTS, _texts) | dict.fromkeys(_DEFAULT_TEXTS, _default_texts)
    found |= {"PN": _names, "AT": _tags}
    for vr, code in NUMBERS.items():
        layout = Struct(f"<{code}")
        found[vr.decode()] = _floats(layout) if code in "df" else _integers(layout)
    # Of bytes there is no Value: an element without InlineBinary is empty.
    return found | dict.fromkeys((vr.decode() for vr in WORD_SIZES), _nothing)


def _nothing(values: Sequence[Any]) -> bytes:
    if values:
        raise ValueError("bytes are given as InlineBinary or BulkDataURI")
    return b""


_ENCODERS: Final = _encoders()
