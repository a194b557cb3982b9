"""The job that imports studies for a lead. Its parameters are numbers and UIDs alone."""

from collections.abc import Sequence
from typing import Any

from apps.accounts.permissions import Permission
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.devices.importing import KIND
from apps.remotes.reaching import usable
from apps.remotes.tasks import IMPORT_ATTEMPTS, SECONDS, asker


@job(KIND, max_attempts=IMPORT_ATTEMPTS, timeout=SECONDS)
def lead_import(handle: JobHandle, *, remote: int, lead: int, studies: Sequence[str]) -> dict[str, Any]:
    """Import studies from a remote for a lead."""
    from apps.practice.devices import importing

    who = asker(handle, remote)
    return importing.run(handle, usable(who, remote, Permission.FETCH), lead, studies, who)
