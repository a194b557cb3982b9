"""Reads are on record too, and cost next to nothing: equal ones are counted together, here and then in the database.

Opening a study of five hundred slices is one event with a count, not five hundred events.
"""

import atexit
import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from time import time
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection

from apps.accounts.principal import Principal
from apps.audit import pending
from apps.audit.entries import LENGTHS
from apps.audit.models import Event
from apps.audit.record import is_outside
from apps.core import requests
from apps.core.errors import Unavailable
from apps.saying import say

logger = logging.getLogger(__name__)

# With more kinds of reads than this the writer doesn't wait; with many more it can't write, and nothing more is given.
MANY: Final = 1000
MOST: Final = 20 * MANY

Facts = tuple[Any, ...]
_NAMES: Final = (
    "action", "actor", "on_behalf_of", "via", "address", "practice_id", "study_instance_uid", "patient", "source",
    "detail", "outcome", "is_outside",
)  # fmt: skip

# For each kind: how often, and from when to when, in seconds since 1970.
_tallies: dict[Facts, list[float]] = {}
_lock = threading.Lock()
_wake = threading.Event()
_writer: threading.Thread | None = None


def note(
    principal: Principal, practice_id: int, study_instance_uid: str, what: str, count: int = 1, *, patient: str = ""
) -> None:
    """Put on record that the principal was given something of a study (PS3.15 A.5.3.6): `what`, such as "frames".

    `patient` is a pseudonym; left out, it is looked up when the event is written. Raises Unavailable when the record
    has not been to be written for long: what can't be on record isn't given.
    """
    outside = is_outside(principal, practice_id)
    _add(Event.Action.ACCESS, principal, (practice_id, study_instance_uid, patient, what, "", 0, outside), count)


def note_search(principal: Principal, what: str, attributes: Iterable[str], count: int) -> None:
    """Put on record that the principal searched for `what`, with so many answers (PS3.15 A.5.3.10).

    It tells by which attributes, and leaves out the values that were looked for: they name patients.
    """
    detail = " ".join(attributes)[: LENGTHS["detail"]]
    _add(Event.Action.QUERY, principal, (principal.practice_id, "", "", what, detail, 0, False), count)


def note_use(principal: Principal, what: str, detail: str = "") -> None:
    """Put on record that the principal looked at the record itself (PS3.15 A.5.3.2)."""
    detail = detail[: LENGTHS["detail"]]
    _add(Event.Action.LOG_USED, principal, (principal.practice_id, "", "", what, detail, 0, False), 1)


def note_refusal(
    action: Event.Action,
    actor: str,
    *,
    practice_id: int | None,
    source: str,
    detail: str = "",
    address: str = "",
    count: int = 1,
) -> None:
    """Put on record that something was refused to somebody: as often as they try.

    `address` is where from, for what isn't refused in the request at hand.
    """
    exchange = requests.current()
    via, here = (exchange.via, exchange.address) if exchange else ("", "")
    what = practice_id, "", "", source, detail[: LENGTHS["detail"]], int(Event.Outcome.MINOR_FAILURE), False
    _count((action.value, actor, "", via, address or here, *what), count)


def flush() -> None:
    """Put all that waits on record now, without waiting for a pause."""
    _hand_over()
    pending.settle(everything=True)


def _add(action: Event.Action, principal: Principal, what: Facts, count: int) -> None:
    exchange = requests.current()
    address = exchange.address if exchange else ""
    _count((action.value, principal.username, principal.on_behalf_of, principal.via, address, *what), count)


def _count(facts: Facts, count: int) -> None:
    now = time()
    with _lock:
        tally = _tallies.get(facts)
        if tally is not None:
            tally[0] += count
            tally[2] = now
            return
        kinds = len(_tallies)
        if kinds >= MOST:
            raise Unavailable(
                say("The record can't be written now, and nothing is given that is not on record. Try again.")
            )
        _tallies[facts] = [count, now, now]
    if _writer is None or not _writer.is_alive():
        _start_writer()
    if kinds >= MANY:
        _wake.set()


def _hand_over() -> None:
    """Give what was counted in this process to the database. What it doesn't take waits on, up to the bound."""
    with _lock:
        waiting = dict(_tallies)
        _tallies.clear()
    if not waiting:
        return
    try:
        pending.add(_tally(facts, *tally) for facts, tally in waiting.items())
    except BaseException:
        _take_back(waiting)
        raise


def _tally(facts: Facts, count: float, began: float, last: float) -> pending.Tally:
    began_at, last_at = datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(last, UTC)
    return pending.Tally(dict(zip(_NAMES, facts, strict=True)), int(count), began_at, last_at)


def _take_back(waiting: dict[Facts, list[float]]) -> None:
    with _lock:
        for facts, (count, began, last) in waiting.items():
            later = _tallies.get(facts, [0, began, last])
            _tallies[facts] = [later[0] + count, began, later[2]]


def _start_writer() -> None:
    """A thread of this process; none with AUDIT_FLUSH_SECONDS at 0, as in tests."""
    global _writer  # noqa: PLW0603 - one thread a process
    if not settings.AUDIT_FLUSH_SECONDS:
        return
    with _lock:
        if _writer is None:
            atexit.register(_write, everything=True)
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_on, name="audit", daemon=True)
            _writer.start()


def _write_on() -> None:
    while True:
        _wake.wait(settings.AUDIT_FLUSH_SECONDS)
        _wake.clear()
        _write()


def _write(*, everything: bool = False) -> None:
    """One round. A database that is away is asked again in the next one."""
    try:
        _hand_over()
        pending.settle(everything=everything)
    except Error:
        logger.exception("Reads could not be put on record; they wait.")
        connection.close()
