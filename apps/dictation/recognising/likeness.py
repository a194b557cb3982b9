"""Whether what was heard was said: how well words fit a sound, beside any phones that fit it.

A grammar hears nothing but what is in it, whatever is said. So the sound is decoded once more, without any words, and
three things are weighed: by how much better it fits then, how far the phones found then are from those of the words,
and how many more there are. The weights are from speech made by nine voices, half of it what is in no grammar.
"""

import math
from collections.abc import Sequence
from typing import Final

from apps.dictation.recognising.spelling import VOWELS

# Of `confidence`, by frames of 10 ms and by phones of the words.
_OF_FIT: Final = 3045.0
_OF_DISTANCE: Final = -7.48
_OF_COUNT: Final = -3.27
_BASE: Final = 11.0
# Phones that are taken for each other easily.
_ALIKE: Final = (
    "P B", "T D", "K G", "F TH", "V DH", "S Z SH ZH CH JH", "M N NG", "L R W", "Y IY IH", "EH AE EY", "AA AO AH OW",
    "UH UW", "AW AY OY", "ER", "HH",
)  # fmt: skip
_CLASS: Final = {phone: number for number, alike in enumerate(_ALIKE) for phone in alike.split()}
_LEFT_OUT: Final = 0.7


def confidence(fit: float, expected: Sequence[str], heard: Sequence[str]) -> float:
    """How sure it is (0 to 1) that words with the phones `expected` were said where any phones give `heard`.

    `fit` is by how much better the words fit than those (natural logarithm, for a frame of 10 ms).
    """
    if not expected or not heard:
        return 0.0
    count = len(expected)
    weighed = _OF_FIT * fit + _OF_DISTANCE * distance(expected, heard) / count + _OF_COUNT * len(heard) / count + _BASE
    return 1 / (1 + math.exp(min(-weighed, 700.0)))


def distance(expected: Sequence[str], heard: Sequence[str]) -> float:
    """What it takes to make one row of phones of the other: 1 for another phone, less for a like one."""
    costs = [number * _LEFT_OUT for number in range(len(heard) + 1)]
    for row, wanted in enumerate(expected, 1):
        before, costs = costs, [row * _LEFT_OUT]
        for column, phone in enumerate(heard, 1):
            swapped = before[column - 1] + _cost(wanted, phone)
            costs.append(min(swapped, before[column] + _LEFT_OUT, costs[-1] + _LEFT_OUT))
    return costs[-1]


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if _CLASS.get(one, one) == _CLASS.get(other, other):
        return 0.3
    return 0.7 if (one in VOWELS) == (other in VOWELS) else 1.0
