"""Changes of people and rights, which the accounts tell of, on the record."""

from typing import Any, Final

from apps.accounts import events
from apps.audit.models import Event
from apps.audit.record import tell

_ACTIONS: Final = {events.Kind.RIGHTS: Event.Action.RIGHTS, events.Kind.ACCOUNT: Event.Action.ACCOUNT}


def connect() -> None:
    """Listen from now on; done again, it changes nothing."""
    events.changed.connect(_changed, dispatch_uid="apps.audit.changed")


def _changed(*, change: events.Change, **_: Any) -> None:
    tell(
        _ACTIONS[change.kind],
        principal=change.who,
        practice_id=change.practice_id,
        detail=change.detail,
        reason=change.reason,
    )
