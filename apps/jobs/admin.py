"""Jobs in the admin: what is being done, how far it is, what failed and why."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import action, display

from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.jobs import control, showing
from apps.jobs.models import Job, State

# No state of its own: how a running job shows that it was asked to end.
STOPPING: Final = "stopping"
COLOURS: Final[dict[str, str]] = {**showing.COLOURS, STOPPING: ""}

# The transport's own tables would look like a second, contradicting list of jobs.
for model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Job)
class JobAdmin(ScopedAdmin):
    """Jobs, the newest first."""

    list_display = ("what", "state_badge", "how_far", "practice", "asked_by", "age", "trouble")
    list_filter = ("state", "kind", PracticeFilter)
    list_fullwidth = True
    search_fields = ("kind", "=id")
    search_help_text = _("Kind or number")
    actions = ("cancel_selected", "retry_selected")
    fieldsets = (
        (None, {"fields": (("kind", "state"), "how_far", "error")}),
        (_("Asked for"), {"fields": (("practice", "requested_by"), "parameters", "result")}),
        (
            _("Attempts"),
            {"fields": (("attempts", "max_attempts"), ("worker", "heartbeat_at"), "lease_until", "cancel_requested")},
        ),
        (_("Times"), {"fields": (("created_at", "not_before"), ("started_at", "finished_at"))}),
    )
    readonly_fields = ("how_far",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("practice", "requested_by")

    @display(description=_("Job"), ordering="id", header=True)
    def what(self, job: Job) -> tuple[str, str]:
        return job.kind, gettext("No. %(number)s") % {"number": job.pk}

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, job: Job) -> tuple[str, str]:
        if job.cancel_requested and job.state == State.RUNNING:
            return STOPPING, gettext("Stopping")
        return job.state, job.get_state_display()

    @display(description=_("Progress"))
    def how_far(self, job: Job) -> SafeString:
        if job.percent is None:
            return format_html("{}", translated(job.progress_text) or "—")
        bar = (
            '<svg class="fovea-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{} %">'
            '<rect class="track" width="100" height="8"/><rect class="fill" width="{}" height="8"/></svg>{}'
        )
        return format_html(bar, job.percent, job.percent, translated(job.progress_text))

    @display(description=_("Asked by"), ordering="requested_by")
    def asked_by(self, job: Job) -> str:
        return str(job.requested_by or gettext("the server"))

    @display(description=_("Age"), ordering="created_at", header=True)
    def age(self, job: Job) -> tuple[str, str]:
        facts = {"number": job.attempts, "most": job.max_attempts}
        attempts = gettext("attempt %(number)s of %(most)s") % facts if job.attempts else ""
        return timesince(job.created_at, timezone.now(), depth=1), attempts

    @display(description=_("What went wrong"))
    def trouble(self, job: Job) -> str:
        return translated(job.error)

    @action(description=_("Cancel"))
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, control.cancel, _("Job %(number)s is cancelled, or stops at its next step."))

    @action(description=_("Try again"))
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, control.retry, _("Job %(number)s is queued again."))

    def _each(
        self, request: HttpRequest, jobs: QuerySet[Job], change: Callable[[Principal, int], Any], done: Any
    ) -> None:
        for job in jobs:
            try:
                change(principal(request), job.pk)
            except FoveaError as error:
                said = gettext("Job %(number)s: %(problem)s")
                messages.error(request, said % {"number": job.pk, "problem": translated(error.detail)})
            else:
                messages.success(request, done % {"number": job.pk})
