"""Studies that arrived without a step, in the admin: linked by hand, or set aside."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import dicom_date, modality_badges, person_name
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.worklist import linking
from apps.worklist.models import Reason, ScheduledStep, UnplannedStudy
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.scheduling import may_plan

SOURCE: Final = "admin"
PLANS: Final = {"POST": PLANNING}
COLOURS: Final = {
    Reason.CONTRADICTION: "danger",
    Reason.TAKEN: "danger",
    Reason.CANCELLED: "warning",
    Reason.SEVERAL: "warning",
    Reason.NONE: "info",
    Reason.UNLINKED: "info",
}


class SetAsideFilter(SimpleListFilter):
    """Those that wait for somebody, unless the others are asked for."""

    title = _("set aside")
    parameter_name = "aside"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("1", gettext("Set aside"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(set_aside_at__isnull=self.value() != "1")


@admin.register(UnplannedStudy)
class UnplannedStudyAdmin(ScopedAdmin):
    """The last first."""

    list_display = ("patient", "taken", "kind", "why", "came", "buttons")
    list_display_links = ("patient",)
    list_filter = (SetAsideFilter, "reason", PracticeFilter)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("study__patient_name_key", "study__patient_identifier", "study__accession_number")
    search_help_text = _("Name, Patient ID or accession number")
    ordering = ("-noticed_at", "-pk")
    actions = None
    fields = ()
    change_form_template = "admin/worklist/unplanned.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnplannedStudy]:
        return super().get_queryset(request).select_related("study", "practice").defer("study__found")

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def patient(self, row: UnplannedStudy) -> tuple[str, str]:
        return person_name(row.study.patient_name) or gettext("Unnamed"), row.study.patient_identifier

    @display(description=_("Date"), ordering="study__study_date", header=True)
    def taken(self, row: UnplannedStudy) -> tuple[str, str]:
        return dicom_date(row.study.study_date) or gettext("no date"), row.study.accession_number

    @display(description=_("Modalities"))
    def kind(self, row: UnplannedStudy) -> SafeString:
        return modality_badges(row.study.modalities)

    @display(description=_("Why"), label=COLOURS)
    def why(self, row: UnplannedStudy) -> tuple[str, str]:
        return row.reason, row.get_reason_display()

    @display(description=_("Noticed"), ordering="noticed_at")
    def came(self, row: UnplannedStudy) -> str:
        return moment(row.noticed_at)

    @display(description="")
    def buttons(self, row: UnplannedStudy) -> SafeString:
        """The second sends the list's own form, which has the token against forgery, to an address of its own."""
        return format_html(
            '<span class="fovea-actions"><a class="fovea-button primary" href="{}">{}</a>'
            '<button class="fovea-button" formaction="{}">{}</button></span>',
            reverse("admin:worklist_unplannedstudy_change", args=[row.pk]),
            gettext("Choose a step"),
            reverse("admin:worklist_unplannedstudy_set_aside", args=[row.pk]),
            gettext("Needs none"),
        )

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("<int:pk>/link/", self.link_view, "link"),
            ("<int:pk>/set-aside/", self.set_aside_view, "set_aside"),
            ("step/<int:pk>/unlink/", self.unlink_view, "unlink"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"worklist_unplannedstudy_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    @guarded(PLANS)
    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button beside a step on the study's page."""
        row, number = self._row(request, pk), request.POST.get("step", "")
        steps = ScheduledStep.objects.visible_to(principal(request), PLANNING).filter(practice=row.practice_id)
        step = steps.filter(pk=number).first() if number.isdigit() and len(number) < 19 else None
        if step is None:
            messages.error(request, gettext("Choose one of the steps."))
            return HttpResponseRedirect(reverse("admin:worklist_unplannedstudy_change", args=[pk]))
        study = row.study
        done = gettext("Linked to the step %(number)s.") % {"number": step.step_id}
        self._do(request, lambda: linking.link_by_hand(step, study, principal(request), source=SOURCE), done)
        return HttpResponseRedirect(reverse("admin:worklist_unplannedstudy_changelist"))

    @guarded(PLANS)
    def set_aside_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The study needs no step."""
        row = self._row(request, pk)
        done = gettext("It needs no step.")
        self._do(request, lambda: linking.set_aside(row, principal(request), source=SOURCE), done)
        return HttpResponseRedirect(reverse("admin:worklist_unplannedstudy_changelist"))

    @guarded(PLANS)
    def unlink_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button on the page of a study, and of a step."""
        row = ScheduledStep.objects.visible_to(principal(request), PLANNING).filter(pk=pk).first()
        if row is None:
            raise Http404
        back = reverse("admin:archive_study_change", args=[row.study_id]) if row.study_id else reverse("admin:index")
        done = gettext("The study is unlinked, and listed under Arrived without a step.")
        self._do(request, lambda: linking.unlink(row, principal(request), source=SOURCE), done)
        return HttpResponseRedirect(back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = self._page(request, row) if row else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _page(self, request: HttpRequest, row: UnplannedStudy) -> dict[str, Any]:
        may_link = may_plan(principal(request), row.practice_id)
        is_seen = Study.objects.visible_to(principal(request)).filter(pk=row.study_id).exists()
        return {"row": row, "study": row.study, "steps": linking.near(row.study), "may_link": may_link and is_seen}

    def _row(self, request: HttpRequest, pk: int) -> UnplannedStudy:
        row: UnplannedStudy | None = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def _do(self, request: HttpRequest, deed: Callable[[], object], done: str) -> None:
        try:
            deed()
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, done)
