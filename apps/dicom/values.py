"""Values of data elements as the DICOM JSON model has them (PS3.18 Annex F): one converter per VR.

A converter takes the bytes of a value field (PS3.5 6.2) and returns a new element,
`{"vr": ..., "Value": [...]}`; it raises ValueError if the bytes can't be of its VR. Most values of a header
are the same in the next object, so what short ones mean is remembered.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from math import isfinite, isnan
from struct import Struct
from typing import Any, Final

from apps.dicom.charset import Charset, Decode, Errors, decoder

Element = dict[str, Any]
Values = tuple[Any, ...]
Parse = Callable[[bytes], Values]
Convert = Callable[[bytes], Element]
Converters = dict[bytes, Convert]

# The VRs of bytes, with the size of the words that a big-endian object holds in reverse (PS3.5 7.3).
WORD_SIZES: Final = {b"OB": 1, b"UN": 1, b"OW": 2, b"OF": 4, b"OL": 4, b"OD": 8, b"OV": 8}
LONG_VRS: Final = frozenset({*WORD_SIZES, b"SQ", b"SV", b"UC", b"UR", b"UT", b"UV"})

NUMBERS: Final = {
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
# From how many values on a list is worth a look of its own.
_MANY: Final = 32
_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_TAG_SIZE: Final = 4
_PADDING: Final = " \0"
_MAX_REMEMBERED: Final = 4096
_MAX_REMEMBERED_LENGTH: Final = 64


def converters(big_endian: bool, charset: Charset, errors: Errors) -> Converters:
    """Return the converters for a byte order and a Specific Character Set, of all VRs but those of bytes and SQ.

    With `errors` "strict", text that doesn't fit the character set is a ValueError; with "replace" it is not.
    """
    return _fixed_converters(big_endian) | _text_converters(charset, errors)


@lru_cache(maxsize=2)
def _fixed_converters(big_endian: bool) -> Converters:
    parse = _remembered(_default_text)
    found = {vr: _converter(vr, parse) for vr in (b"AE", b"AS", b"CS", b"DA", b"DT", b"TM", b"UI")}
    found |= {vr: _binary_number(vr, code, big_endian) for vr, code in NUMBERS.items()}
    found[b"AT"] = _converter(b"AT", _attribute_tags(big_endian))
    found[b"DS"] = _converter(b"DS", _remembered(_decimals))
    found[b"IS"] = _converter(b"IS", _remembered(_integers))
    found[b"UR"] = _converter(b"UR", _single_text(_latin1))
    return found


def _text_converters(charset: Charset, errors: Errors) -> Converters:
    """Return the converters of the VRs whose text is in the Specific Character Set."""
    decode = decoder(charset, errors)
    several, single = _remembered(_multiple_text(decode)), _remembered(_single_text(decode))
    found = {vr: _converter(vr, several) for vr in (b"LO", b"SH", b"UC")}
    found |= {vr: _converter(vr, single) for vr in (b"LT", b"ST", b"UT")}
    found[b"PN"] = _converter(b"PN", _person_names(decoder(charset, errors, person_names=True)))
    return found


def _converter(vr: bytes, parse: Parse) -> Convert:
    """Return a converter that makes elements of the values that `parse` finds; none make an empty element."""
    name = vr.decode("ascii")

    def convert(raw: bytes) -> Element:
        values = parse(raw)
        return {"vr": name, "Value": [*values]} if values else {"vr": name}

    return convert


def _remembered(parse: Parse) -> Parse:
    """Return `parse` with a memory for short values; long ones would make it large and seldom recur."""
    recall = lru_cache(maxsize=_MAX_REMEMBERED)(parse)

    def parse_or_recall(raw: bytes) -> Values:
        return recall(raw) if len(raw) <= _MAX_REMEMBERED_LENGTH else parse(raw)

    return parse_or_recall


def inline_binary(vr: bytes, raw: bytes, big_endian: bool = False) -> Element:
    """Return bytes as InlineBinary (F.2.7), which is little endian whatever the object's order."""
    element: Element = {"vr": vr.decode("ascii")}
    if raw:
        size = WORD_SIZES.get(vr, 1) if big_endian else 1
        element["InlineBinary"] = b64encode(swapped(raw, size)).decode("ascii")
    return element


def word_size(vr: bytes) -> int:
    """Return the size of the words in which values of a VR are reversed in a big-endian object."""
    return WORD_SIZES.get(vr) or (Struct(NUMBERS[vr]).size if vr in NUMBERS else 1)


def swapped(raw: bytes, size: int) -> bytes:
    """Return `raw` with the bytes of every word of `size` in reverse; an incomplete last word stays."""
    if size == 1:
        return raw
    words = bytearray(raw)
    whole = len(raw) - len(raw) % size
    for place in range(size):
        words[place:whole:size] = raw[size - 1 - place : whole : size]
    return bytes(words)


