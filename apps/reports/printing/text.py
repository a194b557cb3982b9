"""A report as plain text in lines of eighty columns, as e-mail, terminals and HL7 have it. Pure."""

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Final

from apps.dicom.spoken import spoken_date, unturned
from apps.reports.content.document import Document, Measured, Passage, Signed, Statement
from apps.reports.printing import heads
from apps.reports.printing.charts import said_value
from apps.reports.printing.parts import Tell
from apps.reports.printing.signatures import said_moment
from apps.reports.printing.tables import TITLE, UNVERIFIED
from apps.saying import say

COLUMNS: Final = 80
_INDENT: Final = "  "
# Letters of twice the width: eighty columns take forty of them (Unicode UAX #11).
_WIDE: Final = frozenset("WF")


def text_of(document: Document, tell: Tell = str) -> str:
    """The report in paragraphs with an empty line between them; `tell` puts the software's own texts into the
    document's language. Nothing in it turns what comes after it around; all else is as it was written."""
    blocks = [_head(document, tell), *_passages(document.passages), _measurements(document, tell)]
    blocks += [_key_images(document, tell), _foot(document, tell)]
    return unturned("\n\n".join("\n".join(block) for block in blocks if block) + "\n")


def _head(document: Document, tell: Tell) -> list[str]:
    said = heads.BANNERS.get(document.status)
    facts = [*heads.patient_facts(document, tell), *heads.examination_facts(document)]
    named = [f"{tell(label)}: {value}" for label, value in facts if value]
    return [document.practice, document.title, *([tell(said)] if said else []), "", *named]


def _passages(passages: tuple[Passage, ...], depth: int = 0) -> Iterator[list[str]]:
    for passage in passages:
        lines = [_INDENT * depth + (passage.title.upper() if depth == 0 else passage.title)]
        for statement in passage.statements:
            lines += _statement(statement, depth)
        yield lines
        yield from _passages(passage.passages, depth + 1)


def _statement(statement: Statement, depth: int) -> list[str]:
    label = f"{statement.label}: " if statement.label else ""
    lines = f"{label}{statement.text}".split("\n")
    return [wrapped for line in lines for wrapped in _wrapped(line, _INDENT * (depth + 1))]


def _wrapped(line: str, indent: str) -> list[str]:
    is_wide = any(unicodedata.east_asian_width(each) in _WIDE for each in line)
    width = COLUMNS // 2 if is_wide else COLUMNS
    return textwrap.wrap(
        line, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, expand_tabs=False,
        replace_whitespace=False,
    ) or [""]  # fmt: skip


def _measurements(document: Document, tell: Tell) -> list[str]:
    rows = document.measurements
    if not rows:
        return []
    note = [] if all(row.is_verified for row in rows) else _wrapped(tell(UNVERIFIED), _INDENT)
    return [tell(TITLE).upper(), *(line for row in rows for line in _wrapped(_measured(row), _INDENT)), *note]


def _measured(row: Measured) -> str:
    last = row.earlier[-1] if row.earlier else None
    past = f" ({spoken_date(last.date)}: {said_value(last.value, row.unit.value)})" if last else ""
    change = "" if row.change is None else f", {row.change:+.0f} %"
    mark = "" if row.is_verified else " *"
    what = dict.fromkeys(filter(None, (row.label, row.concept.said, row.derivation.said, row.site.said)))
    return f"{', '.join(what)}: {said_value(row.value, row.unit.value)}{mark}{past}{change}"


def _key_images(document: Document, tell: Tell) -> list[str]:
    named = [f"{number}. {image.caption}".strip() for number, image in enumerate(document.key_images, 1)]
    if not named:
        return []
    return [tell(say("Key images")).upper(), *(line for each in named for line in _wrapped(each, _INDENT))]


def _foot(document: Document, tell: Tell) -> list[str]:
    signed = document.signed
    if signed is None:
        return [tell(say("Not signed"))]
    return [line for each in _signature(signed, tell) for line in _wrapped(each, "")]


def _signature(signed: Signed, tell: Tell) -> Iterator[str]:
    yield ", ".join(filter(None, (heads.full_name(signed.name), signed.credentials)))
    yield tell(say("Signed electronically: {moment}", moment=said_moment(signed.at)))
    if signed.reason:
        yield tell(say("Reason for the amendment: {reason}", reason=signed.reason))
    yield f"{tell(say('SHA-256 of what was signed:'))} {signed.digest}"
