"""Text in the Specific Character Sets (0008,0005) that a peer reads, if they can carry it (PS3.5 6.1.2)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

from apps.dicom.charset import Charset, decoder

Encode = Callable[[str], bytes]

UTF_8: Final = "ISO_IR 192"
_MAX_ENCODERS: Final = 32
_MAX_REMEMBERED: Final = 1024
_MAX_REMEMBERED_LENGTH: Final = 128
_DEFAULT: Final = ("", "ISO_IR 6", "ISO 2022 IR 6")
_ESCAPES: Final = {codec: escape for escape, codec in CODES_TO_ENCODINGS.items() if escape != b"\x1b(J"}
# Python writes the escape sequences of these itself, and goes back to ASCII at the end.
_ESCAPED: Final = {"iso2022_jp": b"\x1b$B", "iso2022_jp_2": b"\x1b$(D"}
# Of JIS X 0201 only what takes one byte: the codec knows more.
_SINGLE: Final = "shift_jis"
_ASCII: Final = "ascii"
# Where the first character set holds again (6.1.2.5.3): `charset` reads by the same delimiters.
_TEXT_PIECES: Final = re.compile(r"([\t\n\f\r\\])")
_NAME_PIECES: Final = re.compile(r"([\t\n\f\r\\^=])")


def encoder(names: Charset, *, person_names: bool = False) -> Encode:
    """Return the function that encodes text in the character sets `names`, the values of (0008,0005).

    What it returns reads as the same text; text that these character sets can't carry raises UnicodeEncodeError.
    Without names it is ASCII, as with character sets that are not known.
    """
    codecs = _codecs(names)
    if codecs == (_ASCII,):
        return _in_ascii
    return _remembered(codecs, names, person_names)


def _in_ascii(text: str) -> bytes:
    return text.encode(_ASCII)


@lru_cache(maxsize=_MAX_ENCODERS)
def _codecs(names: Charset) -> Charset:
    known = [_ASCII if name in _DEFAULT else python_encoding.get(name) for name in names]
    return tuple(codec for codec in known if codec) if all(known) and known else (_ASCII,)


@lru_cache(maxsize=_MAX_ENCODERS)
def _remembered(codecs: Charset, names: Charset, person_names: bool) -> Encode:
    """Return the encoder with a memory: names come again in one answer after the other."""
    decode = decoder(names, "strict", person_names=person_names)
    extends = len(names) > 1 or names[0].startswith("ISO 2022")
    pieces = _NAME_PIECES if person_names else _TEXT_PIECES

    def encode(text: str) -> bytes:
        raw = b"".join(_piece(piece, codecs) for piece in pieces.split(text)) if extends else _plain(text, codecs[0])
        try:
            is_same = decode(raw) == text
        except UnicodeDecodeError:
            is_same = False
        if not is_same:
            raise _beyond(text)
        return raw

    recall = lru_cache(maxsize=_MAX_REMEMBERED)(encode)
    return lambda text: recall(text) if len(text) <= _MAX_REMEMBERED_LENGTH else encode(text)


def _beyond(text: str) -> UnicodeEncodeError:
    return UnicodeEncodeError("dicom", text, 0, len(text), "not in the character sets")


def _plain(text: str, codec: str) -> bytes:
    raw = text.encode(codec)
    if codec == _SINGLE and len(raw) != len(text):
        raise _beyond(text)
    return raw


def _piece(text: str, codecs: Charset) -> bytes:
    """Return text without delimiters, with the escape sequences between its runs (6.1.2.5.2)."""
    if text.isascii():
        return text.encode(_ASCII)
    return b"".join(run.encoded(codecs[0], is_first=place == 0) for place, run in enumerate(_runs(text, codecs)))


@dataclass(slots=True)
class _Run:
    """Consecutive characters in one character set."""

    codec: str
    text: str

    def encoded(self, first: str, *, is_first: bool) -> bytes:
        raw = self.text.encode(self.codec)
        if self.codec in (_ASCII, *_ESCAPED) or (is_first and self.codec == first):
            return raw
        return _ESCAPES[self.codec] + raw


def _runs(text: str, codecs: Charset) -> Iterator[_Run]:
    run = _Run(codecs[0], "")
    for letter in text:
        if _holds(run.codec, letter):
            run.text += letter
            continue
        if run.text:
            yield run
        codec = next((codec for codec in codecs if _holds(codec, letter)), None)
        if codec is None:
            raise _beyond(text)
        run = _Run(codec, letter)
    yield run


@lru_cache(maxsize=4 * _MAX_REMEMBERED)
def _holds(codec: str, letter: str) -> bool:
    try:
        raw = letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return raw.startswith(_ESCAPED[codec]) if codec in _ESCAPED else codec != _SINGLE or len(raw) == 1
