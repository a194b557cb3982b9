"""How far a job is, as a bar on a page of the admin."""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.languages import translated
from apps.jobs.models import Job

BAR: Final = (
    '<span class="fovea-progress" data-progress="{}"><svg class="fovea-bar" viewBox="0 0 100 8"'
    ' preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/>'
    '<rect class="fill" width="{}" height="8"/></svg>'
    '<span class="fovea-quiet state" aria-live="polite">{}</span></span>'
)


def bar(job: Job | None, address: str) -> SafeString:
    """How far it is, which `job-progress.js` keeps up to date by what the address tells (`state` and `progress`)."""
    percent = job.percent if job else None
    return format_html(BAR, address, percent or 0, translated(job.progress_text) if job else "")
