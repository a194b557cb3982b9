"""Taking a part of the record out: as the standard's messages in XML, as CSV, as JSON."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar

import orjson
from django.db.models import QuerySet
from django.utils import timezone

from apps.audit.codes import code_of
from apps.audit.messages import message
from apps.audit.models import Event
from apps.core.serializers import camel

COLUMNS: Final = (
    "sequence", "at", "until", "action", "event_id", "outcome", "actor", "on_behalf_of", "address", "via", "practice",
    "source", "study_instance_uid", "patient", "count", "detail", "reason", "request_id", "prev_hash", "hash",
)  # fmt: skip
# What a spreadsheet takes for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE: Final = 2000

Rows = QuerySet[Event]
SomeRows = TypeVar("SomeRows", bound=Rows)


def period(events: SomeRows, first: date | None, last: date | None) -> SomeRows:
    """The events of these days, both included, in the site's time zone; None leaves that end open."""
    if first:
        events = events.filter(at__gte=_start_of(first))
    return events.filter(at__lt=_start_of(last + timedelta(days=1))) if last else events


def as_json(events: Rows) -> Iterator[bytes]:
    """A JSON array of objects with camelCase names, one a line."""
    before = b"[\n"
    for event in _in_order(events):
        yield before + orjson.dumps({camel(name): value for name, value in facts(event).items()})
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def as_csv(events: Rows) -> Iterator[bytes]:
    """A table with a line of names (RFC 4180, UTF-8); no cell is a formula."""
    yield _csv_line(list(COLUMNS))
    for event in _in_order(events):
        yield _csv_line([inert(str(value)) if value is not None else "" for value in facts(event).values()])


def as_xml(events: Rows) -> Iterator[bytes]:
    """The messages (PS3.15 A.5) within an element of our own, one a line."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<AuditMessages>\n'
    for event in _in_order(events):
        yield message(event) + b"\n"
    yield b"</AuditMessages>\n"


FORMATS: Final[dict[str, tuple[Callable[[Rows], Iterator[bytes]], str]]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "xml": (as_xml, "application/xml"),
}


def facts(event: Event) -> dict[str, Any]:
    """What an event says, by the names of `COLUMNS`; times are ISO 8601 in UTC."""
    own = {name: getattr(event, name) for name in COLUMNS if name not in {"event_id", "practice"}}
    own |= {"event_id": code_of(event.action).event.value, "practice": event.practice_id}
    own |= {"at": _iso(event.at), "until": _iso(event.until)}
    return {name: own[name] for name in COLUMNS}


def inert(cell: str) -> str:
    """The cell's text with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _in_order(events: Rows) -> Iterator[Event]:
    return events.order_by("practice_id", "sequence").iterator(_AT_ONCE)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _csv_line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
