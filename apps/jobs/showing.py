"""How a job stands and how far it is, on pages of the admin, of whatever the job is for."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.languages import translated
from apps.jobs.models import Job, State

COLOURS: Final[dict[str, str]] = {
    State.QUEUED: "info",
    State.RUNNING: "warning",
    State.DONE: "success",
    State.FAILED: "danger",
    State.CANCELLED: "",
}
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


class StateFilter(admin.SimpleListFilter):
    """By how it goes: as its job says, or said before its row was removed."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        state = self.value()
        return queryset.in_state(state) if state in State.values else queryset
