"""The words of names and addresses as they are compared: one spelling for case, accents, scripts and customs."""

import re
from functools import lru_cache
from typing import Final

from apps.dicom.names import fold

MAX_TEXT: Final = 300
MAX_WORDS: Final = 12

_ONE_TO_ONE: Final = (
    ("абвгдезийклмнопрстуфыэіїґўј", "abvgdeziiklmnoprstufieiiguj"),
    ("αβγδεζηικλμνξοπρσςτυω", "avgdeziiklmnxoprsstio"),
)
_TO_SEVERAL: Final = (
    "ёe жzh хkh цts чch шsh щshch юiu яia єie ь ъ љlj њnj ћc ђd џdz"  # noqa: RUF001
    " θth φf χch ψps"
)
# The katakana of a name sound as its hiragana do.
_KANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LETTERS: Final = {
    **{letter: latin for letters, many in _ONE_TO_ONE for letter, latin in zip(letters, many, strict=True)},
    **{entry[0]: entry[1:] for entry in _TO_SEVERAL.split()},
}
_SCRIPTS: Final = {ord(letter): latin for letter, latin in _LETTERS.items()} | _KANA
_ELIDED: Final = re.compile("['`´’ʼ‘]")  # noqa: RUF001
_BETWEEN: Final = re.compile(r"[^\w]+|_+")
# Müller, Mueller and Muller; å and aa stay apart.
_UMLAUT: Final = re.compile(r"([aou])e+")


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a name or address, at most 12 of its first 300 characters.

    Lower case, no accents, Cyrillic and Greek in Latin letters, katakana as hiragana, ae/oe/ue as a/o/u, apostrophes
    elided (O'Brien is obrien), everything else that is no letter or digit a gap. The words of the result joined by
    blanks give the same result.
    """
    latin = fold(_ELIDED.sub("", text[:MAX_TEXT])).translate(_SCRIPTS)
    # Folded again, since a letter of another script may bring an accent of its own.
    spelled = fold(_ELIDED.sub("", latin))
    return tuple(_UMLAUT.sub(r"\1", word) for word in _BETWEEN.split(spelled) if word)[:MAX_WORDS]


def is_latin(word: str) -> bool:
    """Whether a folded word is written in Latin letters, so that it can be compared with another such word."""
    return word.isascii()
