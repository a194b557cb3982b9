"""How alike two people are: a level of agreement for each field."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from apps.practice.matching import naming
from apps.practice.matching.dates import is_doubtful, is_swapped, mistypings
from apps.practice.matching.levels import Level
from apps.practice.matching.numbers import MIN_TELLING, Identifier
from apps.practice.matching.person import Address, Person


class Field(StrEnum):
    """What is compared."""

    FAMILY = "family"
    GIVEN = "given"
    ORDER = "order"
    BIRTH_DATE = "birthDate"
    SEX = "sex"
    IDENTIFIER = "identifier"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    POSTCODE = "postcode"
    CITY = "city"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The level of each field, and what the levels don't say.

    `names`: what was compared. `is_personal`: a number is the same, and both say that the same issuer gave it.
    `has_conflict`: both have a number of the same insurance, with a right check digit, and not the same.
    """

    levels: tuple[tuple[Field, Level], ...]
    names: naming.Compared
    is_personal: bool = False
    has_conflict: bool = False

    def level(self, field: Field) -> Level:
        """The level of one field."""
        return dict(self.levels)[field]


# From the surest agreement to the surest disagreement.
_IDENTIFIER_RANKS: Final = (
    Level.EXACT, Level.CLOSE, Level.SHORT, Level.NEIGHBOUR, Level.OTHER, Level.DIFFERENT, Level.MISSING,
)  # fmt: skip
_ALIKE_TEXT: Final = 80.0
# Years from which two of the same name may be parent and child.
GENERATION: Final = 14


def compare(a: Person, b: Person) -> Comparison:
    """Compare two people; the order doesn't matter."""
    names = naming.compare(a.names, b.names)
    address = _addresses(a.addresses, b.addresses)
    return Comparison(
        levels=(
            (Field.FAMILY, names.family),
            (Field.GIVEN, names.given),
            (Field.ORDER, names.order),
            (Field.BIRTH_DATE, _birth_dates(a, b)),
            (Field.SEX, _equal(a.sex, b.sex)),
            (Field.IDENTIFIER, _identifiers(a.identifiers, b.identifiers)),
            (Field.PHONE, _shared(a.phones, b.phones)),
            (Field.EMAIL, _shared(a.emails, b.emails)),
            (Field.STREET, address[0]),
            (Field.POSTCODE, address[1]),
            (Field.CITY, address[2]),
            (Field.REGION, address[3]),
        ),
        names=names,
        is_personal=_is_personal(a.identifiers, b.identifiers),
        has_conflict=_has_conflict(a.identifiers, b.identifiers),
    )


def _birth_dates(a: Person, b: Person) -> Level:
    if a.birth_date is None or b.birth_date is None:
        return Level.MISSING
    if a.birth_date == b.birth_date:
        return Level.EXACT
    if is_swapped(a.birth_date, b.birth_date):
        return Level.SWAPPED
    return _other_dates(a.birth_date, b.birth_date)


def _other_dates(a: dt.date, b: dt.date) -> Level:
    wrong = mistypings(a, b)
    if wrong == 1:
        return Level.CLOSE
    if wrong == 2 and abs(a.year - b.year) < GENERATION:
        return Level.ALIKE
    return Level.MISSING if is_doubtful(a) or is_doubtful(b) else Level.DIFFERENT


def _equal(a: str, b: str) -> Level:
    if not a or not b:
        return Level.MISSING
    return Level.EXACT if a == b else Level.DIFFERENT


def _shared(a: frozenset[str], b: frozenset[str]) -> Level:
    if not a or not b:
        return Level.MISSING
    return Level.DIFFERENT if a.isdisjoint(b) else Level.EXACT


def _identifiers(a: tuple[Identifier, ...], b: tuple[Identifier, ...]) -> Level:
    """The surest agreement among all pairs."""
    found = {_identifier(one, other) for one in a for other in b} or {Level.MISSING}
    return min(found, key=_IDENTIFIER_RANKS.index)


def _identifier(a: Identifier, b: Identifier) -> Level:
    if a.system and b.system and a.system != b.system:
        return Level.OTHER
    if a.value == b.value:
        return Level.EXACT if len(a.value) >= MIN_TELLING else Level.SHORT
    if min(len(a.value), len(b.value)) > MIN_TELLING and OSA.distance(a.value, b.value, score_cutoff=1) == 1:
        return Level.NEIGHBOUR if _are_neighbours(a, b) else Level.CLOSE
    return Level.DIFFERENT if a.system and a.system == b.system else Level.OTHER


def _are_neighbours(a: Identifier, b: Identifier) -> bool:
    """Whether two like numbers may be those of two people, registered one after the other as twins are."""
    if a.is_checked and b.is_checked:
        return True
    return len(a.value) == len(b.value) and a.value[:-1] == b.value[:-1]


def _is_personal(a: tuple[Identifier, ...], b: tuple[Identifier, ...]) -> bool:
    known = {(each.value, each.system) for each in a if each.system and len(each.value) > MIN_TELLING}
    return any((each.value, each.system) in known for each in b)


def _has_conflict(a: tuple[Identifier, ...], b: tuple[Identifier, ...]) -> bool:
    return any(
        one.is_checked and other.is_checked and one.system == other.system and one.value != other.value
        for one in a
        for other in b
    )


def _addresses(a: tuple[Address, ...], b: tuple[Address, ...]) -> tuple[Level, Level, Level, Level]:
    """The levels of street, postcode, city and region for the two addresses that are most alike."""
    found = [_address(one, other) for one in a for other in b]
    if not found:
        return (Level.MISSING,) * 4
    return max(found, key=lambda levels: (sum(_ADDRESS_VALUES.get(level, 0) for level in levels), levels))


_ADDRESS_VALUES: Final = {Level.EXACT: 3, Level.CLOSE: 2, Level.PARTIAL: 2, Level.DIFFERENT: -1}


def _address(a: Address, b: Address) -> tuple[Level, Level, Level, Level]:
    return (
        _streets(a, b),
        _near(a.postcode, b.postcode, _is_mistyped),
        _near(a.city, b.city, _is_alike),
        _near(a.region, b.region, _is_mistyped),
    )


def _streets(a: Address, b: Address) -> Level:
    if not a.street or not b.street:
        return Level.MISSING
    if not _is_alike(a.street, b.street):
        return Level.DIFFERENT
    return Level.EXACT if a.numbers & b.numbers else Level.PARTIAL


def _near(a: str, b: str, is_near: Callable[[str, str], bool]) -> Level:
    if not a or not b:
        return Level.MISSING
    if a == b:
        return Level.EXACT
    return Level.CLOSE if is_near(a, b) else Level.DIFFERENT


def _is_mistyped(a: str, b: str) -> bool:
    return min(len(a), len(b)) > 2 and OSA.distance(a, b, score_cutoff=1) == 1


def _is_alike(a: str, b: str) -> bool:
    """Whether the texts are the same but for some letters, the order of their words, or where the gaps are."""
    if fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")) >= _ALIKE_TEXT:
        return True
    return fuzz.token_sort_ratio(a, b) >= _ALIKE_TEXT
