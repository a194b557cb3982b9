"""The circuit breaker of a destination: after some failures in a row nothing is sent until an echo is answered."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.remotes.echoing import echo
from apps.remotes.models import Remote
from apps.routing.models import Destination, Outgoing, OutgoingState
from apps.routing.models.outgoing import TEXT_LENGTH


def took(remote_id: int) -> None:
    """It has taken something: all is well. Part of the caller's transaction."""
    Destination.objects.filter(remote=remote_id).update(
        failures=0, failing_since=None, last_taken_at=timezone.now(), last_error=""
    )


def failed(remote_id: int, error: str) -> None:
    """An attempt has failed with which it took nothing."""
    now = timezone.now()
    rows = Destination.objects.filter(remote=remote_id)
    rows.update(
        failures=F("failures") + 1, failing_since=Coalesce("failing_since", now), last_error=error[:TEXT_LENGTH]
    )
    rows.filter(failures__gte=settings.ROUTING_FAILURES, open_since=None).update(open_since=now, probe_at=_next(now))


def due() -> list[int]:
    """The remotes that are to be asked by echo now."""
    rows = Destination.objects.filter(open_since__isnull=False, probe_at__lte=timezone.now(), remote__is_active=True)
    return list(rows.values_list("remote_id", flat=True))


def probe(remote_id: int) -> bool:
    """Ask a destination by one echo, unless another node does so; whether sending goes on.

    One that answers is sent everything that waits, and one that is there but refuses the echo, one study: either may
    not offer what an echo needs, and the next failure is enough to open the circuit again.
    """
    now = timezone.now()
    asking = Destination.objects.filter(remote=remote_id, open_since__isnull=False, probe_at__lte=now)
    if not asking.update(probe_at=_next(now)):
        return False
    answer = echo(Remote.objects.get(pk=remote_id))
    rows = Destination.objects.filter(remote=remote_id, open_since__isnull=False)
    if not (answer.ok or answer.is_refused):
        rows.update(last_error=answer.message[:TEXT_LENGTH])
        return False
    _wake(remote_id, only_one=not answer.ok)
    rows.update(open_since=None, probe_at=None, failures=settings.ROUTING_FAILURES - 1)
    return True


def _wake(remote_id: int, *, only_one: bool) -> None:
    """What failed before need not wait out its pause."""
    waiting = Outgoing.objects.filter(remote=remote_id, state=OutgoingState.WAITING)
    if only_one:
        waiting = waiting.filter(
            pk__in=list(waiting.order_by("priority", "created_at", "id").values_list("pk", flat=True)[:1])
        )
    waiting.filter(not_before__gt=timezone.now()).update(not_before=timezone.now())


def _next(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.ROUTING_ECHO_SECONDS)
