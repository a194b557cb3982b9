"""Text of the Specific Character Sets (0008,0005) as str: PS3.3 C.12.1.1.2, PS3.5 6.1.2."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

Decode = Callable[[bytes], str]
Warn = Callable[[str], None]

UNDECLARED: Final = "text outside the default repertoire without a Specific Character Set"
UNKNOWN: Final = "unknown Specific Character Set"
REPLACED: Final = "text that does not fit the Specific Character Set"

_ESCAPE: Final = b"\x1b"
_SEGMENTS: Final = re.compile(rb"^[^\x1b]+|\x1b[^\x1b]*")
# Control characters and the delimiter of values return to the first character set; in a name the
# delimiters of components and groups do too (PS3.5 6.1.2.5.3).
_TEXT_RESET: Final = re.compile(rb"[\t\n\f\r\\]")
_NAME_RESET: Final = re.compile(rb"[\t\n\f\r\\^=]")
_ISO_NAME: Final = re.compile(r"ISO[ _-]?(2022)?[ _-]?(?:IR)?[ _-]?(\d+)", re.IGNORECASE)
# Python's codecs for these read the escape sequence themselves.
_ESCAPED: Final = ("iso2022_jp", "iso2022_jp_2")
_DEFAULT: Final = ("", "ISO_IR 6", "ISO 2022 IR 6")


def decoder(names: Sequence[str], warn: Warn, *, person_names: bool = False) -> Decode:
    """Return the function that decodes text of the character sets `names`, the values of (0008,0005).

    With `person_names` it decodes values of PN, otherwise of LO, LT, SH, ST, UC and UT. It never fails:
    bytes that don't fit are replaced by U+FFFD and `warn` is told; unknown character sets are read as
    UTF-8 or else Latin-1. NUL, which no text may hold, is left out.
    """
    encodings = _encodings(tuple(names[:16]))
    if encodings is None:
        return _guessing(warn, UNKNOWN)
    if not encodings:
        return _guessing(warn, UNDECLARED)
    if len(names) == 1 and not names[0].startswith("ISO 2022"):
        return _plain(encodings[0], warn)
    return _extended(encodings, warn, _NAME_RESET if person_names else _TEXT_RESET)


@lru_cache(maxsize=256)
def _encodings(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return Python's names for the character sets, () for the default repertoire, None if unknown."""
    if all(name in _DEFAULT for name in names):
        return ()
    found = [python_encoding.get(name) or python_encoding.get(_spelled(name)) for name in names]
    known = tuple(name for name in found if name is not None)
    return known or None


def _spelled(name: str) -> str:
    """Return the defined term behind the spellings that writers use: ISO-IR 100, ISO_IR_100, utf8."""
    match = _ISO_NAME.fullmatch(name.strip())
    if match is None:
        return "ISO_IR 192" if name.strip().lower() in ("utf8", "utf-8", "utf_8") else name.strip().upper()
    return f"ISO 2022 IR {match[2]}" if match[1] else f"ISO_IR {match[2]}"


def _guessing(warn: Warn, complaint: str) -> Decode:
    def decode(raw: bytes) -> str:
        try:
            text = raw.decode("ascii")
        except UnicodeDecodeError:
            warn(complaint)
            text = _utf8_or_latin1(raw)
        return text.replace("\0", "") if "\0" in text else text

    return decode


def _utf8_or_latin1(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _plain(encoding: str, warn: Warn) -> Decode:
    def decode(raw: bytes) -> str:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            warn(REPLACED)
            text = raw.decode(encoding, "replace")
        return text.replace("\0", "") if "\0" in text else text

    return decode


def _extended(encodings: tuple[str, ...], warn: Warn, reset: re.Pattern[bytes]) -> Decode:
    """Return the decoder for code extensions: escape sequences switch between the sets (PS3.5 6.1.2.5)."""
    first = _plain(encodings[0], warn)

    def decode(raw: bytes) -> str:
        if _ESCAPE not in raw:
            return first(raw)
        return "".join(_segment(segment, first, warn, reset) for segment in _SEGMENTS.findall(raw))

    return decode


def _segment(raw: bytes, first: Decode, warn: Warn, reset: re.Pattern[bytes]) -> str:
    if not raw.startswith(_ESCAPE):
        return first(raw)
    escape = raw[: 4 if raw[1:3] in (b"$(", b"$)") else 3]
    encoding = CODES_TO_ENCODINGS.get(escape)
    if encoding is None:
        warn(REPLACED)
        return first(raw)
    if encoding in _ESCAPED:
        return _plain(encoding, warn)(raw)
    text = raw[len(escape) :]
    delimiter = reset.search(text)
    end = delimiter.start() if delimiter else len(text)
    return _plain(encoding, warn)(text[:end]) + first(text[end:])
