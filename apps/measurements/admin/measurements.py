"""Measurements in the admin: the list, and the page of one with its values over time."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.scoped_admin import ScopedAdmin, practice_column, principal
from apps.archive.templatetags.dicom_text import dicom_date, person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.measurements.admin.charts import chart_of_line
from apps.measurements.admin.filters import ConceptFilter, PatientFilter, StandingFilter, StudyPracticeFilter
from apps.measurements.api.reaching import rows
from apps.measurements.api.serializers import viewer_of
from apps.measurements.lines import MOST_VALUES, Line, lines_of
from apps.measurements.models import Measurement
from apps.measurements.showing import amount, of_what, standing, what_of

COLOURS: Final = {"verified": "success", "machine": "warning", "person": "info"}


@admin.register(Measurement)
class MeasurementAdmin(ListOnRecord, ScopedAdmin):
    """Those that count, of the studies that the person sees, the newest first."""

    searched = "measurements"
    chosen_by = ("patient", "q")
    list_display = ("what", "how_much", "person", "standing_badge", "when", "open")
    list_display_links = ("what",)
    list_filter = (PatientFilter, ConceptFilter, StandingFilter, StudyPracticeFilter)
    list_fullwidth = True
    ordering = ("-measured_at", "-id")
    search_fields = (
        "study__patient_name_key", "=study__patient_identifier", "=study__study_instance_uid", "=tracking_uid",
        "^label", "^concept_meaning", "^site_meaning",
    )  # fmt: skip
    search_help_text = _("Patient, Study Instance UID, label, what was measured, or where")
    actions = None
    change_form_template = "admin/measurements/measurement.html"
    change_list_template = "admin/measurements/measurements.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measurement]:
        found: Any = super().get_queryset(request)
        seen: QuerySet[Measurement] = found.current().with_report().select_related("study__practice")
        return seen

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request), self.list_display[-1]]

    @display(description=_("Measurement"), header=True)
    def what(self, row: Measurement) -> tuple[str, str]:
        return of_what(row), what_of(row)

    @display(description=_("Value"), ordering="value")
    def how_much(self, row: Measurement) -> str:
        return amount(row.value, row.unit_value)

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def person(self, row: Measurement) -> tuple[str, str]:
        return person_name(row.study.patient_name), f"{row.study} · {dicom_date(row.study.study_date)}"

    @display(description=_("Verification"), label=COLOURS)
    def standing_badge(self, row: Measurement) -> tuple[str, str]:
        return standing(row)

    @display(description=_("Measured"), ordering="measured_at", header=True)
    def when(self, row: Measurement) -> tuple[str, str]:
        by = person_name(row.report.observer) if row.report.observer else ""
        return day(row.measured_at), " · ".join(filter(None, (clock(row.measured_at), by)))

    @display(description=_("Practice"), ordering="study__practice__name")
    def practice(self, row: Measurement) -> str:
        return str(row.study.practice)

    @display(description="")
    def open(self, row: Measurement) -> SafeString:
        return format_html('<a class="fovea-button" href="{}">{}</a>', viewer_of(row), gettext("Open in viewer"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "a measurement")
            context = _shown(request, row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})


def _shown(request: HttpRequest, row: Measurement) -> dict[str, Any]:
    line = _line_with(request, row)
    return {
        "measurement": row,
        "what": what_of(row),
        "of_what": of_what(row),
        "amount": amount(row.value, row.unit_value),
        "standing": standing(row),
        "viewer_url": viewer_of(row),
        "chart": chart_of_line(line) if line else None,
        "line": [(each, amount(each.value, each.measurement.unit_value)) for each in line.points] if line else (),
    }


def _line_with(request: HttpRequest, row: Measurement) -> Line | None:
    """The patient's values over time of which this is one; None where it is of no line, or alone in it."""
    of_patient = rows(principal(request)).filter(study__patient=row.study.patient_id, concept_value=row.concept_value)
    for line in lines_of(list(of_patient[:MOST_VALUES])):
        if len(line.points) > 1 and any(each.measurement.pk == row.pk for each in line.points):
            return line
    return None
