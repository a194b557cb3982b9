"""Which practices route anything: asked for every batch that is stored, and so kept in memory for some seconds."""

import time
from typing import Any, Final

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from apps.routing.models import Rule

# Seconds that what was read counts: so long may pass until a rule that was switched on counts in other processes.
REMEMBERED: Final = 5.0

_read: tuple[float, frozenset[int]] | None = None


def practices() -> frozenset[int]:
    """The practices with an active rule, as they were at most some seconds ago."""
    global _read  # noqa: PLW0603 - one a process
    known = _read
    if known is None or time.monotonic() - known[0] >= REMEMBERED:
        active = Rule.objects.filter(is_active=True).order_by().values_list("practice_id", flat=True)
        known = _read = (time.monotonic(), frozenset(active.distinct()))
    return known[1]


def forget_all() -> None:
    """Read it again the next time."""
    global _read  # noqa: PLW0603 - one a process
    _read = None


def connect() -> None:
    """Let changes that are made in this process count at once; done again, it changes nothing."""
    for signal in (post_save, post_delete):
        signal.connect(_changed, sender=Rule, dispatch_uid="apps.routing.interest")


def _changed(**_: Any) -> None:
    """What is read between now and the commit is as it was before."""
    forget_all()
    transaction.on_commit(forget_all)
