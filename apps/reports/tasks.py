"""The jobs of reports. Their parameters are keys alone."""

from typing import Any

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.reports import distributing, signing


@job(signing.OUTPUTS, max_attempts=5)
def report_outputs(handle: JobHandle, *, signature: int) -> dict[str, Any]:
    """Make and store what leaves of a signed report: the sealed PDF, and the objects of it."""
    from apps.reports import outputs

    return outputs.make(handle, signature)


@job(distributing.MAIL, max_attempts=5)
def report_mail(handle: JobHandle, *, signature: int, distribution: int) -> dict[str, Any]:
    """Send somebody a link to a report that was signed."""
    return {"sent": distributing.send(handle, signature, distribution)}
