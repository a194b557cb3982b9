"""Reading what is said of people: every field checked and brought into one spelling, or said what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from apps.core.errors import Invalid
from apps.core.serializers import camel
from apps.practice.leads import values
from apps.practice.leads.facts import FIELDS, Facts
from apps.practice.leads.values import Read, Wrong, text
from apps.practice.models import LeadStatus, NameUse
from apps.practice.models.leads import ID_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH, SYSTEM_LENGTH, TITLE_LENGTH
from apps.saying import say
from apps.worklist.models import Sex

Errors = tuple[tuple[str, str], ...]

MOST_ERRORS: Final = 50
MOST_CONTACTS: Final = 10
MOST_NAMES: Final = 20
MOST_CONSENTS: Final = 50
LINE_LENGTH: Final = 120
NOTE_LENGTH: Final = 250
# What separates the parts and groups of a name, and values (PS3.5 6.2).
NOT_IN_NAMES: Final = "^=\\"
NOT_IN_IDS: Final = "\\"
NO_FIELD: Final = say("There is no such field.")
NO_NAME: Final = say("Say a family name or a given name.")


def read(said: Mapping[str, object]) -> Facts:
    """What is said, checked and in one spelling. Raises Invalid with every field that is wrong."""
    facts, errors = attempt(said)
    if errors:
        raise Invalid(say("Some of what was said of this person is not right: see errors."), errors)
    return facts


def attempt(said: Mapping[str, object]) -> tuple[Facts, Errors]:
    """What could be read, and what is wrong with the rest: fields by their names outside."""
    kept: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for name, value in said.items():
        try:
            kept[name] = READERS.get(name, _no_field)(value)
        except Wrong as wrong:
            errors.append((_path(camel(name) if name in READERS else name[:NAME_LENGTH], wrong.path), wrong.detail))
    return cast(Facts, kept), tuple(errors[:MOST_ERRORS])


def outside(said: Mapping[str, object]) -> dict[str, object]:
    """What came as JSON, by the names inside; what is no field keeps its name, and `read` says so."""
    known = {INSIDE[name]: value for name, value in said.items() if name in INSIDE}
    return {**{name: value for name, value in said.items() if name not in INSIDE}, **known}


def _no_field(_: object) -> None:
    raise Wrong(NO_FIELD)


def _path(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _several(reader: Read, most: int) -> Read:
    """Reads a list; the same twice is once, and what is empty is left out."""

    def read_all(value: object) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise Wrong(say("Write a list."))
        if len(value) > most:
            raise Wrong(say("Write at most {most} of them.", most=most))
        kept: list[Any] = []
        for number, each in enumerate(value):
            one = _at(str(number), reader, each) if each not in ("", None) else None
            if one and one not in kept:
                kept.append(one)
        return kept

    return read_all


def _item(needs_one_of: Sequence[str], **readers: Read) -> Read:
    """Reads an object of these parts; an object that says nothing is nothing."""

    def read_parts(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Wrong(say("Write an object."))
        if unknown := next((str(name) for name in value if name not in readers), ""):
            raise Wrong(NO_FIELD, unknown[:NAME_LENGTH])
        kept = {name: _at(name, reader, value.get(name)) for name, reader in readers.items()}
        return kept if any(kept[name] not in ("", None) for name in needs_one_of) else {}

    return read_parts


def _at(place: str, reader: Read, value: object) -> Any:
    try:
        return reader(value)
    except Wrong as wrong:
        raise Wrong(wrong.detail, _path(place, wrong.path)) from wrong


def health_number(value: object) -> str:
    """In capitals, without what people write between the digits."""
    return re.sub(r"[ .\-]", "", str(text(ID_LENGTH, NOT_IN_IDS)(value))).upper()


def _language(value: object) -> str:
    return str(text(LANGUAGE_LENGTH)(values.language(value)))


_name: Final = text(NAME_LENGTH, NOT_IN_NAMES)
_identifier: Final = text(ID_LENGTH, NOT_IN_IDS)
_line: Final = text(LINE_LENGTH)

READERS: Final[Mapping[str, Read]] = {
    "external_id": _identifier,
    "status": values.choice(LeadStatus.values, LeadStatus.LEAD),
    "family_name": _name,
    "given_name": _name,
    "middle_name": _name,
    "prefix": text(TITLE_LENGTH, NOT_IN_NAMES),
    "suffix": text(TITLE_LENGTH, NOT_IN_NAMES),
    "other_names": _several(
        _item(("family", "given"), family=_name, given=_name, use=values.choice(NameUse.values, NameUse.ALIAS)),
        MOST_NAMES,
    ),
    "birth_date": values.birth_date,
    "sex": values.choice(Sex.values),
    "phones": _several(values.phone, MOST_CONTACTS),
    "emails": _several(values.email, MOST_CONTACTS),
    "addresses": _several(
        _item(
            ("line", "city", "postcode", "region", "country"),
            line=_line, city=_line, postcode=text(TITLE_LENGTH), region=_line, country=_line,
        ),
        MOST_CONTACTS,
    ),
    "preferred_language": _language,
    "health_number": health_number,
    "health_number_system": lambda value: str(text(SYSTEM_LENGTH)(value)).upper(),
    "patient_id": _identifier,
    "identifiers": _several(
        _item(("value",), value=text(ID_LENGTH, NOT_IN_IDS, required=True), issuer=_identifier), MOST_NAMES
    ),
    "consents": _several(
        _item(
            ("kind",),
            kind=text(NAME_LENGTH, required=True), given=values.truth, at=values.moment, note=text(NOTE_LENGTH),
        ),
        MOST_CONSENTS,
    ),
}  # fmt: skip
INSIDE: Final = {camel(name): name for name in FIELDS}
