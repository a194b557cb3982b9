"""What only a person may decide, whatever the weights say: twins, parents, and numbers that were mixed up.

What twins and families share (surname, birth date, address) agrees together: no sum of weights tells them apart.
"""

from collections.abc import Iterator
from typing import Final

from apps.practice.matching.comparing import Comparison, Field
from apps.practice.matching.levels import Level
from apps.practice.matching.weights import Frequencies

RIVAL: Final = "Another person fits nearly as well."
_NUMBERS: Final = "Both have a valid insurance number, and not the same one."
_WHOLE_NAME: Final = "The number is the same, but the whole name is another."
_NAME_AND_BIRTH: Final = "The number is the same, but given name and birth date are others."
_GIVEN: Final = (
    "The given name is another, and no number says that it is the same person: perhaps a twin or a relative."
)
_NO_GIVEN: Final = "There is no given name to tell twins and relatives apart, and no number to vouch."
_INITIAL: Final = "There is only the initial of a given name, and no number to vouch."
_TWO_NAMES: Final = "Both given names are names of several people here, however alike, and no number vouches."
_BIRTH: Final = "The birth date is another, and no number says that it is the same person: perhaps a parent or child."
_SEX: Final = "The sex is another and the given name is not quite the same, and no number vouches."

_OTHER: Final = frozenset({Level.DIFFERENT, Level.ALIKE})
_SURE_NAMES: Final = frozenset({Level.EXACT, Level.PARTIAL, Level.NICKNAME, Level.CLOSE})


def of(comparison: Comparison, frequencies: Frequencies | None = None) -> tuple[str, ...]:
    """Why a person must decide, in words; empty if nothing stands against it."""
    levels = dict(comparison.levels)
    if levels[Field.IDENTIFIER] in {Level.EXACT, Level.CLOSE}:
        return tuple(_though_vouched(comparison, levels))
    return tuple(_without_number(comparison, levels, frequencies))


def _though_vouched(comparison: Comparison, levels: dict[Field, Level]) -> Iterator[str]:
    if comparison.has_conflict:
        yield _NUMBERS
    if levels[Field.GIVEN] is not Level.DIFFERENT:
        return
    if levels[Field.FAMILY] is Level.DIFFERENT:
        yield _WHOLE_NAME
    elif levels[Field.BIRTH_DATE] is Level.DIFFERENT:
        yield _NAME_AND_BIRTH


def _without_number(
    comparison: Comparison, levels: dict[Field, Level], frequencies: Frequencies | None
) -> Iterator[str]:
    if comparison.has_conflict:
        yield _NUMBERS
    yield from _of_given(comparison, levels, frequencies)
    if levels[Field.BIRTH_DATE] in _OTHER:
        yield _BIRTH
    if levels[Field.SEX] is Level.DIFFERENT and levels[Field.GIVEN] is not Level.EXACT:
        yield _SEX


def _of_given(comparison: Comparison, levels: dict[Field, Level], frequencies: Frequencies | None) -> Iterator[str]:
    given = levels[Field.GIVEN]
    if given is Level.MISSING:
        yield _NO_GIVEN
    elif given is Level.INITIAL:
        yield _INITIAL
    elif given not in _SURE_NAMES or (levels[Field.IDENTIFIER] is Level.DIFFERENT and given is not Level.EXACT):
        yield _GIVEN
    elif given is Level.CLOSE and frequencies and _are_both_names(comparison, frequencies):
        yield _TWO_NAMES


def _are_both_names(comparison: Comparison, frequencies: Frequencies) -> bool:
    """Whether both are names in their own right, rather than one a slip of the other: Tara and Lara."""
    return all(frequencies.given.get(word, 0) > 0 for word in comparison.names.given_words)
