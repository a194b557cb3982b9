"""What the store writes for webhooks: that a study has new images, in the transaction that stores them."""

from collections.abc import Sequence
from typing import Final

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.archive.events import Brought
from apps.webhooks import interest
from apps.webhooks.kinds import STUDY_RECEIVED

# By hand: the ORM would cost as much again as the row.
INSERT: Final = (
    "INSERT INTO webhooks_reception (study_id, practice_id, instances, due_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (study_id) DO UPDATE SET instances = webhooks_reception.instances + excluded.instances"
)


def note(cursor: CursorWrapper, brought: Sequence[Brought]) -> None:
    """Count what has come of each study of a practice that tells anybody of it."""
    telling = interest.practices(STUDY_RECEIVED)
    counts: dict[tuple[int, int], int] = {}
    for each in brought:
        if each.origin.practice_id in telling:
            key = each.study_pk, each.origin.practice_id
            counts[key] = counts.get(key, 0) + len(each.sop_instance_uids)
    if not counts:
        return
    stamp = cursor.db.ops.adapt_datetimefield_value(timezone.now())
    # In one order everywhere, so that two never wait for each other.
    rows = [(study_pk, practice_id, count, stamp) for (study_pk, practice_id), count in sorted(counts.items())]
    cursor.executemany(INSERT, rows)
