"""An instance's header as the rows of a table: bounded, and nothing in it but text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext
from pydicom.datadict import keyword_for_tag

from apps.archive.templatetags.dicom_text import counted

ROWS: Final = 1500
VALUES: Final = 32
LENGTH: Final = 240
DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One attribute; `depth` is how many sequences it lies in."""

    tag: str
    keyword: str
    vr: str
    value: str
    depth: int


def header_rows(attributes: Mapping[str, Any]) -> tuple[list[HeaderRow], bool]:
    """The rows of a header in DICOM JSON (PS3.18 F.2), sequences opened; and whether these are all of them."""
    rows = list(islice(_rows(attributes, 0), ROWS + 1))
    return rows[:ROWS], len(rows) <= ROWS


def _rows(attributes: Mapping[str, Any], depth: int) -> Iterator[HeaderRow]:
    for tag in sorted(attributes):
        attribute = attributes[tag]
        vr, values = str(attribute.get("vr", "")), attribute.get("Value") or []
        text = counted(len(values), "item") if vr == "SQ" else _text(attribute, values)
        yield HeaderRow(f"({tag[:4]},{tag[4:]})", _keyword(tag), vr, text, depth)
        if vr == "SQ" and depth < DEPTH:
            for number, item in enumerate(values, 1):
                yield HeaderRow("", gettext("Item %(number)s") % {"number": number}, "", "", depth + 1)
                yield from _rows(item, depth + 1)


def _keyword(tag: str) -> str:
    return keyword_for_tag(int(tag, 16)) or (gettext("Private") if int(tag[:4], 16) % 2 else "")


def _text(attribute: Mapping[str, Any], values: list[Any]) -> str:
    if "BulkDataURI" in attribute:
        return gettext("Bulk data, kept in the file")
    if "InlineBinary" in attribute:
        return _cut(f"Base64 {attribute['InlineBinary']}")
    text = "\\".join(_value(value) for value in values[:VALUES])
    more = f" … ({counted(len(values), 'value')})" if len(values) > VALUES else ""
    return _cut(text) + more


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "=".join(str(value.get(group, "")) for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
    return "" if value is None else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…"
