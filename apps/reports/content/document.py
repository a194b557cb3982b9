"""A report as it leaves: what the PDF, the page, the structured report, FHIR and the plain text are all made from.

It holds everything that they say, so that a signed document says the same for ever, whatever becomes of the rows that
it was made from. It is JSON and back, exactly; its digest is what is signed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final, Self

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.entries import KeyImage

# Of the form of the JSON; another form is another number, so that old signatures can still be checked.
FORM: Final = 1


@dataclass(frozen=True, slots=True)
class Person:
    """The patient as the report names them: DICOM's name (PN), date of birth (DA) and sex (CS)."""

    name: str
    identifier: str
    issuer: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """The study: dates and times as DICOM writes them (DA, TM), the referring physician's name too (PN)."""

    study_uid: str
    date: str = ""
    time: str = ""
    description: str = ""
    accession_number: str = ""
    modalities: tuple[str, ...] = ()
    referring_physician: str = ""
    body_part: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One field's answer: what it is about, and what it says.

    `text` is what is printed, in lines; empty statements are left out before. `codes` are of what was chosen; `number`
    with `unit` is what was entered in a field for numbers.
    """

    label: str
    text: str
    concept: Code = NO_CODE
    codes: tuple[Code, ...] = ()
    number: float | None = None
    unit: Code = NO_CODE


@dataclass(frozen=True, slots=True)
class Passage:
    """A section: statements, then sections below it. One that would be empty is left out."""

    title: str
    code: Code = NO_CODE
    statements: tuple[Statement, ...] = ()
    passages: tuple["Passage", ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier value of a measurement, in the same unit: date of its study (DA), and the value."""

    date: str
    value: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the table of measurements. `earlier` are its earlier values, the oldest first; `change` is that since
    the last of them, in percent. `report_uid`, `group` and `number` name the value in the structured report (SOP
    Instance UID) that it is from; `sop_class_uid` is that report's class."""

    label: str
    concept: Code
    value: float
    unit: Code
    derivation: Code = NO_CODE
    finding: Code = NO_CODE
    site: Code = NO_CODE
    tracking_uid: str = ""
    tracking_identifier: str = ""
    is_verified: bool = False
    earlier: tuple[Past, ...] = ()
    change: float | None = None
    report_uid: str = ""
    report_class_uid: str = ""
    report_series_uid: str = ""
    group: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """Who stands for a document (PN), with what credentials, and when (ISO 8601 with its zone). `number` is 1 for the
    first time, more for amendments, whose `reason` says why; `digest` is the document's without this."""

    name: str
    credentials: str
    at: str
    digest: str
    number: int = 1
    reason: str = ""
    verification: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A report as it leaves. `status` is draft, preliminary, final or amended. `practice` is its name."""

    title: str
    language: str
    status: str
    practice: str
    author: str
    patient: Person
    examination: Examination
    passages: tuple[Passage, ...] = ()
    measurements: tuple[Measured, ...] = ()
    key_images: tuple[KeyImage, ...] = ()
    code: Code = NO_CODE
    procedures: tuple[Code, ...] = ()
    template: str = ""
    report_id: int = 0
    signed: Signed | None = None

    def as_json(self) -> dict[str, Any]:
        return {"form": FORM, **asdict(self)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Raises ValueError for another form of it, and KeyError or TypeError for what never was one."""
        if said.get("form") != FORM:
            raise ValueError("This is a document of another version of the software.")
        plain = {key: value for key, value in said.items() if key != "form"}
        signed = plain["signed"]
        return cls(
            **{
                **plain,
                "patient": Person(**plain["patient"]),
                "examination": Examination(
                    **{**plain["examination"], "modalities": tuple(plain["examination"]["modalities"])}
                ),
                "passages": tuple(map(_passage, plain["passages"])),
                "measurements": tuple(map(_measured, plain["measurements"])),
                "key_images": tuple(KeyImage(**each) for each in plain["key_images"]),
                "code": Code(**plain["code"]),
                "procedures": tuple(Code(**each) for each in plain["procedures"]),
                "signed": Signed(**signed) if signed else None,
            }
        )

    def digest(self) -> str:
        """SHA-256 of what is signed, in hexadecimal: the document as canonical JSON, without the signature."""
        plain = replace(self, signed=None).as_json()
        return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()

    def statements(self) -> Iterator[Statement]:
        """Every statement, in the order in which they are printed."""
        for passage in self.passages:
            yield from _statements(passage)


def _statements(passage: Passage) -> Iterator[Statement]:
    yield from passage.statements
    for below in passage.passages:
        yield from _statements(below)


def _passage(said: Mapping[str, Any]) -> Passage:
    statements = tuple(map(_statement, said["statements"]))
    return Passage(said["title"], Code(**said["code"]), statements, tuple(map(_passage, said["passages"])))


def _statement(said: Mapping[str, Any]) -> Statement:
    codes = tuple(Code(**each) for each in said["codes"])
    named = {key: Code(**said[key]) for key in ("concept", "unit")}
    return Statement(**{**said, **named, "codes": codes})


def _measured(said: Mapping[str, Any]) -> Measured:
    named = {key: Code(**said[key]) for key in ("concept", "unit", "derivation", "finding", "site")}
    return Measured(**{**said, **named, "earlier": tuple(Past(**each) for each in said["earlier"])})
