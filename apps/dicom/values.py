"""Values of data elements as the DICOM JSON model has them (PS3.18 Annex F): one converter per VR.

A converter takes the bytes of a value field (PS3.5 6.2) and returns a new element,
`{"vr": ..., "Value": [...]}`; it raises ValueError if the bytes can't be of its VR.
"""

from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite, isnan
from struct import Struct
from typing import Any, Final

from apps.dicom.charset import Decode

Element = dict[str, Any]
Convert = Callable[[bytes], Element]
Converters = dict[bytes, Convert]

# The VRs of bytes, with the size of the words that a big-endian object holds in reverse (PS3.5 7.3).
WORD_SIZES: Final = {b"OB": 1, b"UN": 1, b"OW": 2, b"OF": 4, b"OL": 4, b"OD": 8, b"OV": 8}
LONG_VRS: Final = frozenset({*WORD_SIZES, b"SQ", b"SV", b"UC", b"UR", b"UT", b"UV"})

_NUMBERS: Final = {
    b"FD": "d",
    b"FL": "f",
    b"SL": "i",
    b"SS": "h",
    b"SV": "q",
    b"UL": "I",
    b"US": "H",
    b"UV": "Q",
}
_FLOATS: Final = (b"FD", b"FL")
_HUGE: Final = (b"SV", b"UV")
# JSON's readers hold numbers as doubles, which have every integer up to here and every decimal of 15 digits.
_MAX_EXACT_INTEGER: Final = 2**53
_MAX_EXACT_DIGITS: Final = 15
_MAX_DS_LENGTH: Final = 16
_PADDING: Final = " \0"


@lru_cache(maxsize=2)
def fixed_converters(big_endian: bool) -> Converters:
    """Return the converters of every VR that no character set touches, but those of bytes and SQ."""
    converters: Converters = {vr: _default_text(vr) for vr in (b"AE", b"AS", b"CS", b"DA", b"DT", b"TM", b"UI")}
    for vr, code in _NUMBERS.items():
        converters[vr] = _binary_number(vr, code, big_endian)
    converters[b"AT"] = _attribute_tag(big_endian)
    converters[b"DS"] = decimal_string
    converters[b"IS"] = integer_string
    converters[b"UR"] = _single_text(b"UR", lambda raw: raw.decode("latin-1").replace("\0", ""))
    return converters


def text_converters(decode: Decode, decode_name: Decode) -> Converters:
    """Return the converters of the VRs whose text is in the Specific Character Set."""
    converters: Converters = {vr: _multiple_text(vr, decode) for vr in (b"LO", b"SH", b"UC")}
    converters |= {vr: _single_text(vr, decode) for vr in (b"LT", b"ST", b"UT")}
    converters[b"PN"] = _person_name(decode_name)
    return converters


def inline_binary(vr: bytes, raw: bytes, big_endian: bool = False) -> Element:
    """Return bytes as InlineBinary (F.2.7), which is little endian whatever the object's order."""
    element: Element = {"vr": vr.decode("ascii")}
    if raw:
        size = WORD_SIZES.get(vr, 1) if big_endian else 1
        element["InlineBinary"] = b64encode(swapped(raw, size)).decode("ascii")
    return element


def word_size(vr: bytes) -> int:
    """Return the size of the words in which values of a VR are reversed in a big-endian object."""
    return WORD_SIZES.get(vr) or (Struct(_NUMBERS[vr]).size if vr in _NUMBERS else 1)


def swapped(raw: bytes, size: int) -> bytes:
    """Return `raw` with the bytes of every word of `size` in reverse; an incomplete last word stays."""
    if size == 1:
        return raw
    words = bytearray(raw)
    whole = len(raw) - len(raw) % size
    for place in range(size):
        words[place:whole:size] = raw[size - 1 - place : whole : size]
    return bytes(words)


def decimal_string(raw: bytes) -> Element:
    """Convert DS (F.2.3): numbers where JSON can say them, otherwise the text as it stands."""
    text = raw.decode("latin-1")
    if "\\" in text:
        return {"vr": "DS", "Value": [_decimal(part) for part in text.split("\\")]}
    value = _decimal(text)
    return {"vr": "DS"} if value is None else {"vr": "DS", "Value": [value]}


def integer_string(raw: bytes) -> Element:
    """Convert IS (F.2.3): numbers where JSON can say them, otherwise the text as it stands."""
    text = raw.decode("latin-1")
    if "\\" in text:
        return {"vr": "IS", "Value": [_integer(part) for part in text.split("\\")]}
    value = _integer(text)
    return {"vr": "IS"} if value is None else {"vr": "IS", "Value": [value]}


def _default_text(vr: bytes) -> Convert:
    name = vr.decode("ascii")

    def convert(raw: bytes) -> Element:
        text = raw.decode("latin-1").strip(_PADDING)
        if "\0" in text:
            text = text.replace("\0", "")
        if "\\" in text:
            return {"vr": name, "Value": [part.strip(_PADDING) or None for part in text.split("\\")]}
        return {"vr": name, "Value": [text]} if text else {"vr": name}

    return convert


