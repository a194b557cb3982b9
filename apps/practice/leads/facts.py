"""What is said of a person: each part by its name, as far as it is said."""

from datetime import date
from typing import Final, Required, TypedDict


class OtherName(TypedDict, total=False):
    """Another name; `use` is one of NameUse."""

    family: str
    given: str
    use: str


class Address(TypedDict, total=False):
    """Where somebody lives; `country` preferably as two letters (ISO 3166-1)."""

    line: str
    city: str
    postcode: str
    region: str
    country: str


class Identifier(TypedDict, total=False):
    """A Patient ID that another system or device has given."""

    value: Required[str]
    issuer: str


class Consent(TypedDict, total=False):
    """What somebody has allowed or not; `at` is a date or a moment (ISO 8601)."""

    kind: Required[str]
    given: Required[bool]
    at: str
    note: str


class Facts(TypedDict, total=False):
    """The fields of Lead that people and other systems write. What is left out stays as it is."""

    external_id: str
    status: str
    family_name: str
    given_name: str
    middle_name: str
    prefix: str
    suffix: str
    other_names: list[OtherName]
    birth_date: date | None
    sex: str
    phones: list[str]
    emails: list[str]
    addresses: list[Address]
    preferred_language: str
    health_number: str
    health_number_system: str
    patient_id: str
    identifiers: list[Identifier]
    consents: list[Consent]


FIELDS: Final = tuple(Facts.__annotations__)
