"""Text of the Specific Character Sets (0008,0005) as str: PS3.3 C.12.1.1.2, PS3.5 6.1.2."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

Decode = Callable[[bytes], str]
Charset = tuple[str, ...]

Errors = Literal["strict", "replace"]

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


def decoder(names: Charset, errors: Errors, *, person_names: bool = False) -> Decode:
    """Return the function that decodes text of the character sets `names`, the values of (0008,0005).

    With `person_names` it decodes values of PN, otherwise of LO, LT, SH, ST, UC and UT. Bytes that don't fit
    raise UnicodeDecodeError if `errors` is "strict"; with "replace" nothing fails: they become U+FFFD, and where
    the character set is unknown or undeclared the text is taken for UTF-8 or else Latin-1. NUL, which no text
    may hold, is left out.
    """
    encodings = _encodings(names)
    if not encodings:
        return _plain("ascii", errors) if errors == "strict" else _guess
    if len(names) == 1 and not names[0].startswith("ISO 2022"):
        return _plain(encodings[0], errors)
    return _extended(encodings, errors, _NAME_RESET if person_names else _TEXT_RESET)


def complaint(names: Charset) -> str:
    """Return what is wrong with text that doesn't fit the character sets `names`."""
    encodings = _encodings(names)
    if encodings is None:
        return UNKNOWN
    return REPLACED if encodings else UNDECLARED


@lru_cache(maxsize=64)
def _encodings(names: Charset) -> Charset | None:
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


def _guess(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\0", "")


@lru_cache(maxsize=64)
def _plain(encoding: str, errors: Errors) -> Decode:
    def decode(raw: bytes) -> str:
        text = raw.decode(encoding, errors)
        return text.replace("\0", "") if "\0" in text else text

    return decode


def _extended(encodings: Charset, errors: Errors, reset: re.Pattern[bytes]) -> Decode:
    """Return the decoder for code extensions: escape sequences switch between the sets (PS3.5 6.1.2.5)."""
    first = _plain(encodings[0], errors)

    def decode(raw: bytes) -> str:
        if _ESCAPE not in raw:
            return first(raw)
        return "".join(_segment(segment, first, errors, reset) for segment in _SEGMENTS.findall(raw))

    return decode


def _segment(raw: bytes, first: Decode, errors: Errors, reset: re.Pattern[bytes]) -> str:
    if not raw.startswith(_ESCAPE):
        return first(raw)
    escape = raw[: 4 if raw[1:3] in (b"$(", b"$)") else 3]
    encoding = CODES_TO_ENCODINGS.get(escape)
    if encoding is None:
        if errors == "strict":
            raise UnicodeDecodeError("iso2022", raw, 0, len(escape), "unknown escape sequence")
        return first(raw)
    if encoding in _ESCAPED:
        return _plain(encoding, errors)(raw)
    text = raw[len(escape) :]
    delimiter = reset.search(text)
    end = delimiter.start() if delimiter else len(text)
    return _plain(encoding, errors)(text[:end]) + first(text[end:])
