"""A person as two records of them are compared: everything in one spelling, without what says nothing."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from apps.practice.matching.dates import birth_date, mistypings
from apps.practice.matching.numbers import Identifier, embedded, identifier
from apps.practice.matching.words import MAX_TEXT, words

MAX_VARIANTS: Final = 6
MAX_VALUES: Final = 8

_JUNK_WORDS: Final = """
unknown unk unbekannt inconnu inconnue desconocido sconosciuto test xx xxx xxxx xxxxx anonymous anon anonymized
anonymised none noname name null nil patient dummy emergency nomen nescio baby babyboy babygirl
"""
_TITLE_WORDS: Final = "dr med prof mr mrs ms miss mme mlle monsieur madame herr frau sr sra jr dipl ing"
# As `words` spells them.
_JUNK: Final = frozenset(one for word in _JUNK_WORDS.split() for one in words(word))
_TITLES: Final = frozenset(_TITLE_WORDS.split())
_SEXES: Final = {"m": "M", "male": "M", "f": "F", "female": "F", "w": "F"}
_NOT_DIGITS: Final = re.compile(r"\D+")


class Name(NamedTuple):
    """One way in which a person is called: the folded words of the family name, and of all given names."""

    family: tuple[str, ...]
    given: tuple[str, ...]


class Address(NamedTuple):
    """Where a person lives: the words and the numbers of the street, the postcode without gaps, city and region."""

    street: str
    numbers: frozenset[str]
    postcode: str
    city: str
    region: str


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name as somebody wrote it."""

    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address as somebody wrote it."""

    line: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says of a person, as it is written there.

    `names`: the name and its variants (maiden, ideographic, phonetic, alias); middle names with the given ones.
    `identifiers`: (value, system) pairs; the system is an insurance (RAMQ, AVS, NHS, OHIP, NIR), an issuer, or "".
    """

    names: tuple[WrittenName, ...] = ()
    birth_date: dt.date | str | None = None
    sex: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[WrittenAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """What can be compared of a person; what isn't known or says nothing is left out."""

    names: tuple[Name, ...] = ()
    birth_date: dt.date | None = None
    sex: str = ""
    identifiers: tuple[Identifier, ...] = ()
    phones: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    addresses: tuple[Address, ...] = ()


def person(facts: Facts) -> Person:
    """The person that the facts are of. Never fails: what can't be read is left out."""
    born = birth_date(facts.birth_date)
    sex = _SEXES.get(facts.sex.strip().lower(), "")
    identifiers = tuple(_identifiers(facts, born))
    told = next((said for each in identifiers if (said := embedded(each.value))), None)
    return Person(
        names=_names(facts.names),
        birth_date=born or (told.birth_date if told else None),
        sex=sex or (told.sex if told else ""),
        identifiers=identifiers,
        phones=frozenset(_phones(facts.phones)),
        emails=frozenset(_emails(facts.emails)),
        addresses=tuple(address for each in facts.addresses[:MAX_VALUES] if any(address := _address(each))),
    )


def _names(written: Iterable[WrittenName]) -> tuple[Name, ...]:
    found = dict.fromkeys(name for each in written for name in _variants(each) if name.family or name.given)
    return tuple(found)[:MAX_VARIANTS]


def _variants(written: WrittenName) -> Iterator[Name]:
    family_text, comma, after = written.family.partition(",")
    given_text = written.given if written.given.strip() or not comma else after
    family, given = _telling(family_text), _telling(given_text)
    yield Name(family, given)
    # Everything in one component, as many devices send it: either end may be the family name.
    if not given and len(family) > 1:
        yield Name(family[-1:], family[:-1])
        yield Name(family[:1], family[1:])


def _telling(text: str) -> tuple[str, ...]:
    known = tuple(word for word in words(text) if word not in _JUNK and not word.isdigit())
    return tuple(word for word in known if word not in _TITLES) or known


def _identifiers(facts: Facts, born: dt.date | None) -> Iterator[Identifier]:
    seen = set()
    for value, system in facts.identifiers[:MAX_VALUES]:
        found = identifier(value, system)
        if found and found.value not in seen and not _is_of_another(found, born):
            seen.add(found.value)
            yield found


def _is_of_another(number: Identifier, born: dt.date | None) -> bool:
    """Whether the number says another birth date than the record: a parent's card that was read for the child."""
    told = embedded(number.value)
    return told is not None and born is not None and mistypings(told.birth_date, born) > 2


def _phones(written: Iterable[str]) -> Iterator[str]:
    for each in tuple(written)[:MAX_VALUES]:
        digits = _NOT_DIGITS.sub("", each[:MAX_TEXT])[-9:]
        if len(digits) >= 7 and len(set(digits)) > 2:
            yield digits


def _emails(written: Iterable[str]) -> Iterator[str]:
    for each in tuple(written)[:MAX_VALUES]:
        email = each.strip().lower()[:MAX_TEXT]
        if "@" in email.strip("@"):
            yield email


def _address(written: WrittenAddress) -> Address:
    line = words(written.line)
    return Address(
        street=" ".join(word for word in line if not word[0].isdigit()),
        numbers=frozenset(word for word in line if word[0].isdigit()),
        postcode="".join(words(written.postcode)),
        city=" ".join(words(written.city)),
        region=" ".join(words(written.region)),
    )
