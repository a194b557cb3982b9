"""Person names (PS3.5 6.2.1.2) as keys for matching without regard to case, accents and padding."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

# Letters that Unicode doesn't decompose, with the letters that people type in their place.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t"}  # noqa: RUF001
)
# Accents of Latin, Greek and Cyrillic, Hebrew points, Arabic vowel signs. Marks of other scripts (the
# dakuten of kana, the vowel signs of Thai and Devanagari) make another letter, and stay.
_MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]")
_AROUND_CARET: Final = re.compile(r" *\^ *")


def fold(text: str) -> str:
    """Return the key by which `text` matches other spellings: no case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_PLAIN)
    return " ".join(unicodedata.normalize("NFC", plain.casefold()).split())


def name_keys(pn: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the folded (alphabetic, ideographic, phonetic) groups of a DICOM JSON PN value (F.2.2).

    Components stay separated by `^`; trailing carets and the spaces around carets are left out, and a
    missing group is "".
    """
    return (_key(pn, "Alphabetic"), _key(pn, "Ideographic"), _key(pn, "Phonetic"))


def _key(pn: Mapping[str, str], group: str) -> str:
    return _AROUND_CARET.sub("^", fold(pn.get(group) or "")).rstrip("^ ")
