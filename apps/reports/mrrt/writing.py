"""Writing a template as a file of MRRT's: `structure_of` reads the same structure from it."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from apps.dicom.sr_tree import Code
from apps.reports.content.structure import Field, FieldKind, Note, Option, Section, Structure
from apps.reports.mrrt.codes import xml_of
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.fields import TICKED
from apps.reports.mrrt.head import GENERATOR
from apps.reports.mrrt.rules import findings_of

# The box of each kind, by the type of its `input`, and what MRRT calls it.
_INPUTS: Final = {
    FieldKind.TEXT: ("text", "TEXT"),
    FieldKind.NUMBER: ("number", "NUMBER"),
    FieldKind.DATE: ("date", "DATE"),
    FieldKind.TIME: ("time", "TIME"),
    FieldKind.CHECK: ("checkbox", "CHECKBOX"),
}


def source_of(structure: Structure) -> str:
    """The template as HTML5. Raises BadTemplate for a structure that can't be one (see `rules`)."""
    problems = [Problem(text) for _, text in findings_of(structure)]
    if problems:
        raise BadTemplate(*problems)
    xml = xml_of(structure.code, structure.procedures, _entries(structure.sections))
    return "\n".join(
        [
            "<!DOCTYPE html>", f'<html lang="{structure.language}">', "<head>", '<meta charset="UTF-8">',
            f"<title>{escape(structure.title)}</title>", *_metadata(structure), '<script type="text/xml">', xml,
            "</script>", "</head>", "<body>", *_lines(structure.sections, 1), "</body>", "</html>", "",
        ]
    )  # fmt: skip


def _metadata(structure: Structure) -> Iterator[str]:
    said = {
        "generator": GENERATOR,
        "dcterms.identifier": structure.identifier,
        "dcterms.title": structure.title,
        "dcterms.description": structure.description,
        "dcterms.type": "IMAGE_REPORT_TEMPLATE",
        "dcterms.language": structure.language,
        "dcterms.creator": structure.creator,
        "dcterms.publisher": structure.publisher,
        "dcterms.rights": structure.rights,
        "dcterms.subject": "; ".join(structure.modalities),
    }
    yield from (f'<meta name="{name}" content="{escape(content)}">' for name, content in said.items() if content)


def _entries(sections: Iterable[Section]) -> Iterator[tuple[str, Code]]:
    """The codes of sections, fields and options, by the ids of their elements."""
    for section in sections:
        if section.code:
            yield section.key, section.code
        for item in section.items:
            if isinstance(item, Section):
                yield from _entries([item])
            elif isinstance(item, Field):
                yield from _entries_of(item)


def _entries_of(field: Field) -> Iterator[tuple[str, Code]]:
    if field.code:
        yield field.key, field.code
    yield from ((_id(field, number), option.code) for number, option in enumerate(field.options) if option.code)


def _id(field: Field, number: int) -> str:
    # A point is in no key.
    return f"{field.key}.{number}"


def _lines(sections: Iterable[Section], level: int) -> Iterator[str]:
    for section in sections:
        title = escape(section.title)
        yield f'<section id="{section.key}" class="level{level}" data-section-name="{title}">'
        yield f'<header class="level{level}">{title}</header>'
        for item in section.items:
            yield from _item(item, level)
        yield "</section>"


def _item(item: Section | Field | Note, level: int) -> Iterator[str]:
    if isinstance(item, Section):
        yield from _lines([item], level + 1)
    elif isinstance(item, Note):
        yield f"<p>{escape(item.text)}</p>"
    else:
        yield f'<p><label for="{item.key}">{escape(item.label)}</label>'
        yield f"{_box(item)}</p>"


def _box(field: Field) -> str:
    if field.kind is FieldKind.LONG_TEXT:
        # HTML takes away the first end of a line.
        return f'<textarea{_attributes(field, "TEXT")} rows="{field.lines}">\n{escape(_text(field))}</textarea>'
    if field.options:
        multiple = " multiple" if field.kind is FieldKind.CHOICES else ""
        options = "\n".join(_options(field))
        return f"<select{_attributes(field, 'SELECTION_LIST')}{multiple}>\n{options}\n</select>"
    kind, name = _INPUTS[field.kind]
    return f'<input type="{kind}"{_attributes(field, name)}{_value(field)}>'


def _options(field: Field) -> Iterator[str]:
    chosen = field.default if isinstance(field.default, tuple) else (field.default,)
    if field.kind is FieldKind.CHOICE:
        yield '<option value=""></option>'
    yield from (
        _option(_id(field, number), option, is_chosen=option.value in chosen)
        for number, option in enumerate(field.options)
    )


def _option(identifier: str, option: Option, *, is_chosen: bool) -> str:
    selected = " selected" if is_chosen else ""
    return f'<option id="{identifier}" value="{escape(option.value)}"{selected}>{escape(option.label)}</option>'


def _attributes(field: Field, kind: str) -> str:
    said = {
        "id": field.key,
        "name": field.label,
        "data-field-type": kind,
        "data-field-completion-action": _completion(field),
        "data-field-merge-flag": "true" if field.fill else "",
        "data-fovea-fill": field.fill,
        "placeholder": field.placeholder,
        **_unit(field.unit),
        "min": _number(field.least),
        "max": _number(field.most),
        "step": "any" if field.kind is FieldKind.NUMBER else "",
    }
    return "".join(f' {name}="{escape(value)}"' for name, value in said.items() if value)


def _completion(field: Field) -> str:
    if field.is_required:
        return "PROHIBIT"
    return "ALERT" if field.is_expected else "NONE"


def _unit(unit: Code) -> dict[str, str]:
    """The unit, and what MRRT doesn't say of it: another scheme than UCUM, and a name that is not the unit itself."""
    scheme = "" if unit.scheme == "UCUM" else unit.scheme
    meaning = "" if unit.meaning == unit.value else unit.meaning
    return {"data-field-units": unit.value, "data-fovea-unit-scheme": scheme, "data-fovea-unit-meaning": meaning}


def _number(number: float | None) -> str:
    return "" if number is None else repr(float(number)).removesuffix(".0")


def _value(field: Field) -> str:
    if field.kind is FieldKind.CHECK:
        return f' value="{TICKED}"{" checked" if field.default else ""}'
    text = _text(field)
    return f' value="{escape(text)}"' if text else ""


def _text(field: Field) -> str:
    return field.default if isinstance(field.default, str) else ""