def _latin1(raw: bytes) -> str:
    return raw.decode("latin-1").replace("\0", "")


def _default_text(raw: bytes) -> Values:
    """Return text of the default repertoire, whose spaces around a value don't count."""
    text = _latin1(raw).strip(" ")
    if "\\" in text:
        return tuple([part.strip(" ") or None for part in text.split("\\")])
    return (text,) if text else ()


def _decimals(raw: bytes) -> Values:
    """Return values of DS (F.2.3): numbers where JSON can say them, otherwise the text as it stands."""
    return _numbers(raw, _decimal)


def _integers(raw: bytes) -> Values:
    """Return values of IS (F.2.3): numbers where JSON can say them, otherwise the text as it stands."""
    return _numbers(raw, _integer)


def _numbers(raw: bytes, parse: Callable[[str], float | str | None]) -> Values:
    text = raw.decode("latin-1")
    if "\\" in text:
        parts = text.split("\\")
        return (len(parts) >= _MANY and parse is _decimal and _plain_decimals(parts)) or tuple(map(parse, parts))
    value = parse(text)
    return () if value is None else (value,)


def _plain_decimals(parts: list[str]) -> Values:
    """Return the values of a long list, such as a contour's, if all are short decimals that a double holds; else ()."""
    try:
        values = tuple(map(float, parts))
    except ValueError:
        return ()
    is_plain = max(map(len, parts)) <= _MAX_EXACT_DIGITS and isfinite(sum(values)) and "_" not in "".join(parts)
    return values if is_plain else ()


def _multiple_text(decode: Decode) -> Parse:
    def parse(raw: bytes) -> Values:
        text = decode(raw).strip(" ")
        if "\\" in text:
            return tuple([part.strip(" ") or None for part in text.split("\\")])
        return (text,) if text else ()

    return parse


def _single_text(decode: Decode) -> Parse:
    """Return the parser of a VR whose backslashes are text and whose leading spaces count."""

    def parse(raw: bytes) -> Values:
        text = decode(raw).rstrip(" ")
        return (text,) if text else ()

    return parse


def _person_names(decode: Decode) -> Parse:
    def parse(raw: bytes) -> Values:
        text = decode(raw).strip(" ")
        names = [_name_groups(part) for part in text.split("\\")] if text else []
        return () if names == [None] else tuple(names)

    return parse


def _name_groups(text: str) -> dict[str, str] | None:
    """Return the component groups that aren't empty (F.2.2), None if all are."""
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return {name: group.strip() for name, group in groups if group.strip()} or None


def _binary_number(vr: bytes, code: str, big_endian: bool) -> Convert:
    name = vr.decode("ascii")
    one = Struct((">" if big_endian else "<") + code)
    size, unpack = one.size, one.unpack
    say = _float if vr in _FLOATS else _integer_of_64_bits if vr in _HUGE else None

    def convert(raw: bytes) -> Element:
        if len(raw) == size:
            values = [*unpack(raw)]
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


def _attribute_tags(big_endian: bool) -> Parse:
    def parse(raw: bytes) -> Values:
        if len(raw) % _TAG_SIZE:
            raise ValueError("a value of AT is 4 bytes long")
        digits = (raw if big_endian else swapped(raw, 2)).hex().upper()
        return tuple([digits[at : at + 2 * _TAG_SIZE] for at in range(0, len(digits), 2 * _TAG_SIZE)])

    return parse


def _decimal(text: str) -> float | str | None:
    if not _NUMBER.fullmatch(text):
        return _odd_number(text, float)
    number = float(text)
    if isfinite(number) and (len(text) <= _MAX_EXACT_DIGITS or _is_exact(text, number)):
        return number
    return text.strip(_PADDING)


def _is_exact(text: str, number: float) -> bool:
    """Say whether a double holds the decimal; more digits than DS allows are a double's own, and it does.

    Every decimal of 15 digits is held. Of the 16 characters of DS more than that can be digits only if nothing
    else is there: a whole number.
    """
    digits = text.strip()
    return len(digits) > _MAX_DS_LENGTH or not digits.isdecimal() or int(digits) == number


def _integer(text: str) -> int | float | str | None:
    if not _NUMBER.fullmatch(text):
        return _odd_number(text, _whole)
    try:
        number = int(text)
    except ValueError:
        return _odd_number(text, _whole)
    return number if -_MAX_EXACT_INTEGER <= number <= _MAX_EXACT_INTEGER else text.strip(_PADDING)


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
    if not _NUMBER.fullmatch(bare):
        return bare
    try:
        number = parse(bare)
    except (ValueError, OverflowError):
        return bare
    return number if isfinite(number) else bare
