"""A template as a page that shows what a report by it asks for: made of its structure, with nothing of its markup."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from apps.reports.content.structure import Field, FieldKind, Note, Section, Structure

# The page stands in a frame that runs no script and loads nothing (sandbox).
_STYLE: Final = (
    "body{font:14px/1.45 system-ui,sans-serif;margin:16px;color:#1f2937;background:#fff}"
    "h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:18px 0 6px;border-bottom:1px solid #d1d5db}"
    "h3,h4,h5,h6{font-size:14px;margin:12px 0 4px}label{display:block;font-weight:600;margin:8px 0 2px}"
    "input[type=text],textarea,select{width:100%;box-sizing:border-box;font:inherit;padding:4px 6px;"
    "border:1px solid #9ca3af;border-radius:4px;background:#fff;color:inherit}"
    ".number{width:8em!important}small{color:#6b7280;font-weight:400}.must{color:#b91c1c}"
    "p{margin:6px 0}section section{margin-left:14px}"
)
_TYPES: Final = {FieldKind.DATE: "date", FieldKind.TIME: "time", FieldKind.NUMBER: "number"}


def preview_of(structure: Structure) -> str:
    """The page, in HTML5; all texts escaped, all fields with what they begin with."""
    description = f"<p><small>{escape(structure.description)}</small></p>" if structure.description else ""
    body = "".join(_sections(structure.sections, 2))
    return (
        f'<!DOCTYPE html><html lang="{escape(structure.language)}"><head><meta charset="UTF-8">'
        f"<title>{escape(structure.title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(structure.title)}</h1>{description}{body}</body></html>"
    )


def _sections(sections: Iterable[Section], level: int) -> Iterator[str]:
    for section in sections:
        heading = min(level, 6)
        yield f"<section><h{heading}>{escape(section.title)}</h{heading}>"
        yield from (_item(item, level) for item in section.items)
        yield "</section>"


def _item(item: Section | Field | Note, level: int) -> str:
    if isinstance(item, Section):
        return "".join(_sections([item], level + 1))
    return f"<p>{escape(item.text)}</p>" if isinstance(item, Note) else _field(item)


def _field(field: Field) -> str:
    must = ' <span class="must">*</span>' if field.is_required else ""
    about = " ".join(filter(None, (field.unit.said, field.code.exact, field.fill)))
    told = f" <small>{escape(about)}</small>" if about else ""
    return f'<label for="{field.key}">{escape(field.label)}{must}{told}</label>{_box(field)}'


def _box(field: Field) -> str:
    hint = f' placeholder="{escape(field.placeholder)}"' if field.placeholder else ""
    text = field.default if isinstance(field.default, str) else ""
    if field.kind is FieldKind.LONG_TEXT:
        return f'<textarea id="{field.key}" rows="{field.lines}"{hint}>\n{escape(text)}</textarea>'
    if field.options:
        return _select(field)
    if field.kind is FieldKind.CHECK:
        return f'<input type="checkbox" id="{field.key}"{" checked" if text else ""}>'
    kind = _TYPES.get(field.kind, "text")
    narrow = "" if kind == "text" else ' class="number"'
    return f'<input type="{kind}" id="{field.key}" value="{escape(text)}"{narrow}{hint}>'


def _select(field: Field) -> str:
    chosen = field.default if isinstance(field.default, tuple) else (field.default,)
    is_many = field.kind is FieldKind.CHOICES
    options = "".join(
        f"<option{' selected' if option.value in chosen else ''}>{escape(option.label)}</option>"
        for option in field.options
    )
    several = f' multiple size="{min(len(field.options), 6)}"' if is_many else ""
    return f'<select id="{field.key}"{several}>{"" if is_many else "<option></option>"}{options}</select>'
