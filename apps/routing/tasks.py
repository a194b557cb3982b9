"""The jobs of routing. Their parameters are keys alone."""

from typing import Any

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.routing.alarms import raising
from apps.routing.commitments import requests
from apps.routing.prefetch import fetching, planning, receivers

# A destination that is asked about many parts, each with its own patience.
SECONDS = 3600


@job(requests.ASK, timeout=SECONDS)
def commitment_request(handle: JobHandle, *, study: int, remote: int) -> dict[str, Any]:
    """Ask a destination to commit itself to keep a study (PS3.4 J.3.2); again, until it answers or days are over."""
    from apps.routing.commitments import running

    return {"state": running.ask(study, remote)}


@job(requests.CLEAR)
def commitment_clear(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Delete a study here that its destinations keep."""
    from apps.routing.commitments import running

    return {"state": running.clear(study)}


@job(raising.KIND)
def routing_alarm(handle: JobHandle, *, alarm: int) -> dict[str, Any]:
    """Tell the practice's administrators of an alarm."""
    from apps.routing.alarms import mailing

    return {"mails": mailing.send(handle, alarm)}


@job(receivers.EVENING)
def prefetch_evening(handle: JobHandle, *, practice: int) -> dict[str, Any]:
    """Want the priors of the patients whom a practice expects tomorrow."""
    return {"patients": planning.expect_tomorrow(practice)}


@job(planning.KIND)
def prefetch_source(handle: JobHandle, *, source: int) -> dict[str, Any]:
    """Ask an archive for the priors of one patient after another."""
    from apps.routing.prefetch import working

    return working.work(handle, source)


@job(fetching.KIND, max_attempts=fetching.ATTEMPTS, timeout=fetching.SECONDS)
def prefetch_import(handle: JobHandle, *, answer: int) -> dict[str, Any]:
    """Fetch the priors of one patient from an archive."""
    return fetching.fetch(handle, answer)
