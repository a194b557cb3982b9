"""Analyses in the admin: the list with its progress, the page of one, and what is done with them."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, practice_column, principal
from apps.analysis import asking, judging, kinds
from apps.analysis.admin.form import ParametersForm, can_ask, choices_of
from apps.analysis.admin.showing import progress, shown, state_words
from apps.analysis.kinds import Kind
from apps.analysis.models import REMARK_LENGTH, Analysis, Verdict
from apps.analysis.serializers import title_of, viewer_url_of
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import translated
from apps.jobs.showing import COLOURS, StateFilter

SOURCE: Final = "admin"
VERDICT_COLOURS: Final = {
    Verdict.UNVERIFIED.value: "warning", Verdict.ACCEPTED.value: "success", Verdict.REJECTED.value: "danger",
}  # fmt: skip


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, translated(kind.title)) for kind in kinds.every()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class VerdictFilter(admin.SimpleListFilter):
    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Verdict.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset.filter(verdict=self.value()) if self.value() in Verdict.values else queryset


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"


@admin.register(Analysis)
class AnalysisAdmin(ListOnRecord, ScopedAdmin):
    """Those of the studies that the person sees, the newest first."""

    searched = "analyses"
    list_display = ("what", "person", "state_badge", "verdict_badge", "how_far", "came", "open")
    list_display_links = ("what",)
    list_filter = (StateFilter, VerdictFilter, KindFilter, StudyPracticeFilter)
    list_fullwidth = True
    search_fields = ("study__patient_name_key", "=study__study_instance_uid")
    search_help_text = _("Patient or Study Instance UID")
    actions = None
    change_form_template = "admin/analysis/analysis.html"
    change_list_template = "admin/analysis/analyses.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        rows: QuerySet[Analysis] = super().get_queryset(request)
        return rows.with_study()  # type: ignore[attr-defined]  # by the rows of this model

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request), self.list_display[-1]]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("new/<int:study_pk>/<slug:name>/", guard(self.new_view), name="analysis_analysis_new"),
            path("<int:pk>/rerun/", guard(self.rerun_view), name="analysis_analysis_rerun"),
            path("<int:pk>/cancel/", guard(self.cancel_view), name="analysis_analysis_cancel"),
            path("<int:pk>/remove/", guard(self.remove_view), name="analysis_analysis_remove"),
            path("<int:pk>/accept/", guard(self.accept_view), name="analysis_analysis_accept"),
            path("<int:pk>/reject/", guard(self.reject_view), name="analysis_analysis_reject"),
            *super().get_urls(),
        ]

    @display(description=_("Analysis"), header=True)
    def what(self, row: Analysis) -> tuple[str, str]:
        return title_of(row), gettext("No. %(number)s") % {"number": row.pk}

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def person(self, row: Analysis) -> tuple[str, str]:
        return person_name(row.study.patient_name), str(row.study)

    @display(description=_("State"), label=COLOURS)
    def state_badge(self, row: Analysis) -> tuple[str, str]:
        return row.state, state_words(row) or "—"

    @display(description=_("Verdict"), label=VERDICT_COLOURS)
    def verdict_badge(self, row: Analysis) -> tuple[str, str]:
        return row.verdict, str(Verdict(row.verdict).label) if row.verdict else "—"

    @display(description=_("Progress"))
    def how_far(self, row: Analysis) -> SafeString:
        if row.error:
            return format_html('<span class="fovea-why">{}</span>', translated(row.error))
        return progress(row) or SafeString("—")

    @display(description=_("Asked for"), ordering="asked_at", header=True)
    def came(self, row: Analysis) -> tuple[str, str]:
        by = str(row.requested_by or "")
        return day(row.asked_at), " · ".join(filter(None, (clock(row.asked_at), by)))

    @display(description=_("Practice"), ordering="study__practice__name")
    def practice(self, row: Analysis) -> str:
        return str(row.study.practice)

    @display(description="")
    def open(self, row: Analysis) -> SafeString:
        address = viewer_url_of(row)
        if address is None:
            return SafeString()
        return format_html('<a class="fovea-button" href="{}">{}</a>', address, gettext("Open in viewer"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "an analysis")
            context = shown(request, row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @guarded({"GET": Permission.ANALYSE, "POST": Permission.ANALYSE})
    def new_view(self, request: HttpRequest, study_pk: int, name: str) -> HttpResponse:
        """The form by which an analysis of this kind is asked for of this study; the address may fill some of it in."""
        who, study = _analysable(request, study_pk)
        kind = kinds.find(name)
        choices = choices_of(kind, study) if kind else {}
        if kind is None or not can_ask(kind, choices):
            messages.error(request, gettext("This study has nothing that could be analysed so."))
            return HttpResponseRedirect(reverse("admin:archive_study_change", args=[study.pk]))
        form = ParametersForm(kind, choices, request.POST or None, initial=request.GET.dict())
        if form.is_valid() and (row := self._asked(request, who, study, kind, form)) is not None:
            return HttpResponseRedirect(reverse("admin:analysis_analysis_change", args=[row.pk]))
        context = {"title": translated(kind.title), "study": study, "form": form}
        page = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "admin/analysis/new.html", page)

    def _asked(
        self, request: HttpRequest, who: Principal, study: Study, kind: Kind, form: ParametersForm
    ) -> Analysis | None:
        """What was asked for; None where the form says now what is wrong."""
        try:
            asked = asking.ask(who, study.study_instance_uid, kind.name, form.parameters, source=SOURCE)
        except Invalid as error:
            form.tell(error)
            return None
        except FoveaError as error:
            form.add_error(None, translated(error.detail))
            return None
        if not asked.is_started:
            messages.info(request, gettext("The same has been asked for before: this is it."))
        return asked.analysis

    @guarded({"POST": Permission.ANALYSE})
    def rerun_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that has it run again."""
        done = gettext("It runs again. What is stored stays until the new result is.")
        return self._moved(request, pk, lambda who, row: asking.rerun(who, row, source=SOURCE), done)

    @guarded({"POST": Permission.ANALYSE})
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that stops it."""
        return self._moved(request, pk, asking.cancel, gettext("It is cancelled, or stops at its next step."))

    @guarded({"POST": Permission.ANALYSE})
    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that removes it with what came of it."""
        done = gettext("The analysis and its series are removed.")
        return self._moved(request, pk, lambda who, row: asking.remove(who, row, source=SOURCE), done)

    @guarded({"POST": judging.JUDGES})
    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button by which a person stands for what was found."""
        return self._judged(request, pk, judging.accept, gettext("The result is accepted."))

    @guarded({"POST": judging.JUDGES})
    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button by which a person says that it is wrong."""
        return self._judged(request, pk, judging.reject, gettext("The result is rejected."))

    def _judged(self, request: HttpRequest, pk: int, judge: Callable[..., Analysis], done: str) -> HttpResponse:
        remark = request.POST.get("remark", "")[:REMARK_LENGTH]
        return self._moved(request, pk, lambda who, row: judge(who, row, remark=remark, source=SOURCE), done)

    def _moved(
        self, request: HttpRequest, pk: int, move: Callable[[Principal, Analysis], Any], done: str
    ) -> HttpResponse:
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            move(acting_in(request, row.study.practice_id), row)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, done)
        return HttpResponseRedirect(_page_after(row, pk))


def _analysable(request: HttpRequest, study_pk: int) -> tuple[Principal, Study]:
    """The person as they act in the study's practice, and the study. Raises Http404."""
    seen = Study.objects.visible_to(principal(request)).visible_to(principal(request), Permission.ANALYSE)
    study = seen.select_related("practice").defer("found", "original_found").filter(pk=study_pk).first()
    if study is None:
        raise Http404
    return acting_in(request, study.practice_id), study


def _page_after(row: Analysis, pk: int) -> str:
    """What was removed has no page any more: its study's, or with the last of that the list."""
    if Analysis.objects.filter(pk=pk).exists():
        return reverse("admin:analysis_analysis_change", args=[pk])
    if Study.objects.filter(pk=row.study_id).exists():
        return reverse("admin:archive_study_change", args=[row.study_id])
    return reverse("admin:analysis_analysis_changelist")
