"""Not waiting any longer: a destination is tried now, a study goes before all others."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict
from apps.remotes.models import Remote
from apps.routing.models import Destination, Outgoing, OutgoingState, Priority
from apps.saying import say

SOURCE: Final = "routing"


def try_now(remote: Remote, who: Principal) -> int:
    """Let the router try again at once, whatever pause it has made; how many studies wait for it. On record."""
    now = timezone.now()
    with transaction.atomic():
        Destination.objects.filter(remote=remote, open_since__isnull=False).update(probe_at=now)
        waiting = Outgoing.objects.filter(remote=remote, state=OutgoingState.WAITING)
        waiting.filter(not_before__gt=now).update(not_before=now)
        count = waiting.count()
        detail = f"asked to try {remote.name} again now"
        tell(Action.CONFIGURATION, principal=who, practice_id=remote.practice_id, detail=detail, source=SOURCE)
    return count


def send_first(outgoing: Outgoing, who: Principal) -> None:
    """Put it before all else that waits for its destination, on record. Raises Conflict for one that does not wait."""
    with transaction.atomic():
        rows = Outgoing.objects.filter(pk=outgoing.pk, state=OutgoingState.WAITING)
        if not rows.update(priority=Priority.HIGH, not_before=timezone.now()):
            raise Conflict(say("It does not wait any more."))
        tell(
            Action.CONFIGURATION, principal=who, practice_id=outgoing.practice_id,
            study_instance_uid=outgoing.study_instance_uid, detail=f"asked to send first to {outgoing.remote.name}",
            source=SOURCE,
        )  # fmt: skip