def _multiple_text(vr: bytes, decode: Decode) -> Convert:
    name = vr.decode("ascii")

    def convert(raw: bytes) -> Element:
        text = decode(raw).strip(_PADDING)
        if "\\" in text:
            return {"vr": name, "Value": [part.strip(_PADDING) or None for part in text.split("\\")]}
        return {"vr": name, "Value": [text]} if text else {"vr": name}

    return convert


def _single_text(vr: bytes, decode: Decode) -> Convert:
    """Return the converter of a VR whose backslashes are text and whose leading spaces count."""
    name = vr.decode("ascii")

    def convert(raw: bytes) -> Element:
        text = decode(raw).rstrip(_PADDING)
        return {"vr": name, "Value": [text]} if text else {"vr": name}

    return convert


def _person_name(decode: Decode) -> Convert:
    def convert(raw: bytes) -> Element:
        text = decode(raw).strip(_PADDING)
        if not text:
            return {"vr": "PN"}
        if "\\" in text:
            return {"vr": "PN", "Value": [_name_groups(part) for part in text.split("\\")]}
        if "=" not in text:
            return {"vr": "PN", "Value": [{"Alphabetic": text}]}
        groups = _name_groups(text)
        return {"vr": "PN"} if groups is None else {"vr": "PN", "Value": [groups]}

    return convert


def _name_groups(text: str) -> dict[str, str] | None:
    """Return the component groups that aren't empty (F.2.2), None if all are."""
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return {name: group.strip() for name, group in groups if group.strip()} or None


def _binary_number(vr: bytes, code: str, big_endian: bool) -> Convert:
    name = vr.decode("ascii")
    order = ">" if big_endian else "<"
    one = Struct(order + code)
    size, unpack = one.size, one.unpack
    say = _float if vr in _FLOATS else _integer_of_64_bits if vr in _HUGE else None

    def convert(raw: bytes) -> Element:
        if len(raw) == size:
            values = list(unpack(raw))
        elif len(raw) % size:
            raise ValueError(f"a value of {name} is {size} bytes long")
        else:
            values = [value for (value,) in one.iter_unpack(raw)]
        if say is not None:
            values = [say(value) for value in values]
        return {"vr": name, "Value": values} if values else {"vr": name}

    return convert


def _float(value: float) -> float | str:
    """Return a float as JSON can carry it: what is not a number goes as text, by common practice."""
    if isfinite(value):
        return value
    if isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _integer_of_64_bits(value: int) -> int | str:
    return value if -_MAX_EXACT_INTEGER <= value <= _MAX_EXACT_INTEGER else str(value)


def _attribute_tag(big_endian: bool) -> Convert:
    pair = Struct(">HH" if big_endian else "<HH")

    def convert(raw: bytes) -> Element:
        if len(raw) % pair.size:
            raise ValueError("a value of AT is 4 bytes long")
        values = [f"{group:04X}{element:04X}" for group, element in pair.iter_unpack(raw)]
        return {"vr": "AT", "Value": values} if values else {"vr": "AT"}

    return convert


def _decimal(text: str) -> float | str | None:
    try:
        number = float(text)
    except ValueError:
        return _odd_number(text, float)
    if isfinite(number) and "_" not in text and (len(text) <= _MAX_EXACT_DIGITS or _is_exact(text, number)):
        return number
    return text.strip(_PADDING)


def _is_exact(text: str, number: float) -> bool:
    """Say whether a double holds the decimal; more digits than DS allows are a double's own, and it does."""
    digits = text.strip()
    if len(digits) > _MAX_DS_LENGTH:
        return True
    try:
        return Decimal(repr(number)) == Decimal(digits)
    except InvalidOperation:
        return False


def _integer(text: str) -> int | float | str | None:
    try:
        number = int(text)
    except ValueError:
        return _odd_number(text, _whole)
    if -_MAX_EXACT_INTEGER <= number <= _MAX_EXACT_INTEGER and "_" not in text:
        return number
    return text.strip(_PADDING)


def _whole(text: str) -> int:
    """Return the integer that "12.0" stands for; ValueError for a fraction."""
    number = float(text)
    if not number.is_integer() or abs(number) > _MAX_EXACT_INTEGER:
        raise ValueError("not an integer")
    return int(number)


def _odd_number(text: str, parse: Callable[[str], float]) -> float | str | None:
    """Return what a number string padded with NUL holds, or its text if that's no number, or None if empty."""
    bare = text.replace("\0", "").strip(_PADDING)
    if not bare:
        return None
    try:
        number = parse(bare)
    except (ValueError, OverflowError):
        return bare
    return number if "_" not in bare and isfinite(number) else bare
