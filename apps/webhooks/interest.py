"""Which practices have a webhook for what: asked for every batch that is stored, and so kept in memory for some "
"seconds."""

import time
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from apps.webhooks.models import Webhook

# Seconds that what was read counts: so long may pass until a webhook that was added counts in other processes.
REMEMBERED: Final = 5.0

Wanted = Mapping[str, frozenset[int]]

_read: tuple[float, Wanted] | None = None


def practices(kind: str) -> frozenset[int]:
    """The practices with a webhook for events of this kind, as they were at most some seconds ago."""
    global _read  # noqa: PLW0603 - one a process
    known = _read
    if known is None or time.monotonic() - known[0] >= REMEMBERED:
        known = _read = (time.monotonic(), _wanted())
    return known[1].get(kind, frozenset())


def forget_all() -> None:
    """Read it again the next time."""
    global _read  # noqa: PLW0603 - one a process
    _read = None


def connect() -> None:
    """Let changes that are made in this process count at once; done again, it changes nothing."""
    for signal in (post_save, post_delete):
        signal.connect(_changed, sender=Webhook, dispatch_uid="apps.webhooks.interest")


def _wanted() -> Wanted:
    wanted: dict[str, set[int]] = defaultdict(set)
    for practice_id, kinds in Webhook.objects.filter(is_active=True).order_by().values_list("practice_id", "events"):
        for kind in kinds:
            wanted[kind].add(practice_id)
    return MappingProxyType({kind: frozenset(ids) for kind, ids in wanted.items()})


def _changed(**_: Any) -> None:
    """What is read between now and the commit is as it was before."""
    forget_all()
    transaction.on_commit(forget_all)
