"""The jobs of reports. Their parameters are keys alone."""

from typing import Any

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.reports import distributing, presenting, previewing, signing


@job(signing.OUTPUTS, max_attempts=5)
def report_outputs(handle: JobHandle, *, signature: int) -> dict[str, Any]:
    """Make and store what leaves of a signed report: the sealed PDF, and the objects of it."""
    from apps.reports import outputs

    return outputs.make(handle, signature)


@job(distributing.MAIL, max_attempts=5)
def report_mail(handle: JobHandle, *, signature: int, distribution: int) -> dict[str, Any]:
    """Send somebody a link to a report that was signed."""
    return {"sent": distributing.send(handle, signature, distribution)}


@job(previewing.PREVIEW, max_attempts=2)
def report_preview(handle: JobHandle, *, report: int, name: str) -> dict[str, Any]:
    """Make the PDF of a report that isn't signed yet, for who looks at it."""
    return previewing.make(handle, report, name)


@job(presenting.SLIDES, max_attempts=2)
def report_slides(handle: JobHandle, *, report: int, signature: int, anonymous: bool, name: str) -> dict[str, Any]:
    """Make slides of a report: as it was signed with this number, or, for 0, as it is being written."""
    return presenting.make(handle, report, signature, name, is_anonymous=anonymous)
