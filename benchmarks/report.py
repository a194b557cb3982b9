"""The figures as a table, and their place in docs/performance.md."""

import platform
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(slots=True)
class Figures:
    """One operation at one server: CPU milliseconds and wall milliseconds per object, one a round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def cpu_ms(self) -> float:
        return statistics.median(self.cpu)

    def rate(self) -> float:
        return 1000 / statistics.median(self.wall)


def table(results: dict[str, dict[str, Figures]], names: list[str]) -> str:
    """Markdown: a row an operation, the ratio of the first server's CPU to the second's where there are two."""
    heads = [f"{name}: CPU ms · per second" for name in names]
    ratio = ["CPU, first over second"] if len(names) == 2 else []
    lines = ["| " + " | ".join(["operation", *heads, *ratio]) + " |", "|" + "---|" * (1 + len(heads) + len(ratio))]
    return "\n".join([*lines, *(_row(operation, by_name, names) for operation, by_name in results.items())])


def _row(operation: str, by_name: dict[str, Figures], names: list[str]) -> str:
    cells = [_cell(by_name.get(name)) for name in names]
    if len(names) == 2:
        first, second = (by_name.get(name) for name in names)
        known = first and second and second.cpu_ms()
        cells.append(f"**{first.cpu_ms() / second.cpu_ms():.2f}**" if known and first and second else "n/a")
    return "| " + " | ".join([operation, *cells]) + " |"


def _cell(figures: Figures | None) -> str:
    return f"{figures.cpu_ms():.2f} · {figures.rate():.0f}" if figures else "refused"


def write(text: str, rounds: int) -> None:
    """Put the table, with its date and machine, between the marks of docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    said = f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, medians of {rounds} rounds, one connection."
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{text}\n{END}{after}", encoding="utf-8")


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} cores of {models[0] if models else platform.machine()}"
