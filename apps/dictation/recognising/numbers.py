"""Numbers that are said in English before a unit, as figures: "five by six point two millimetres" is "5 x 6.2 mm"."""

import re
from typing import Final

UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: Final = {word: value for value, word in enumerate(UNITS)} | {
    word: 10 * value for value, word in enumerate(TENS, 2)
}
# How units are said, and written (UCUM's letters, as people write them).
_WRITTEN: Final = {
    r"millimet(?:re|er)s?": "mm", r"centimet(?:re|er)s?": "cm", r"square millimet(?:re|er)s?": "mm²",
    r"square centimet(?:re|er)s?": "cm²", r"cubic centimet(?:re|er)s?": "cm³", r"millilit(?:re|er)s?": "ml",
    r"milligrams?": "mg", r"kilograms?": "kg", r"hounsfield units?": "HU", r"per ?cent": "%", r"degrees": "°",
}  # fmt: skip
_SAID: Final = "|".join(sorted(_WRITTEN, key=len, reverse=True))
_WORD: Final = rf"(?:{'|'.join([*_VALUES, 'hundred', 'thousand', 'point', 'oh'])}|\d+(?:\.\d+)?)"
_NUMBER: Final = rf"{_WORD}(?:(?:[ -]|(?: and ))(?={_WORD}){_WORD})*"
_MEASURED: Final = re.compile(rf"\b({_NUMBER}(?: (?:by|x|times) {_NUMBER})*)(?: |(?<=\d))({_SAID})\b", re.IGNORECASE)
_BY: Final = re.compile(r" (?:by|x|times) ", re.IGNORECASE)


def with_numbers(text: str) -> str:
    """The text with figures and signs for numbers that stand before a unit; all others stay as they are said."""
    return _MEASURED.sub(_measured, text)


def _measured(match: re.Match[str]) -> str:
    figures = [number(each) for each in _BY.split(match[1])]
    if None in figures:
        return match[0]
    unit = next(sign for said, sign in _WRITTEN.items() if re.fullmatch(said, match[2], re.IGNORECASE))
    space = "" if unit == "°" else " "
    return f"{' x '.join(filter(None, figures))}{space}{unit}"


def number(said: str) -> str | None:
    """A number in words or figures ("a hundred and five point two") as figures; None where the words make none."""
    words = said.lower().replace("-", " ").split()
    whole, _, rest = " ".join(words).partition(" point ")
    before = _whole(whole.split())
    after = _digits(rest.split()) if rest else ""
    if before is None or after is None:
        return None
    return f"{before}.{after}" if after else before


def _whole(words: list[str]) -> str | None:
    if len(words) == 1 and words[0][0].isdigit():
        return words[0]
    total = part = 0
    last = 1000
    for word in words:
        if word == "and":
            continue
        if word in {"hundred", "thousand"}:
            part, last = (part or 1) * (100 if word == "hundred" else 1000), 100
            if word == "thousand":
                total, part = total + part, 0
            continue
        value = _VALUES.get(word)
        # "five six" is two numbers, "fifty six" is one.
        if value is None or last < 20 or (last < 100 and value >= 10):
            return None
        part, last = part + value, value
    return str(total + part)


def _digits(words: list[str]) -> str | None:
    """What is said after the point, digit by digit."""
    digits = [word if word.isdigit() else _one(word) for word in words]
    return None if None in digits else "".join(filter(None, digits))


def _one(word: str) -> str | None:
    value = 0 if word == "oh" else _VALUES.get(word, 100)
    return str(value) if value < 10 else None
