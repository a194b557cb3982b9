"""The jobs of matching: one study, the studies that changed leads concern, everything."""

from typing import Any, Final

from apps.archive.models import Study
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.linking import changes, deciding
from apps.practice.linking.changes import EVERYTHING, LEADS, MATCH, Say
from apps.saying import say

# An archive may have a million studies; what is left is found again by the next attempt.
LONG: Final = 12 * 3600


@job(MATCH)
def match(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Look whose a study is."""
    row = Study.objects.filter(pk=study).first()
    return {"state": deciding.match(row).state if row else None}


@job(LEADS, timeout=LONG)
def match_leads(handle: JobHandle, *, practice: int) -> dict[str, Any]:
    """Look at the studies that new, changed or removed leads concern."""
    return {"studies": changes.drain(practice, _saying(handle))}


@job(EVERYTHING, timeout=LONG)
def match_all(handle: JobHandle, *, practice: int) -> dict[str, Any]:
    """Look at all studies that were stored before the practice had leads; then at what has changed meanwhile."""
    say = _saying(handle)
    return {"studies": changes.sweep(practice, say) + changes.drain(practice, say)}


def _saying(handle: JobHandle) -> Say:
    return lambda done, total: handle.progress(done, total, say("Studies looked at"))
