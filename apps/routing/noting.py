"""What the store writes for the rules: one row for what came together, in the transaction that stores it."""

from collections.abc import Sequence
from typing import Final

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.archive.events import Brought
from apps.routing import interest

# By hand: the ORM would cost as much again as the row.
INSERT: Final = (
    "INSERT INTO routing_arrival (practice_id, study_id, sop_instance_uids, remote_id, calling_title, address,"
    " arrived_at, is_seen, is_settled) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)

_Whence = tuple[int, int, int | None, str, str]


def note(cursor: CursorWrapper, brought: Sequence[Brought]) -> None:
    """Write down what a practice that routes anything has got; what came from one node at one moment is one row."""
    routing = interest.practices()
    together: dict[_Whence, list[str]] = {}
    for each in brought:
        origin = each.origin
        if origin.practice_id in routing:
            whence = origin.practice_id, each.study_pk, origin.remote_id, origin.calling_title, each.address
            together.setdefault(whence, []).extend(each.sop_instance_uids)
    if not together:
        return
    stamp = cursor.db.ops.adapt_datetimefield_value(timezone.now())
    rows = [
        (practice_id, study_pk, " ".join(uids), remote_id, title, address, stamp, False, False)
        for (practice_id, study_pk, remote_id, title, address), uids in together.items()
    ]
    cursor.executemany(INSERT, rows)
