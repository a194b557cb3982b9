"""Performed procedure steps in the admin: what devices reported, to be read."""

from typing import Any, Final

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.archive.templatetags.dicom_text import person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import moment
from apps.worklist import reporting
from apps.worklist.models import PerformedState, PerformedStep

COLOURS: Final = {
    PerformedState.IN_PROGRESS: "info",
    PerformedState.COMPLETED: "success",
    PerformedState.DISCONTINUED: "warning",
}


class PlannedFilter(SimpleListFilter):
    """Whether anybody had planned it."""

    title = _("planned")
    parameter_name = "planned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", gettext("Planned")), ("0", gettext("Not planned"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("0", "1"):
            return queryset
        return queryset.filter(steps__isnull=self.value() == "0").distinct()


@admin.register(PerformedStep)
class PerformedStepAdmin(ListOnRecord, ScopedAdmin):
    """The last reported first."""

    searched = "performed steps"
    list_display = ("patient", "device", "state_badge", "started", "ended", "planned")
    list_filter = ("state", PlannedFilter, PracticeFilter)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("station_title", "=sop_instance_uid", "steps__patient_name", "=steps__patient_id")
    search_help_text = _("Device, UID, or the planned patient's name or ID")
    actions = None
    fieldsets = (
        (None, {"fields": (("who", "planned"), ("station_title", "remote"), ("state", "created_at", "changed_at"))}),
        (_("The report"), {"fields": (("started_at", "ended_at"), "what", "images", "sop_instance_uid")}),
    )
    readonly_fields = ("who", "planned", "what", "images")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PerformedStep]:
        return super().get_queryset(request).select_related("remote", "practice").prefetch_related("steps")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        access.note_search(principal(request), "a performed step", [], 1)
        return super().changeform_view(request, *args, **kwargs)

    @display(description=_("Patient"), header=True)
    def patient(self, row: PerformedStep) -> tuple[str, str]:
        names = row.dataset.get("00100010", {}).get("Value") or [{}]
        groups = (names[0] or {}).get
        name = "=".join(groups(group) or "" for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
        return person_name(name) or gettext("Unnamed"), reporting.text(row.dataset, reporting.PATIENT_ID)

    @display(description=_("Patient"))
    def who(self, row: PerformedStep) -> str:
        return ", ".join(filter(None, self.patient(row)))

    @display(description=_("Device"), ordering="station_title", header=True)
    def device(self, row: PerformedStep) -> tuple[str, str]:
        return row.station_title, str(row.remote or "")

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: PerformedStep) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Began"), ordering="started_at")
    def started(self, row: PerformedStep) -> str:
        return moment(row.started_at) if row.started_at else "—"

    @display(description=_("Ended"), ordering="ended_at")
    def ended(self, row: PerformedStep) -> str:
        return moment(row.ended_at) if row.ended_at else "—"

    @display(description=_("Planned"))
    def planned(self, row: PerformedStep) -> SafeString | str:
        links = [
            (reverse("admin:worklist_scheduledstep_change", args=[step.pk]), step.step_id) for step in row.steps.all()
        ]
        return (
            format_html_join(", ", '<a class="fovea-link" href="{}">{}</a>', links) if links else gettext("not planned")
        )

    @display(description=_("What"))
    def what(self, row: PerformedStep) -> str:
        said = (reporting.text(row.dataset, tag) for tag in ("00080060", "00400254", "00400253"))
        return " · ".join(filter(None, said))

    @display(description=_("Images"))
    def images(self, row: PerformedStep) -> str:
        series = reporting.items(row.dataset, "00400340")
        count = sum(len(reporting.items(each, "00081140")) for each in series)
        return gettext("%(count)s in %(series)s series") % {"count": count, "series": len(series)}
