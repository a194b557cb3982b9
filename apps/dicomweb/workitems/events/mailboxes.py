"""The events that wait for subscribers, in the database."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import close_old_connections

from apps.dicomweb.workitems.events.admission import Mailbox
from apps.worklist.models import WorkitemEvent

# How many events one look at the table takes along.
AT_ONCE: Final = 500

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event report that has not been delivered: its row's key, and its data set in the DICOM JSON model."""

    key: int
    report: dict[str, Any]


def own_connection(function: Callable[P, R]) -> Callable[P, R]:
    """For a thread that outlives what it does: a connection to the database that broke is opened anew."""

    @wraps(function)
    def with_connection(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return with_connection


@own_connection
def waiting(mailboxes: Collection[Mailbox]) -> dict[Mailbox, list[Waiting]]:
    """What waits for these, the oldest first; 500 events at most."""
    rows = WorkitemEvent.objects.filter(
        practice_id__in={box.practice_id for box in mailboxes}, subscriber__in={box.subscriber for box in mailboxes}
    ).order_by("pk")
    found: dict[Mailbox, list[Waiting]] = {}
    for row in rows[:AT_ONCE]:
        box = Mailbox(row.practice_id, row.subscriber)
        if box in mailboxes:
            found.setdefault(box, []).append(Waiting(row.pk, row.report))
    return found


@own_connection
def forget(keys: Iterable[int]) -> None:
    """These have been delivered."""
    WorkitemEvent.objects.filter(pk__in=list(keys)).delete()
