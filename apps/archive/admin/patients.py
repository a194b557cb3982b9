"""Patients in the admin, each with their studies."""

from typing import Any, Final

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Aggregate, Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.scoped_admin import PracticeFilter
from apps.archive.admin import correcting, searching
from apps.archive.corrections import reading
from apps.archive.models import Patient, Study
from apps.archive.templatetags.dicom_text import dicom_date, person_name

STUDIES_ON_A_PAGE: Final = 50


def _of_studies(aggregate: Aggregate) -> Subquery:
    """An aggregate over the patient's studies. As a subquery it is worked out for the rows of a page alone."""
    own = Study.objects.filter(patient=OuterRef("pk")).order_by()
    return Subquery(own.values("patient").annotate(value=aggregate).values("value"))


@admin.register(Patient)
class PatientAdmin(correcting.PatientPages):
    """Who the images say they are."""

    list_display = ("named", "patient_id", "born", "sex", "studies_stored", "latest")
    list_filter = (PracticeFilter,)
    ordering = ("name_key", "id")
    search_fields = ("name_key",)
    search_help_text = _("Name or Patient ID")
    fields = ()
    change_form_template = "admin/archive/patient.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        return (
            super()
            .get_queryset(request)
            .annotate(study_count=_of_studies(Count("pk")), latest_study=_of_studies(Max("study_date")))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # Those who are merged are found by the page of the one whom they became.
        return queryset.filter(searching.patients(search_term), merged_into=None), False

    @display(description=_("Name"), ordering="name_key")
    def named(self, patient: Patient) -> str:
        return person_name(patient.name)

    @display(description=_("Born"), ordering="birth_date")
    def born(self, patient: Patient) -> str:
        return dicom_date(patient.birth_date)

    @display(description=_("Studies"), ordering="study_count")
    def studies_stored(self, patient: Any) -> int:
        return patient.study_count or 0

    @display(description=_("Latest study"), ordering="latest_study")
    def latest(self, patient: Any) -> str:
        return dicom_date(patient.latest_study or "")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        patient = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if patient:
            studies = Paginator(patient.studies.defer("found"), STUDIES_ON_A_PAGE)
            context = {"patient": patient, "study_page": studies.get_page(request.GET.get("p", "1"))}
            context |= correcting.may(request, patient.practice_id)
            context["merges"] = reading.merged_into(patient) if context["may_merge"] else ()
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})
