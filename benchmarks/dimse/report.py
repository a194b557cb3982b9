"""The figures as a table, and their place in docs/performance.md."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.dimse.items import Item
from benchmarks.dimse.nodes import Server
from benchmarks.report import PAGE, machine

BEGIN, END = "<!-- dicom network: begin -->", "<!-- dicom network: end -->"


@dataclass(slots=True)
class Times:
    """Milliseconds for one object at one server, one of each a round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Objects per second."""
        return 1000 / statistics.median(self.wall)

    @property
    def cost(self) -> float:
        """CPU milliseconds."""
        return statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its times by the servers' names."""

    item: Item
    times: dict[str, Times]

    def add(self, name: str, cpu: float, wall: float) -> None:
        self.times[name].cpu.append(cpu)
        self.times[name].wall.append(wall)


def table(rows: Sequence[Row], servers: Sequence[Server]) -> str:
    """Markdown: a row for each item. What is compared is the first server with the second."""
    names = [server.name for server in servers]
    heads = ["item", *(f"{name}: per second · CPU ms" for name in names)]
    if len(names) > 1:
        heads += ["rate, first over second", "CPU, first over second", "aim"]
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *(line(row, names) for row in rows)])


def line(row: Row, names: Sequence[str]) -> str:
    """One row of the table."""
    cells = [row.item.name, *(_cell(row.times.get(name)) for name in names)]
    if len(names) > 1:
        cells += _compared(row, names)
    return "| " + " | ".join(cells) + " |"


def _cell(times: Times | None) -> str:
    if times is None:
        return ""
    return f"{times.rate:.0f} · {times.cost:.2f}" if times.wall else "no answer"


def _compared(row: Row, names: Sequence[str]) -> list[str]:
    first, second = row.times[names[0]], row.times.get(names[1])
    if second is None or not (first.wall and second.wall):
        return ["", "", ""]
    share = f"{first.cost / second.cost:.2f}" if second.cost else ""
    dearest = 0.6 if row.item.stores else row.item.dearest
    aim = "" if row.item.aim is None else f"rate {row.item.aim:g}" + (f", CPU {dearest:g}" if dearest else "")
    return [f"**{first.rate / second.rate:.2f}**", share, aim]


def write(text: str, rounds: int) -> None:
    """Put the table, with its date and machine, between the marks of docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    said = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, medians of {rounds} rounds in turns."
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{text}\n{END}{after}", encoding="utf-8")
