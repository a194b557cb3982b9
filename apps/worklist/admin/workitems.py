"""Workitems in the admin: what is asked for, who has claimed it, how far it is; and the request for an end to it."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, principal
from apps.archive.templatetags.dicom_text import dicom_date, dicom_time, person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.dicom.attributes import text, values
from apps.dicom.typed import name_text
from apps.worklist.models import ProcedureStepState, Workitem
from apps.worklist.models.workitems import WRITING
from apps.worklist.workitems import names, states

COLOURS: Final = {
    ProcedureStepState.SCHEDULED: "info",
    ProcedureStepState.IN_PROGRESS: "warning",
    ProcedureStepState.COMPLETED: "success",
    ProcedureStepState.CANCELED: "danger",
}


@admin.register(Workitem)
class WorkitemAdmin(ListOnRecord, ScopedAdmin):
    """The newest first. Those that were removed are not shown."""

    searched = "workitems"
    list_display = ("label", "patient", "state_badge", "priority", "starts", "claimed", "practice")
    list_filter = ("state", "priority", "readiness", PracticeFilter)
    list_fullwidth = True
    search_fields = ("label", "=patient_id", "=uid")
    search_help_text = _("Label, patient ID or UID")
    actions = ("request_cancellation",)
    fieldsets = (
        (None, {"fields": (("label", "patient"), ("state", "priority", "readiness"), ("starts", "expected_end"))}),
        (_("Its life"), {"fields": (("created_by", "created_at"), ("claimed_by", "claimed_at"), "ended_at", "told")}),
        (_("Identity"), {"fields": ("uid", "accession")}),
    )
    readonly_fields = ("patient", "starts", "told", "accession")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workitem]:
        return super().get_queryset(request).filter(gone_at=None).select_related("practice")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        access.note_search(principal(request), "a workitem", [], 1)
        return super().changeform_view(request, *args, **kwargs)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered; the service asks whether it may be done."""
        return principal(request).may(WRITING)

    @action(description=_("Ask for cancellation"), permissions=["write"])
    def request_cancellation(self, request: HttpRequest, queryset: QuerySet[Workitem]) -> None:
        for workitem in queryset:
            try:
                warning = states.request_cancellation(acting_in(request, workitem.practice_id), workitem.uid, {})
            except FoveaError as error:
                messages.error(request, f"{workitem.label}: {translated(error.detail)}")
            else:
                text = translated(warning) if warning else gettext("It is cancelled, or its performer asked.")
                messages.success(request, f"{workitem.label}: {text}")

    @display(description=_("Patient"), ordering="patient_id", header=True)
    def patient(self, row: Workitem) -> tuple[str, str]:
        name = next((name_text(groups) for groups in values(row.dataset, names.PATIENT_NAME)), "")
        return person_name(name) or gettext("Nobody's"), row.patient_id

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Workitem) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("To start"), ordering="start")
    def starts(self, row: Workitem) -> str:
        return f"{dicom_date(row.start[:8])} {dicom_time(row.start[8:12])}".strip()

    @display(description=_("Claimed"), ordering="claimed_at", header=True)
    def claimed(self, row: Workitem) -> tuple[str, str]:
        if row.claimed_at is None:
            return "—", ""
        return row.claimed_by, moment(row.claimed_at)

    @display(description=_("Told to"))
    def told(self, row: Workitem) -> str:
        return ", ".join(each.subscriber for each in row.subscriptions.all()) or gettext("nobody")

    @display(description=_("Accession number"))
    def accession(self, row: Workitem) -> str:
        requests = values(row.dataset, names.REFERENCED_REQUESTS)
        return ", ".join(filter(None, (text(each, names.ACCESSION_NUMBER) for each in requests))) or "—"
