"""The list of what is to be reported, urgent studies first; above it, how long reports took."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, practice_column, principal
from apps.archive.templatetags.dicom_text import dicom_date, modality_badges, person_name
from apps.archive.viewing import viewer_url
from apps.audit.listing import ListOnRecord
from apps.core.dates import moment
from apps.reports import worklist
from apps.reports.admin.durations import durations
from apps.reports.admin.reports import seen_only
from apps.reports.models import Report, StudyToReport
from apps.reports.reaching import WRITES
from apps.reports.worklist import Urgency, Which

PRIORITIES: Final = {
    Urgency.STAT: _("Stat"), Urgency.HIGH: _("High"), Urgency.ROUTINE: _("Routine"), Urgency.LOW: _("Low"),
}  # fmt: skip
COLOURS: Final = {Urgency.STAT: "danger", Urgency.HIGH: "warning", Urgency.ROUTINE: "info", Urgency.LOW: "default"}
OVERDUE, IN_TIME = "overdue", "in time"


class WhichFilter(admin.SimpleListFilter):
    """The lists that people work through."""

    title = _("list")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Which.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(worklist.wanted(principal(request), self.value() or "", timezone.now()))


@admin.register(StudyToReport)
class StudyToReportAdmin(ListOnRecord, ScopedAdmin):
    """Studies that the person may report and that nobody has signed a report of."""

    asks: dict[str, Guard] = {"view": WRITES}
    searched = "reports to write"
    chosen_by = ("which", "q")
    list_display = ("person", "study", "kind", "priority", "due", "state", "buttons")
    list_display_links = None
    list_filter = (WhichFilter, PracticeFilter)
    list_fullwidth = True
    list_before_template = "admin/reports/durations.html"
    search_fields = ("patient_name_key", "=patient_identifier", "=accession_number", "=study_instance_uid")
    search_help_text = _("Name, Patient ID, accession number or Study Instance UID")
    actions = None
    fields = ()
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = worklist.waiting(principal(request))
        return rows.select_related("practice")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """As the list is ordered."""
        return ()

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request), self.list_display[-1]]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"durations": durations(principal(request)), "title": gettext("Reports to write")}
        response = super().changelist_view(request, {**(extra_context or {}), **shown})
        if "cl" in (context := getattr(response, "context_data", None) or {}):
            _with_reports(list(context["cl"].result_list))
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Whoever comes back to it may find that it has been reported meanwhile."""
        rows = StudyToReport.objects.visible_to(principal(request), WRITES)
        return rows.filter(pk=object_id).first() if object_id.isdigit() else None

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        seen_only(request)
        if self.get_object(request, object_id) is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:archive_study_change", args=[object_id]))

    @display(description=_("Patient"), header=True)
    def person(self, row: StudyToReport) -> tuple[str, str]:
        return person_name(row.patient_name) or gettext("Unnamed"), row.patient_identifier

    @display(description=_("Study"), header=True)
    def study(self, row: StudyToReport) -> tuple[Any, str]:
        name = str(row) if row.study_description else gettext("No description")
        link = format_html('<a href="{}">{}</a>', reverse("admin:archive_study_change", args=[row.pk]), name)
        return link, dicom_date(row.study_date)

    @display(description=_("Modalities"))
    def kind(self, row: StudyToReport) -> SafeString:
        return modality_badges(row.modalities)

    @display(description=_("Priority"), label=COLOURS)
    def priority(self, row: StudyToReport) -> tuple[Urgency, Any]:
        urgency = Urgency(row.urgency)
        return urgency, PRIORITIES[urgency]

    @display(description=_("Due"), label={OVERDUE: "danger", IN_TIME: "default"})
    def due(self, row: StudyToReport) -> tuple[str, str]:
        return OVERDUE if row.due_at < timezone.now() else IN_TIME, moment(row.due_at)

    @display(description=_("Report"), header=True)
    def state(self, row: StudyToReport) -> tuple[Any, str]:
        report = getattr(row, "report", None)
        if report is None:
            return gettext("Not begun"), ""
        return report.get_status_display(), str(report.reader or report.author or "")

    @display(description=_("Practice"))
    def practice(self, row: StudyToReport) -> str:
        return str(row.practice)

    @display(description="")
    def buttons(self, row: StudyToReport) -> SafeString:
        return format_html(
            '<span class="fovea-actions"><a class="fovea-button primary" href="{}">{}</a>'
            '<a class="fovea-button" href="{}">{}</a></span>',
            *_writing(row), viewer_url(row.study_instance_uid), gettext("Open in viewer"),
        )  # fmt: skip


def _with_reports(rows: list[StudyToReport]) -> None:
    """The open reports of a page, beside their studies."""
    reports: dict[int, Report] = worklist.reports_in(rows)
    for row in rows:
        row.report = reports.get(row.report_pk or 0)  # type: ignore[attr-defined]


def _writing(row: StudyToReport) -> tuple[str, str]:
    """Where the report is written, and what the button says."""
    if row.report_pk:
        return reverse("report", args=[row.report_pk]), gettext("Go on writing")
    return f"{reverse('report-new')}?study={row.study_instance_uid}", gettext("Write report")
