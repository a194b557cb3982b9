"""The figures as a table, and their place in docs/performance.md."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.operations import Operation
from benchmarks.targets import Target

PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(slots=True)
class Figures:
    """One operation at one server: CPU milliseconds and wall milliseconds per object, one a round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    refusal: str = ""

    def cpu_ms(self) -> float:
        return statistics.median(self.cpu)

    def rate(self) -> float:
        return 1000 / statistics.median(self.wall)


@dataclass(frozen=True, slots=True)
class Row:
    """One operation with its figures by the server's name."""

    operation: Operation
    figures: dict[str, Figures]


def table(rows: Sequence[Row], targets: Sequence[Target]) -> str:
    """Markdown: a row an operation, and the most memory that a process of each server has had."""
    names = [target.name for target in targets]
    heads = ["operation", *(f"{name}: CPU ms · per second" for name in names)]
    if len(names) == 2:
        heads += ["CPU, first over second", "aim", "holds"]
    memory = "; ".join(f"{target.name} {target.most_memory()} MiB" for target in targets)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *(line(row, names) for row in rows)]
    return "\n".join([*lines, "", f"Largest resident size of one process during the run: {memory}."])


def line(row: Row, names: Sequence[str]) -> str:
    """One row of the table."""
    cells = [row.operation.name, *(_cell(row.figures[name]) for name in names)]
    if len(names) == 2:
        cells += _compared(row.operation, row.figures[names[0]], row.figures[names[1]])
    return "| " + " | ".join(cells) + " |"


def _compared(operation: Operation, first: Figures, second: Figures) -> list[str]:
    if not (first.cpu and second.cpu and second.cpu_ms()):
        return ["n/a", "", ""]
    share = first.cpu_ms() / second.cpu_ms()
    rate = first.rate() / second.rate()
    if operation.aim is None:
        return [f"{share:.2f}", "", ""]
    if operation.by_rate:
        return [f"{share:.2f}; rate **{rate:.2f}**", f"rate {operation.aim:g}", _holds(rate >= operation.aim)]
    return [f"**{share:.3f}**", f"{operation.aim:.2g}", _holds(share <= operation.aim)]


def _holds(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _cell(figures: Figures) -> str:
    return f"{figures.cpu_ms():.2f} · {figures.rate():.0f}" if figures.cpu else "no answer"


def write(text: str, rounds: int) -> None:
    """Put the table, with its date and machine, between the marks of docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    said = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, medians of {rounds} rounds in turns."
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{text}\n{END}{after}", encoding="utf-8")


def put(begin: str, end: str, lines: Sequence[str], how: str) -> None:
    """Put other tables, with date, machine, load and how they were measured, between marks of their own there."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    said = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, load {os.getloadavg()[1]:.1f}, {how}."
    PAGE.write_text("\n".join([before + begin, said, "", *lines, end]) + after, encoding="utf-8")


def machine() -> str:
    """Its processors, as they call themselves."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} cores of {models[0] if models else platform.machine()}"
