"""Lesions in the admin: the list, and the page of a patient's, on which they are recorded and judged."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, practice_column, principal
from apps.archive.models import Patient, Study
from apps.archive.templatetags.dicom_text import dicom_date, person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.lesions import keeping
from apps.lesions.admin.forms import FindingForm, LesionForm
from apps.lesions.admin.showing import shown
from apps.lesions.models import Lesion
from apps.lesions.taking import things_of

SOURCE: Final = "admin"
# Of a patient, the newest: those that a form offers.
MOST_STUDIES: Final = 50
PAGE: Final = "admin:lesions_lesion_patient"


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"


@admin.register(Lesion)
class LesionAdmin(ListOnRecord, ScopedAdmin):
    """Those first recorded in studies that the person sees, the newest first."""

    searched = "lesions"
    list_display = ("what", "role_words", "person", "since")
    list_display_links = ("what",)
    list_filter = ("role", StudyPracticeFilter)
    list_fullwidth = True
    ordering = ("-id",)
    search_fields = ("study__patient_name_key", "=study__patient_identifier", "^name")
    search_help_text = _("Patient, Patient ID, or the lesion's name")
    actions = None
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lesion]:
        rows: QuerySet[Lesion] = super().get_queryset(request)
        return rows.select_related("study__practice").defer("study__found", "study__original_found")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("of/<int:pk>/", guard(self.patient_view), name="lesions_lesion_patient"),
            path("of/<int:pk>/record/", guard(self.record_view), name="lesions_lesion_record"),
            path("of/<int:pk>/found/", guard(self.found_view), name="lesions_lesion_found"),
            path("<int:pk>/remove/", guard(self.remove_view), name="lesions_lesion_remove"),
            *super().get_urls(),
        ]

    @display(description=_("Lesion"), header=True)
    def what(self, row: Lesion) -> tuple[str, str]:
        return row.name, row.get_organ_display()

    @display(description=_("Role"), ordering="role")
    def role_words(self, row: Lesion) -> str:
        return row.get_role_display()

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def person(self, row: Lesion) -> tuple[str, str]:
        return person_name(row.study.patient_name), row.study.patient_identifier

    @display(description=_("Since"), ordering="study__study_date")
    def since(self, row: Lesion) -> str:
        return dicom_date(row.study.study_date)

    @display(description=_("Practice"), ordering="study__practice__name")
    def practice(self, row: Lesion) -> str:
        return str(row.study.practice)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A lesion is shown with the patient's others."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method != "GET":
            raise PermissionDenied
        return HttpResponseRedirect(reverse(PAGE, args=[row.study.patient_id]))

    @guarded({"GET": Permission.VIEW})
    def patient_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A patient's lesions over their studies, and the forms for who may record them."""
        who, patient = _reached(request, pk)
        return self._page(request, who, patient)

    @guarded({"POST": keeping.KEEPS})
    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form that records a lesion."""
        who, patient = _reached(request, pk)
        form = LesionForm(*_offered(who, patient), request.POST)

        def keep(given: dict[str, Any]) -> None:
            keeping.add(who, given.pop("study"), given, source=SOURCE)

        done = gettext("The lesion is recorded.")
        return _kept(request, patient, form, keep, done) or self._page(request, who, patient, record=form)

    @guarded({"POST": keeping.KEEPS})
    def found_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form that says how a lesion was found in a study."""
        who, patient = _reached(request, pk)
        form = FindingForm(_lesions(who, patient), *_offered(who, patient), request.POST)

        def keep(given: dict[str, Any]) -> None:
            keeping.note(who, int(given.pop("lesion")), given.pop("study"), given, source=SOURCE)

        done = gettext("How the lesion was found is noted.")
        return _kept(request, patient, form, keep, done) or self._page(request, who, patient, found=form)

    @guarded({"POST": keeping.KEEPS})
    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that forgets a lesion."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            keeping.remove(acting_in(request, row.study.practice_id), pk, source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("The lesion is removed. What was measured stays."))
        return HttpResponseRedirect(reverse(PAGE, args=[row.study.patient_id]))

    def _page(self, request: HttpRequest, who: Principal, patient: Patient, **bound: Any) -> HttpResponse:
        context = shown(who, patient)
        if Study.objects.visible_to(who, keeping.KEEPS).filter(patient=patient).exists():
            offered = _offered(who, patient)
            context["record"] = bound.get("record") or LesionForm(*offered)
            if lesions := [lesion for lesion, _cells in context["rows"]]:
                context["found"] = bound.get("found") or FindingForm(lesions, *offered)
        access.note_search(who, "lesions", ["patient"], len(context["rows"]))
        page = {**self.admin_site.each_context(request), **context, "title": gettext("Lesions")}
        return TemplateResponse(request, "admin/lesions/patient.html", page)


def _reached(request: HttpRequest, pk: int) -> tuple[Principal, Patient]:
    """The person as they act in the patient's practice, and the patient. Raises Http404."""
    patient = Patient.objects.visible_to(principal(request), Permission.VIEW).filter(pk=pk).first()
    if patient is None:
        raise Http404
    return acting_in(request, patient.practice_id), patient


def _lesions(who: Principal, patient: Patient) -> list[Lesion]:
    return list(Lesion.objects.visible_to(who, keeping.KEEPS).filter(study__patient=patient).order_by("pk"))


def _offered(who: Principal, patient: Patient) -> tuple[list[Study], Any]:
    """The studies that the person may say something of, the newest first, and what was measured in them."""
    rows = Study.objects.visible_to(who, keeping.KEEPS).filter(patient=patient).defer("found", "original_found")
    studies = list(rows.order_by("-study_date", "-study_time", "-pk")[:MOST_STUDIES])
    return studies, things_of(studies)


def _kept(
    request: HttpRequest, patient: Patient, form: Any, keep: Callable[[dict[str, Any]], None], done: str
) -> HttpResponse | None:
    """Back to the page once it is kept; None where the form says now what is wrong."""
    if not form.is_valid():
        return None
    try:
        keep(form.given)
    except FoveaError as error:
        form.tell(error)
        return None
    messages.success(request, done)
    return HttpResponseRedirect(reverse(PAGE, args=[patient.pk]))
