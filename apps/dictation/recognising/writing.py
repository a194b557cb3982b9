"""From words as they are heard to words as they are written: corrections, numbers with their units, spoken signs."""

import re
from collections.abc import Iterable
from typing import Final

from apps.dictation.recognising.numbers import with_numbers

# What nobody says of a patient; "colon" and "period" are not among them.
_SIGNS: Final = {
    "full stop": ".", "comma": ",", "new line": "\n", "new paragraph": "\n\n", "open bracket": "(",
    "close bracket": ")",
}  # fmt: skip
_SAID: Final = re.compile(rf"[ ,.]*\b({'|'.join(_SIGNS)})\b[,.]?", re.IGNORECASE)
# Languages that put no spaces between words.
_UNSPACED: Final = frozenset({"zh-hans"})


def written(said: str, language: str, corrections: Iterable[tuple[str, str]]) -> str:
    """What is to be written for free text that was heard: the practice's corrections (heard, meant) first, the longest
    before the others; of English also spoken signs, and numbers before units as figures."""
    text = corrected(said, language, corrections)
    if language != "en":
        return text
    return with_numbers(_with_signs(text))


def corrected(text: str, language: str, corrections: Iterable[tuple[str, str]]) -> str:
    """The text with what is meant in the place of what is heard: whole words, whichever letters are capitals. What was
    put in is not looked at again."""
    meant = {heard.casefold(): meant for heard, meant in corrections if heard}
    if not meant:
        return text
    either = "|".join(map(re.escape, sorted(meant, key=len, reverse=True)))
    pattern = either if language in _UNSPACED else rf"(?<!\w)(?:{either})(?!\w)"
    return re.sub(pattern, lambda match: meant.get(match[0].casefold(), match[0]), text, flags=re.IGNORECASE)


def _with_signs(text: str) -> str:
    signed = _SAID.sub(lambda match: _SIGNS[match[1].lower()], text)
    # An opened bracket stands after a space; after a line's end there is none.
    return re.sub(r"(?<=\S)\(", " (", re.sub(r"([\n(]) +", r"\1", signed))
