"""Worklists as CSV tables: the first line names the columns, each other line is a step."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any, Final

from apps.core import tables
from apps.core.errors import Invalid
from apps.core.tables import plain
from apps.saying import say
from apps.worklist.scheduling import Planned
from apps.worklist.taking import Facts
from apps.worklist.wording import pn_of

MOST_LINES: Final = 5000
_DATES: Final = ("%Y-%m-%d", "%Y%m%d")
_TIMES: Final = ("%H:%M", "%H:%M:%S", "%H%M", "%H%M%S")
_MOMENTS: Final = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")


@dataclass(frozen=True, slots=True)
class Line:
    """A line by its number in the file: what it says of a step, or what is wrong with it."""

    number: int
    facts: Facts
    error: str = ""


def steps(data: bytes) -> Iterator[Line]:
    """The lines of a table in UTF-8 or Windows' Latin script, separated by comma, semicolon, tab or bar.

    Raises Invalid for one without a line of known columns, and for over 5,000 lines.
    """
    columns: list[str] = []
    for number, row in tables.rows(data, MOST_LINES):
        if not columns:
            columns = _columns(row)
        else:
            yield _line(number, columns, row)
    if not columns:
        raise Invalid(say("The table is empty: its first line names the columns."))


def _columns(row: Sequence[str]) -> list[str]:
    """The fields that the columns are of; empty for columns that say nothing of a step."""
    columns = [COLUMNS.get(plain(cell), "") for cell in row]
    wanted = {"patient_id", "patient_name", "modality"}
    if not wanted <= set(columns) or not {"start_date", "start"} & set(columns):
        raise Invalid(
            say("The first line must name at least the columns patient_id, patient_name, modality and start_date.")
        )
    doubled = {column for column in columns if column and columns.count(column) > 1}
    if doubled:
        raise Invalid(say("Two columns say the {names}.", names=", ".join(sorted(doubled))))
    return columns


def _line(number: int, columns: Sequence[str], row: Sequence[str]) -> Line:
    facts: dict[str, Any] = {}
    for column, cell in zip(columns, row, strict=False):
        text = cell.strip()
        if not column or not text:
            continue
        try:
            facts |= _READ.get(column, lambda text, name=column: {name: text})(text)
        except ValueError:
            wanted = _WANTED[column]
            error = say("The column {column} can't be read: write {wanted}.", column=column, wanted=wanted)
            return Line(number, {}, error)
    return Line(number, facts)


def read_date(text: str) -> date:
    """Raises ValueError for what is neither 2024-01-31 nor 20240131."""
    return _first(text, _DATES).date()


def read_time(text: str) -> time:
    """Raises ValueError for what is neither 09:30 nor 0930, with seconds or without."""
    return _first(text, _TIMES).time()


def _moment(text: str) -> dict[str, Any]:
    moment = _first(text, _MOMENTS)
    return {"start_date": moment.date(), "start_time": moment.time()}


def _first(text: str, patterns: Sequence[str]) -> datetime:
    for pattern in patterns:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - by the practice's own clock
        except ValueError:
            continue
    raise ValueError(text)


def _name(column: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: {column: text if "^" in text or "=" in text else pn_of(text)}


_READ: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "start": _moment,
    "start_date": lambda text: {"start_date": read_date(text)},
    "start_time": lambda text: {"start_time": read_time(text)},
    "patient_birth_date": lambda text: {"patient_birth_date": f"{read_date(text):%Y%m%d}"},
    "patient_sex": lambda text: {"patient_sex": text[:1].upper()},
    "modality": lambda text: {"modality": text.upper()},
    "priority": lambda text: {"priority": text.upper()},
    "minutes": lambda text: {"minutes": int(text)},
    **{name: _name(name) for name in ("patient_name", "performing_physician", "referring_physician")},
}
_WANTED: Final = {
    "start": "2024-01-31 09:30",
    "start_date": "2024-01-31",
    "start_time": "09:30",
    "patient_birth_date": "1980-01-31",
    "minutes": say("a whole number"),
}
# By `plain` names: the fields' own, and what other systems call them.
COLUMNS: Final = {plain(each.name): each.name for each in fields(Planned) if each.name != "attributes"} | {
    "birthdate": "patient_birth_date",
    "sex": "patient_sex",
    "name": "patient_name",
    "date": "start_date",
    "time": "start_time",
    "start": "start",
    "scheduledstart": "start",
    "station": "station_titles",
    "stationaetitle": "station_titles",
    "aetitle": "station_titles",
    "device": "station_titles",
    "room": "location",
    "duration": "minutes",
    "accession": "accession_number",
    "studyuid": "study_instance_uid",
}
