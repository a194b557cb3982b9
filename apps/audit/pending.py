"""Reads on their way to the record: kept in a table of their own and counted on, whichever process they come from.

They become an event when they pause (FOVEA_AUDIT_PAUSE), or have gone on for long (FOVEA_AUDIT_LONGEST): a viewer that
takes half a minute to fetch five hundred slices leaves one event.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from blake3 import blake3
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.audit import chain
from apps.audit.entries import Entry
from apps.audit.models import Pending
from apps.audit.record import alert, with_patients

# Rows that one transaction turns into events.
AT_ONCE: Final = 500
ADD: Final = (
    "INSERT INTO audit_pending (key, entry, count, began_at, last_at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key)"
    " DO UPDATE SET count = audit_pending.count + excluded.count, last_at = excluded.last_at"
)


@dataclass(slots=True)
class Tally:
    """How often the same was read, and between what times."""

    facts: dict[str, Any]
    count: int
    began_at: datetime
    last_at: datetime


def add(tallies: Iterable[Tally]) -> None:
    """Count these reads on. `facts` are those of an `Entry`, and `is_outside` for a superuser outside its practices."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = []
    for tally in tallies:
        facts = orjson.dumps(tally.facts, option=orjson.OPT_SORT_KEYS)
        times = adapt(tally.began_at), adapt(tally.last_at)
        rows.append((blake3(facts).hexdigest(), facts.decode(), tally.count, *times))
    # In one order, so that two writers never wait for each other.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(ADD, sorted(rows))


def settle(*, everything: bool = False) -> int:
    """Put on record what has paused or gone on for long, or all of it; gives how many events there were."""
    rows = Pending.objects.all() if everything else _due()
    written = 0
    while rows.exists():
        written += _settle_some(rows)
    return written


def _due() -> QuerySet[Pending]:
    now = timezone.now()
    paused = now - timedelta(seconds=settings.AUDIT_PAUSE_SECONDS)
    long_ago = now - timedelta(seconds=settings.AUDIT_LONGEST_SECONDS)
    return Pending.objects.filter(Q(last_at__lte=paused) | Q(began_at__lte=long_ago))


def _settle_some(rows: QuerySet[Pending]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        chosen = list(rows.select_for_update().order_by("began_at", "key")[:AT_ONCE])
        Pending.objects.filter(pk__in=[row.pk for row in chosen]).delete()
        entries = [entry for row in chosen for entry in _entries(row)]
        chain.append(cursor, with_patients(entries))
    return len(chosen)


def _entries(row: Pending) -> list[Entry]:
    """The event that these reads are, and the alert that they were a superuser's outside its practices."""
    facts = orjson.loads(row.entry)
    is_outside = facts.pop("is_outside")
    until = row.last_at if row.last_at > row.began_at else None
    entry = replace(Entry(**facts), count=row.count, at=row.began_at, until=until)
    return [entry, alert(entry)] if is_outside else [entry]
