"""What changes of people and rights tell whoever listens: the record, which lies above this app."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.dispatch import Signal

from apps.accounts import authentication
from apps.accounts.principal import Principal

# Receivers get `change`, in the transaction of what was changed.
changed = Signal()


class Kind(StrEnum):
    """Which part of the record it belongs to."""

    RIGHTS = "rights"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed what, in the words of the record; `practice_id` is None for what concerns the whole site."""

    kind: Kind
    who: Principal
    practice_id: int | None
    detail: str
    reason: str = ""


def tell(change: Change) -> None:
    """Say it, last in the transaction, and forget what is remembered of users."""
    changed.send(sender=Change, change=change)
    authentication.forget_all()
    # Another thread may have looked them up in the meantime, as they were.
    transaction.on_commit(authentication.forget_all)
