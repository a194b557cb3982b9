"""The figures as tables, and their place in docs/matching.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.matching.judging import Result
from benchmarks.matching.speed import Cost
from benchmarks.report import machine

PAGE: Final = Path("docs/matching.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEADS: Final = ("method", "fields", "twins", "precision", "recall", "F1", "found", "to a person", "wrong")


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one method, with some fields, with or without twins."""

    method: str
    fields: str
    twins: str
    result: Result


def table(rows: Iterable[Row]) -> str:
    """Markdown: a row for each."""
    return "\n".join([_line(HEADS), "|" + "---|" * len(HEADS), *(_line(_cells(row)) for row in rows)])


def _cells(row: Row) -> tuple[str, ...]:
    result = row.result
    shares = (result.precision, result.recall, result.f1, result.found)
    return (
        row.method,
        row.fields,
        row.twins,
        *(f"{share:.5f}" for share in shares),
        str(result.asked),
        str(result.wrong),
    )


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def cost(measured: Cost) -> str:
    """A sentence about the processor time."""
    return (
        f"One patient among {measured.leads:,} leads: {measured.median:.1f} ms of processor time (the dearest "
        f"{measured.worst:.1f} ms), compared with {measured.compared:.0f} leads on average."
    )


def write(text: str) -> None:
    """Put the figures, with their date and machine, between the marks of docs/matching.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    said = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}."
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{text}\n{END}{after}", encoding="utf-8")
