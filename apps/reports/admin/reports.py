"""Reports in the admin: the list of those that the person may read; each opens on its own page."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, practice_column, principal
from apps.archive.templatetags.dicom_text import dicom_date, person_name
from apps.archive.viewing import viewer_url
from apps.audit.listing import ListOnRecord
from apps.core.dates import moment
from apps.reports import reaching
from apps.reports.models import Report, Status

COLOURS: Final = {
    Status.DRAFT: "warning", Status.PRELIMINARY: "info", Status.FINAL: "success", Status.AMENDING: "warning",
    Status.AMENDED: "success",
}  # fmt: skip


def seen_only(request: HttpRequest) -> None:
    """Rows that have a page of their own aren't changed here. Raises PermissionDenied."""
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"


@admin.register(Report)
class ReportAdmin(ListOnRecord, ScopedAdmin):
    """The newest first."""

    searched = "reports"
    chosen_by = ("status", "q")
    list_display = ("person", "report", "status_badge", "people", "signed", "buttons")
    list_display_links = None
    list_filter = ("status", StudyPracticeFilter)
    list_fullwidth = True
    search_fields = (
        "study__patient_name_key", "=study__patient_identifier", "=study__accession_number",
        "=study__study_instance_uid",
    )  # fmt: skip
    search_help_text = _("Name, Patient ID, accession number or Study Instance UID")
    ordering = ("-created_at", "-id")
    actions = None
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return reaching.reports(principal(request)).order_by(*self.ordering)

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request), self.list_display[-1]]

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Its own page."""
        seen_only(request)
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return HttpResponseRedirect(reverse("report", args=[object_id]))

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def person(self, row: Report) -> tuple[str, str]:
        return person_name(row.study.patient_name) or gettext("Unnamed"), row.study.patient_identifier

    @display(description=_("Report"), header=True)
    def report(self, row: Report) -> tuple[Any, str]:
        name = format_html('<a href="{}">{}</a>', reverse("report", args=[row.pk]), row.version.template.title)
        return name, f"{row.study} · {dicom_date(row.study.study_date)}"

    @display(description=_("Status"), ordering="status", label=COLOURS)
    def status_badge(self, row: Report) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @display(description=_("Author"), header=True)
    def people(self, row: Report) -> tuple[str, str]:
        reader = gettext("to be signed by %(name)s") % {"name": row.reader} if row.reader and row.is_open else ""
        return str(row.author or ""), reader

    @display(description=_("Changed"), ordering="changed_at", header=True)
    def signed(self, row: Report) -> tuple[str, str]:
        signed = gettext("signed %(moment)s") % {"moment": moment(row.signed_at)} if row.signed_at else ""
        return moment(row.changed_at), signed

    @display(description=_("Practice"), ordering="study__practice__name")
    def practice(self, row: Report) -> str:
        return str(row.study.practice)

    @display(description="")
    def buttons(self, row: Report) -> SafeString:
        return format_html(
            '<span class="fovea-actions"><a class="fovea-button" href="{}">{}</a>'
            '<a class="fovea-button" href="{}">{}</a></span>',
            f"/api/reports/{row.pk}/pdf", gettext("PDF"),
            viewer_url(row.study.study_instance_uid), gettext("Open in viewer"),
        )  # fmt: skip
