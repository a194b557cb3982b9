"""Reads are on record too, and cost next to nothing: equal ones are counted together and written every few seconds.

Opening a study of five hundred slices is one event with a count, not five hundred events.
"""

import atexit
import logging
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.audit.record import Entry, record

logger = logging.getLogger(__name__)

# More kinds of events than this are written at once instead of waiting: a bound on memory.
PENDING: Final = 1000
# As long as the record's column.
MAX_DETAIL: Final = 250

_pending: Counter[Entry] = Counter()
_lock = threading.Lock()
_writer: threading.Thread | None = None


def note(principal: Principal, practice_id: int, study_instance_uid: str, what: str, count: int = 1) -> None:
    """Put on record that the principal was given something of a study (PS3.15 A.5.3.3): `what`, such as "frames"."""
    _add(Entry(Event.Action.ACCESS, principal.username, practice_id, what, study_instance_uid, 0), count)


def note_search(principal: Principal, what: str, attributes: Iterable[str], count: int) -> None:
    """Put on record that the principal searched for `what`, with so many answers (PS3.15 A.5.3.10).

    It tells by which attributes, and leaves out the values that were looked for: they name patients.
    """
    detail = " ".join(attributes)[:MAX_DETAIL]
    _add(Entry(Event.Action.QUERY, principal.username, principal.practice_id, what, count=0, detail=detail), count)


def _add(entry: Entry, count: int) -> None:
    with _lock:
        _pending[entry] += count
        many = len(_pending) >= PENDING
    if many:
        flush()
    elif _writer is None:
        _start_writer()


def flush() -> None:
    """Write what waits. What can't be written waits on, up to the bound."""
    with _lock:
        waiting = dict(_pending)
        _pending.clear()
    if not waiting:
        return
    try:
        with connection.cursor() as cursor:
            record(cursor, [_counted(entry, count) for entry, count in waiting.items()])
    except DatabaseError:
        logger.exception("Accesses could not be written to the record; they wait.")
        with _lock:
            _pending.update(waiting)


def _counted(entry: Entry, count: int) -> Entry:
    return replace(entry, count=count)


def _start_writer() -> None:
    """A thread of this process; none with AUDIT_FLUSH_SECONDS at 0, as in tests."""
    global _writer  # noqa: PLW0603 - one thread a process
    if not settings.AUDIT_FLUSH_SECONDS:
        return
    with _lock:
        if _writer is None:
            _writer = threading.Thread(target=_write_on, name="audit", daemon=True)
            _writer.start()
            atexit.register(flush)


def _write_on() -> None:
    pause = threading.Event()
    while not pause.wait(settings.AUDIT_FLUSH_SECONDS):
        flush()
