"""The jobs that move studies between this archive and remotes. Their parameters are numbers and UIDs alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, principal_of
from apps.core.errors import NotFound, Refused
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.registry import job
from apps.remotes.models import Remote
from apps.remotes.reaching import NO_SUCH, usable
from apps.saying import say

# A CBCT or a cine loop over a slow line takes hours.
SECONDS: Final = 6 * 3600
IMPORT_ATTEMPTS: Final = 5
SEND_ATTEMPTS: Final = 8
VIA: Final = "job"


@job("remote-import", max_attempts=IMPORT_ATTEMPTS, timeout=SECONDS)
def remote_import(
    handle: JobHandle, *, remote: int, studies: Sequence[str], by_command: bool = False
) -> dict[str, Any]:
    """Import studies from a remote."""
    from apps.remotes import importing

    who = asker(handle, remote, by_command)
    return importing.run(handle, usable(who, remote, Permission.FETCH), studies, who)


@job("remote-send", max_attempts=SEND_ATTEMPTS, timeout=SECONDS)
def remote_send(
    handle: JobHandle, *, remote: int, studies: Sequence[str], series: Sequence[str], by_command: bool = False
) -> dict[str, Any]:
    """Send studies and series to a remote."""
    from apps.remotes import exporting

    who = asker(handle, remote, by_command)
    return exporting.run(handle, usable(who, remote, Permission.SEND), studies, series, who)


def command(practice_id: int) -> Principal:
    """Whoever has a shell on the server."""
    return Principal.worker(practice_id, "manage.py remote")


def asker(handle: JobHandle, remote: int, by_command: bool = False) -> Principal:
    """Whoever asked for the job, with the rights that they have now.

    Raises Refused where their account is closed.
    """
    asked = Job.objects.select_related("requested_by").get(pk=handle.job_id)
    practice_id = asked.practice_id
    if practice_id is None or not Remote.objects.filter(pk=remote, practice=practice_id).exists():
        raise NotFound(NO_SUCH)
    if by_command:
        return command(practice_id)
    who = principal_of(asked.requested_by)
    if who is None:
        raise Refused(say("The account of whoever asked for this is closed."))
    return replace(who, via=VIA)
