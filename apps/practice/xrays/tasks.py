"""The jobs of X-rays: what has been stored gets its rows, and the lead that its sender has declared."""

from typing import Any

from apps.archive.models import Study
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.models import Lead
from apps.practice.xrays import declaring, rows
from apps.practice.xrays.receivers import KEEP


@job(KEEP)
def keep(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Make the rows of a study's X-rays that are not there yet."""
    return {"rows": rows.keep(study)}


@job(declaring.LINK)
def link(handle: JobHandle, *, study: int, lead: int, user: int, actor: str, way: str) -> dict[str, Any]:
    """Link a study to the lead that whoever sent it has declared; what people have decided stands."""
    row = Study.objects.filter(pk=study).first()
    whose = Lead.objects.alive().filter(pk=lead).first()
    if row is None or whose is None:
        return {"linked": False}
    conflict = declaring.link(declaring.sender(row.practice_id, user, actor), row, whose, way)
    rows.follow([row.pk])
    return {"linked": not conflict}
