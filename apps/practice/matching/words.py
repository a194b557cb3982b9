"""The words of names and addresses as they are compared: one spelling for case, accents, scripts and customs."""

import re
from functools import lru_cache
from typing import Final

from apps.dicom.names import fold

MAX_TEXT: Final = 300
MAX_WORDS: Final = 12
# Joe and Jo are two names.
MIN_UMLAUT: Final = 5

_ONE_TO_ONE: Final = (
    ("абвгдезийклмнопрстуфыэіїґўј", "abvgdeziiklmnoprstufieiiguj"),
    ("αβγδεζηικλμνξοπρσςτυω", "avgdeziiklmnxoprsstio"),
)
_TO_SEVERAL: Final = (
    "ёe жzh хkh цts чch шsh щshch юiu яia єie ь ъ љlj њnj ћc ђd џdz"  # noqa: RUF001
    " θth φf χch ψps"
)
_GREEK_U: Final = "ου"  # noqa: RUF001
# The katakana of a name sound as its hiragana do.
_KANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LETTERS: Final = {
    **{letter: latin for letters, many in _ONE_TO_ONE for letter, latin in zip(letters, many, strict=True)},
    **{entry[0]: entry[1:] for entry in _TO_SEVERAL.split()},
}
_SCRIPTS: Final = {ord(letter): latin for letter, latin in _LETTERS.items()} | _KANA
_ELIDED: Final = re.compile("['`´’ʼ‘]")  # noqa: RUF001
_BETWEEN: Final = re.compile(r"[^\w]+|_+")
# Müller, Mueller and Muller.
_UMLAUT: Final = re.compile(r"([aou])e+")


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a name or address, at most 12 of its first 300 characters.

    Lower case, no accents, Cyrillic and Greek in Latin letters, katakana as hiragana, apostrophes elided (O'Brien is
    obrien), everything else that is no letter or digit a gap. The words of the result joined by blanks give the same.
    """
    latin = fold(_ELIDED.sub("", text[:MAX_TEXT])).replace(_GREEK_U, "ou").translate(_SCRIPTS)
    # Folded again, since a letter of another script may bring an accent of its own.
    spelled = fold(_ELIDED.sub("", latin))
    return tuple(word for word in _BETWEEN.split(spelled) if word)[:MAX_WORDS]


def is_same(a: str, b: str) -> bool:
    """Whether two folded words are one, with umlauts (of longer words) written either way: muller and mueller."""
    return a == b or (min(len(a), len(b)) >= MIN_UMLAUT and _UMLAUT.sub(r"\1", a) == _UMLAUT.sub(r"\1", b))


def is_latin(word: str) -> bool:
    """Whether a folded word is written in Latin letters, so that it can be compared with another such word."""
    return word.isascii()
