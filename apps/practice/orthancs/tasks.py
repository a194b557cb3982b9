"""The jobs of what Orthancs tell. Their parameters are keys alone."""

from typing import Any, Final

from apps.core.errors import NotFound, Refused
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.models import Orthanc
from apps.practice.orthancs.asking import FOLLOW, KIND
from apps.saying import say

# Attempts over about half an hour; then retrying.py goes on.
ATTEMPTS: Final = 8
SECONDS: Final = 6 * 3600


@job(KIND, max_attempts=ATTEMPTS, timeout=SECONDS)
def fetch(handle: JobHandle, *, orthanc: int) -> dict[str, Any]:
    """Fetch what an Orthanc has told of."""
    from apps.practice.orthancs import fetching

    known = Orthanc.objects.filter(pk=orthanc).first()
    if known is None:
        raise NotFound(say("This Orthanc is not known here any more."))
    if not known.is_active:
        raise Refused(say("{name} is switched off here.", name=known.name))
    return fetching.run(handle, known)


@job(FOLLOW)
def follow(handle: JobHandle, *, orthanc: int) -> dict[str, Any]:
    """Ask an Orthanc what has changed, again and again."""
    from apps.practice.orthancs import following

    known = Orthanc.objects.filter(pk=orthanc).first()
    return following.run(handle, known) if known else {"follows": False}
