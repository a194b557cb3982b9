"""The structure of a template: sections, and the fields in them, after IHE's MRRT (Management of Radiology Report
Templates)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Union

from apps.dicom.sr_tree import NO_CODE, Code


class FieldKind(StrEnum):
    """What is entered: MRRT's `data-field-type`, and the element of HTML that stands for it."""

    TEXT = "text"
    LONG_TEXT = "longText"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    CHOICES = "choices"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Option:
    """One of what may be chosen: `value` is stored, `label` is shown and printed."""

    value: str
    label: str
    code: Code = NO_CODE


@dataclass(frozen=True, slots=True)
class Field:
    """What a person fills in. `key` is the element's id, unique within the template.

    `code` says what is entered (the concept of a value), `unit` in what (UCUM); both are NO_CODE where the template
    says nothing. `fill` says what it is filled in with, in the words of docs/report-templates.md ("Filling in"); empty
    for a number with a code and a unit: then it is the measurement of that concept in that unit. `least` and `most`
    bound a number. What `is_required` must be answered before the report is signed; what `is_expected` need not, and
    who signs without it is told (MRRT's PROHIBIT and ALERT). `lines` is how many lines of a text are shown.
    """

    key: str
    kind: FieldKind
    label: str
    code: Code = NO_CODE
    unit: Code = NO_CODE
    options: tuple[Option, ...] = ()
    is_required: bool = False
    is_expected: bool = False
    default: str | tuple[str, ...] = ""
    placeholder: str = ""
    fill: str = ""
    least: float | None = None
    most: float | None = None
    lines: int = 3

    def option(self, value: str) -> Option | None:
        return next((each for each in self.options if each.value == value), None)


@dataclass(frozen=True, slots=True)
class Note:
    """A text of the template's that stands in the report as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report; `code` is its heading (PS3.16 CID 7001, or LOINC), NO_CODE for one of the template's own."""

    key: str
    title: str
    code: Code = NO_CODE
    items: tuple[Union["Section", Field, Note], ...] = ()

    def fields(self) -> Iterator[Field]:
        """Every field in it and below it, in the order in which they stand."""
        for item in self.items:
            if isinstance(item, Field):
                yield item
            elif isinstance(item, Section):
                yield from item.fields()


@dataclass(frozen=True, slots=True)
class Structure:
    """A template as it is read: Dublin Core's terms of it, then its sections.

    `code` is the document's title (PS3.16 CID 7000, or LOINC), `procedures` are codes of what was done. `language` is
    one of `settings.LANGUAGES`; `modalities` are those (PS3.3 C.7.3.1.1.1) that it is chosen for.
    """

    identifier: str
    title: str
    language: str
    sections: tuple[Section, ...]
    description: str = ""
    creator: str = ""
    publisher: str = ""
    rights: str = ""
    code: Code = NO_CODE
    procedures: tuple[Code, ...] = ()
    modalities: tuple[str, ...] = ()

    def fields(self) -> Iterator[Field]:
        """Every field, in the order in which they stand."""
        for section in self.sections:
            yield from section.fields()

    def field(self, key: str) -> Field | None:
        return next((each for each in self.fields() if each.key == key), None)
