"""Identifiers of people: one spelling, those that are none, and the check digits of health insurances."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_NUMBER: Final = 64
# What is shorter is given to many people: it agrees by chance.
MIN_TELLING: Final = 5

_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Z]+")
_ONE_LETTER: Final = re.compile(r"(.)\1{2,}")
_JUNK_VALUES: Final = """
UNKNOWN UNK UNBEKANNT INCONNU INCONNUE DESCONOCIDO SCONOSCIUTO TEST TESTID TESTPATIENT ANONYMOUS ANON ANONYMIZED
ANONYMISED NONE NOID NA NULL NIL ID PATID PATIENT PATIENTID DUMMY TEMP EMERGENCY NEW 123 1234 12345 123456 1234567
12345678 123456789 1234567890 987654321 9876543210
"""
_JUNK: Final = frozenset(_JUNK_VALUES.split())
_RAMQ: Final = re.compile(r"([A-Z]{4})(\d\d)(\d\d)(\d\d)\d\d")
# A letter's place in EBCDIC, from where the insurance's computers took its value; only the last digit counts.
_EBCDIC: Final = {
    letter: ordinal
    for start, letters in ((193, "ABCDEFGHI"), (209, "JKLMNOPQR"), (226, "STUVWXYZ"))
    for ordinal, letter in enumerate(letters, start)
}
_RAMQ_WEIGHTS: Final = (1, 3, 7, 9, 1, 7, 1, 3, 4, 5, 7, 6, 9, 1)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A normalised identifier: capital letters and digits, its issuer ("" if not said), if its check digit is right."""

    value: str
    system: str = ""
    is_checked: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a number of the Régie de l'assurance maladie du Québec says of its holder."""

    family: str
    given: str
    birth_date: dt.date
    sex: str


def identifier(value: str, system: str = "") -> Identifier | None:
    """The normalised identifier, without leading zeros; None when it is empty or one that stands for none.

    A number of Québec or Switzerland is recognised by its form and check digit where `system` doesn't say what it is.
    """
    compact = _NOT_ALPHANUMERIC.sub("", value[:MAX_NUMBER].upper())
    compact = compact.lstrip("0") if compact.isdigit() else compact
    if len(compact) < 2 or compact in _JUNK or _ONE_LETTER.fullmatch(compact):
        return None
    said = _system(system)
    named = said if said in _CHECKS else _recognised(compact) or said
    check = _CHECKS.get(named)
    return Identifier(compact, named, is_checked=check is not None and check(compact))


def embedded(ramq: str) -> Embedded | None:
    """What a RAMQ number (4 letters, year, month, day, 2 digits) says; None if its date or check digit is wrong.

    The month is 50 too high for a woman. The century is the one that makes the check digit right.
    """
    found = _RAMQ.fullmatch(ramq)
    if found is None:
        return None
    letters, year, month, day = found[1], int(found[2]), int(found[3]), int(found[4])
    sex, month = ("F", month - 50) if month > 50 else ("M", month)
    for century in (1900, 2000):
        try:
            born = dt.date(century + year, month, day)
        except ValueError:
            continue
        if _ramq_check(letters, born, sex, int(ramq[10])) == int(ramq[11]):
            return Embedded(letters[:3], letters[3], born, sex)
    return None


def _ramq_check(letters: str, born: dt.date, sex: str, sequence: int) -> int:
    digits = [int(digit) for digit in f"{born:%Y%m%d}"]
    values = [*(_EBCDIC[letter] for letter in letters), *digits[:4], _EBCDIC[sex], *digits[4:], sequence]
    return sum(value * weight for value, weight in zip(values, _RAMQ_WEIGHTS, strict=True)) % 10


def _system(said: str) -> str:
    folded = _NOT_ALPHANUMERIC.sub("", said[:MAX_NUMBER].upper())
    return _ALIASES.get(folded, folded)


def _recognised(value: str) -> str:
    if embedded(value):
        return "RAMQ"
    return "AVS" if _is_avs(value) else ""


def _is_avs(value: str) -> bool:
    """Switzerland: 13 digits from 756 on, the last as in an EAN-13."""
    if len(value) != 13 or not value.isdigit() or not value.startswith("756"):
        return False
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(value)) % 10 == 0


def _is_nhs(value: str) -> bool:
    """England and Wales: ten digits, modulo 11 with the weights 10 to 2."""
    if len(value) != 10 or not value.isdigit():
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(value, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(value[9]) and check != 10


def _is_luhn(value: str) -> bool:
    """Ontario, and others: modulo 10, every second digit from the right doubled."""
    if not value.isdigit():
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(value)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _is_nir(value: str) -> bool:
    """France: 13 digits (2A and 2B for Corsica) and a key, 97 less the remainder by 97."""
    digits = value.replace("2A", "19", 1).replace("2B", "18", 1) if value[5:7] in {"2A", "2B"} else value
    return len(digits) == 15 and digits.isdigit() and 97 - int(digits[:13]) % 97 == int(digits[13:])


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "RAMQ": lambda value: embedded(value) is not None,
    "AVS": _is_avs,
    "NHS": _is_nhs,
    "OHIP": _is_luhn,
    "NIR": _is_nir,
}
_ALIASES: Final = {
    **dict.fromkeys(("NAM", "HIN", "QC"), "RAMQ"),
    **dict.fromkeys(("AHV", "AHVN13", "NAVS", "NAVS13", "NSS"), "AVS"),
    **dict.fromkeys(("NHSNUMBER", "NHSNO"), "NHS"),
    **dict.fromkeys(("ONHC", "ON"), "OHIP"),
    **dict.fromkeys(("INS", "INSNIR", "NIRINS"), "NIR"),
}
