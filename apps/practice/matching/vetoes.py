"""What only a person may decide, whatever the weights say: twins, parents, and numbers that were mixed up.

What twins and families share (surname, birth date, address) agrees together: no sum of weights tells them apart. Where
the whole address agrees, which devices seldom say, the given name alone matters: relatives live together, but are
called otherwise.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from apps.practice.matching.comparing import Comparison, Field
from apps.practice.matching.levels import Level
from apps.practice.matching.weights import Frequencies
from apps.saying import say


class Veto(StrEnum):
    """Why a person must decide."""

    RIVAL = "rival"
    NUMBERS = "numbers"
    WHOLE_NAME = "wholeName"
    NAME_AND_BIRTH = "nameAndBirth"
    GIVEN = "given"
    NO_GIVEN = "noGiven"
    INITIAL = "initial"
    TWO_NAMES = "twoNames"
    BIRTH_DATE = "birthDate"
    SEX = "sex"

    @property
    def words(self) -> str:
        """The same in a sentence, in English."""
        return _WORDS[self]


_WORDS: Final = {
    Veto.RIVAL: say("Another person fits nearly as well."),
    Veto.NUMBERS: say("Both have a valid insurance number, and not the same one."),
    Veto.WHOLE_NAME: say("The number is the same, but the whole name is another."),
    Veto.NAME_AND_BIRTH: say("The number is the same, but given name and birth date are others."),
    Veto.GIVEN: say("The given name is another, and no number vouches: perhaps a twin or a relative."),
    Veto.NO_GIVEN: say("There is no given name to tell twins and relatives apart, and no number to vouch."),
    Veto.INITIAL: say("There is only the initial of a given name, and no number to vouch."),
    Veto.TWO_NAMES: say("Both given names are names of people here, however alike, and no number vouches."),
    Veto.BIRTH_DATE: say("The birth date is another, and no number vouches: perhaps a parent or child."),
    Veto.SEX: say("The sex is another, the given name is not quite the same, and no number vouches."),
}
# From how many leads on a given name that none of them has is likelier a slip than a name.
MIN_PEOPLE: Final = 2_000

_VOUCHING: Final = frozenset({Level.EXACT, Level.CLOSE})
_AGAINST: Final = frozenset({Level.DIFFERENT, Level.NEIGHBOUR})
_SURE_DATES: Final = frozenset({Level.EXACT, Level.SWAPPED, Level.CLOSE})
_NEAR: Final = frozenset({Level.EXACT, Level.CLOSE})
# What may be a slip in one field where the whole address agrees: the weights have counted it.
_SLIPS_AT_HOME: Final = frozenset({Veto.WHOLE_NAME, Veto.NAME_AND_BIRTH, Veto.BIRTH_DATE})
_UNCLEAR: Final = {
    Level.MISSING: Veto.NO_GIVEN,
    Level.INITIAL: Veto.INITIAL,
    Level.DIFFERENT: Veto.GIVEN,
}


def of(
    comparison: Comparison, frequencies: Frequencies | None = None, *, is_nameless: bool = False
) -> tuple[Veto, ...]:
    """Why a person must decide; empty if nothing stands against it. `is_nameless`: the patient has no given name."""
    levels = dict(comparison.levels)
    if levels[Field.IDENTIFIER] in _VOUCHING:
        found = tuple(_though_vouched(comparison, levels))
    else:
        found = tuple(_without_number(comparison, levels, frequencies))
    if not _is_at_home(levels):
        return found
    slips = set(_SLIPS_AT_HOME)
    if is_nameless:
        slips.add(Veto.NO_GIVEN)
    if levels[Field.ORDER] is Level.SWAPPED and levels[Field.FAMILY] is Level.EXACT:
        # The given name of one is the family name of the other, as of no twin.
        slips.add(Veto.GIVEN)
    return tuple(veto for veto in found if veto not in slips)


def _is_at_home(levels: dict[Field, Level]) -> bool:
    """Whether the address agrees: with one slip in house number, postcode or city at most, but for single letters."""
    near = (levels[Field.POSTCODE] in _NEAR) + (levels[Field.CITY] in _NEAR)
    return near >= {Level.EXACT: 1, Level.PARTIAL: 2}.get(levels[Field.STREET], 3)


def _though_vouched(comparison: Comparison, levels: dict[Field, Level]) -> Iterator[Veto]:
    if comparison.has_conflict:
        yield Veto.NUMBERS
    if levels[Field.GIVEN] is not Level.DIFFERENT:
        return
    if levels[Field.FAMILY] is Level.DIFFERENT and not _is_there(comparison, levels):
        yield Veto.WHOLE_NAME
    elif levels[Field.BIRTH_DATE] is Level.DIFFERENT and not comparison.is_personal:
        yield Veto.NAME_AND_BIRTH


def _is_there(comparison: Comparison, levels: dict[Field, Level]) -> bool:
    """Whether the birth date says that a person of another name is the same, or, where it isn't known, the address."""
    if levels[Field.BIRTH_DATE] is Level.MISSING:
        return comparison.is_personal and levels[Field.STREET] is Level.EXACT
    return levels[Field.BIRTH_DATE] in _SURE_DATES


def _without_number(
    comparison: Comparison, levels: dict[Field, Level], frequencies: Frequencies | None
) -> Iterator[Veto]:
    if comparison.has_conflict:
        yield Veto.NUMBERS
    if given := _of_given(comparison, levels, frequencies):
        yield given
    if levels[Field.BIRTH_DATE] is Level.DIFFERENT:
        yield Veto.BIRTH_DATE
    if levels[Field.SEX] is Level.DIFFERENT and levels[Field.GIVEN] is not Level.EXACT:
        yield Veto.SEX


def _of_given(comparison: Comparison, levels: dict[Field, Level], frequencies: Frequencies | None) -> Veto | None:
    given = levels[Field.GIVEN]
    if given is Level.EXACT or given in _UNCLEAR:
        return _UNCLEAR.get(given)
    if given in {Level.PARTIAL, Level.NICKNAME}:
        return Veto.GIVEN if levels[Field.IDENTIFIER] in _AGAINST else None
    is_slip = _is_slip(comparison, frequencies)
    if is_slip is None:
        return Veto.GIVEN if given is Level.ALIKE or levels[Field.IDENTIFIER] in _AGAINST else None
    return None if is_slip else Veto.TWO_NAMES


def _is_slip(comparison: Comparison, frequencies: Frequencies | None) -> bool | None:
    """Whether one of two like names is a slip of the other, since nobody here is called that. Tara and Lara are names.

    None where too few are known to say so.
    """
    if frequencies is None or frequencies.people < MIN_PEOPLE:
        return None
    return any(frequencies.given.get(word, 0) == 0 for word in comparison.names.given_words)
