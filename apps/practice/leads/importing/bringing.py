"""A table of people: read, looked at row by row, and taken."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from apps.accounts.principal import Principal
from apps.core import tables
from apps.core.errors import Invalid, TooLarge
from apps.practice.leads import bulk
from apps.practice.leads.bulk import Change, Progress, Taken
from apps.practice.leads.importing import columns
from apps.practice.leads.importing.cells import DateOrder, facts_of, guess_order
from apps.saying import say

MAX_BYTES: Final = 8 << 20
MOST_ROWS: Final = bulk.MOST_AT_ONCE


@dataclass(frozen=True, slots=True)
class Table:
    """A table's column names, and its rows, each with the number of its line."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Raises TooLarge over 8 MiB, and Invalid for no table, or one of more than 20,000 rows."""
        if len(data) > MAX_BYTES:
            raise TooLarge(say("A table has at most {max_bytes} MiB. Give it in parts.", max_bytes=MAX_BYTES >> 20))
        rows = list(tables.rows(data, 2 * MOST_ROWS))
        if len(rows) < 2:
            raise Invalid(say("The table is empty: its first line names the columns, and each other line is a person."))
        if len(rows) > MOST_ROWS + 1:
            raise Invalid(say("A table has at most {most_rows} rows. Give it in parts.", most_rows=MOST_ROWS))
        return cls(tuple(cell.strip() for cell in rows[0][1]), tuple(rows[1:]))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is read: what each column says (a name of `columns.TARGETS`, or nothing), and its days."""

    targets: tuple[str, ...]
    order: DateOrder = DateOrder.DAY_FIRST

    @classmethod
    def guessed(cls, table: Table, targets: Sequence[str] = ()) -> Self:
        """By the columns' names, unless `targets` says it, and by the birth dates that there are."""
        said = tuple(targets) or columns.guess(table.headers)
        place = said.index("birth_date") if "birth_date" in said else None
        days = [row[place].strip() for _, row in table.rows if place is not None and len(row) > place]
        return cls(said, guess_order(days))


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a row of the table: its line, and the lead's name as people say it."""

    number: int
    name: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class Report:
    """What becomes of each row."""

    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows come to what, by the values of Change."""
        counted = Counter(line.taken.change for line in self.lines)
        return {change.value: counted[change] for change in Change}

    @property
    def words(self) -> str:
        """All of it in a line."""
        said = {"created": "new", "changed": "changed", "same": "as before", "wrong": "not taken"}
        return ", ".join(f"{count} {said[name]}" for name, count in self.counts.items() if count)


def bring(
    who: Principal,
    practice_id: int,
    table: Table,
    plan: Plan,
    *,
    source: str,
    is_preview: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Take the people of a table: each row by itself, wrong ones are left out; with `is_preview` only say so.

    A row is about the lead of its external or patient ID, else of the same names and birth date. An empty cell leaves
    what is known as it is. Raises what `bulk.upsert_many` raises, and Invalid for columns that can't be taken so.
    """
    columns.check(plan.targets, table.headers)
    rows = [facts_of(row, plan.targets, table.headers, plan.order) for _, row in table.rows]
    taken = bulk.upsert_many(
        who, practice_id, rows, source=source, by_person=True, is_preview=is_preview, progress=progress
    )
    lines = zip(table.rows, rows, taken, strict=True)
    return Report(tuple(Line(number, _name(row), one) for (number, _), row, one in lines))


def _name(row: dict[str, object]) -> str:
    return ", ".join(str(row[name]) for name in ("family_name", "given_name") if row.get(name))
