"""A field of a template from its element: `input`, `select`, `textarea`, or several boxes that are one choice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.structure import Field, FieldKind, Option
from apps.reports.mrrt import limits
from apps.reports.mrrt.codes import CodedContent
from apps.reports.mrrt.markup import Element, text_of
from apps.reports.mrrt.whitespace import lines_of, one_line

# What a box of an `input` is by its type, where it isn't one for a text.
_INPUTS: Final = {
    "number": FieldKind.NUMBER, "range": FieldKind.NUMBER, "date": FieldKind.DATE, "time": FieldKind.TIME,
    "checkbox": FieldKind.CHECK, "radio": FieldKind.CHOICE, "textarea": FieldKind.LONG_TEXT,
}  # fmt: skip
# By MRRT's data-field-type, where the element itself doesn't say it.
_TYPES: Final = {
    "NUMBER": FieldKind.NUMBER, "NUMERIC": FieldKind.NUMBER, "DATE": FieldKind.DATE, "TIME": FieldKind.TIME,
    "TEXTAREA": FieldKind.LONG_TEXT,
}  # fmt: skip
# Boxes that nothing is entered in.
NO_FIELDS: Final = frozenset({"hidden", "button", "submit", "reset", "image", "file", "password"})
GROUPS: Final = {"CHECKBOX": FieldKind.CHOICES, "RADIO": FieldKind.CHOICE}
TICKED: Final = "true"
# A unit of UCUM is printable ASCII without white space (UCUM 2.1.1).
_UNIT: Final = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the document for one field: its element, and the boxes that are chosen from, if it has such."""

    element: Element
    kind: FieldKind
    boxes: tuple[Element, ...] = ()


def kind_of(element: Element) -> FieldKind | None:
    """What is entered in an element; None for one that is no field."""
    if element.tag == "textarea":
        return FieldKind.LONG_TEXT
    if element.tag == "select":
        return FieldKind.CHOICES if "multiple" in element.attrib else FieldKind.CHOICE
    if element.tag != "input" or _type(element) in NO_FIELDS:
        return None
    if element.get("list"):
        return FieldKind.CHOICE
    return _INPUTS.get(_type(element)) or _TYPES.get(field_type(element), FieldKind.TEXT)


def field_type(element: Element) -> str:
    """MRRT's `data-field-type`, in capitals."""
    return one_line(element.get("data-field-type", "")).upper()


def _type(element: Element) -> str:
    return one_line(element.get("type", "text")).lower()


def field_of(found: Found, key: str, label: str, codes: CodedContent) -> Field:
    """The field that an element stands for. What is not of its kind, such as a bound that is no number, is left out."""
    element, kind = found.element, found.kind
    pairs = tuple(_options(found, codes))
    chosen = tuple(option.value for option, is_chosen in pairs if is_chosen)
    is_number = kind is FieldKind.NUMBER
    return Field(
        key, kind, label,
        code=codes.of(element.get("id", "")),
        unit=_unit(element) if is_number else NO_CODE,
        options=tuple(option for option, _ in pairs),
        is_required=_is_required(element),
        is_expected=not _is_required(element) and _completion(element) == "ALERT",
        default=_default(found, chosen),
        placeholder=one_line(element.get("placeholder", "")),
        fill=one_line(element.get("data-fovea-fill", "")),
        least=_number(element.get("min")) if is_number else None,
        most=_number(element.get("max")) if is_number else None,
        lines=_lines(element) if kind is FieldKind.LONG_TEXT else 3,
    )  # fmt: skip


def _is_required(element: Element) -> bool:
    # PROHIBIT: the report can't be signed without an answer.
    return "required" in element.attrib or _completion(element) == "PROHIBIT"


def _completion(element: Element) -> str:
    return element.get("data-field-completion-action", "").upper()


def _options(found: Found, codes: CodedContent) -> Iterator[tuple[Option, bool]]:
    """What may be chosen, and whether it is from the start; what has no value says that nothing is chosen."""
    seen: set[str] = set()
    for each in found.boxes:
        # What stands in an option, or behind a box.
        text = one_line(text_of(each) if each.tag == "option" else each.tail or "")
        value = one_line(each.get("value", text))
        if value and value not in seen:
            seen.add(value)
            is_chosen = "selected" in each.attrib or "checked" in each.attrib
            yield Option(value, one_line(each.get("label", text)) or value, codes.of(each.get("id", ""))), is_chosen


def _default(found: Found, chosen: tuple[str, ...]) -> str | tuple[str, ...]:
    element, kind = found.element, found.kind
    if kind is FieldKind.CHOICES:
        return chosen
    if kind is FieldKind.CHOICE:
        return chosen[0] if chosen else ""
    if kind is FieldKind.CHECK:
        return TICKED if "checked" in element.attrib else ""
    if kind is FieldKind.LONG_TEXT:
        return lines_of(element.text or element.get("value", ""))
    return one_line(element.get("value", ""))


def _unit(element: Element) -> Code:
    value = one_line(element.get("data-field-units", ""))
    if not _UNIT.fullmatch(value):
        return NO_CODE
    scheme = one_line(element.get("data-fovea-unit-scheme", "UCUM"))
    return Code(one_line(element.get("data-fovea-unit-meaning", value)), value, scheme)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None


def _lines(element: Element) -> int:
    rows = element.get("rows", "")
    return min(int(rows), limits.LINES) if rows.isascii() and rows.isdigit() and 0 < int(rows) < 10**6 else 3
