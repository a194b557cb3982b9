"""Writing the record: events are added in the transaction of what they tell of."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.audit.models import Event


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written; see `Event` for what its fields mean."""

    action: Event.Action
    actor: str
    practice_id: int | None
    source: str
    study_instance_uid: str = ""
    count: int = 1
    detail: str = ""
    request_id: str = ""


COLUMNS: Final = tuple(field.name for field in fields(Entry))
# dataclasses.astuple would copy every value deeply.
_values: Final = attrgetter(*COLUMNS)
INSERT: Final = f"INSERT INTO audit_event (at, {', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * (len(COLUMNS) + 1))})"  # noqa: S608


def record(cursor: CursorWrapper, entries: Iterable[Entry]) -> None:
    """Add these events. The caller's transaction decides whether they stand."""
    now = cursor.db.ops.adapt_datetimefield_value(timezone.now())
    rows = [(now, *_values(entry)) for entry in entries]
    if rows:
        cursor.executemany(INSERT, rows)
