"""Scheduled steps in the admin: the list, the form to plan one, and what is done with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ReadersChange, guarded, practice_column, practices_of, principal
from apps.archive.templatetags.dicom_text import person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.worklist import checking_in, scheduling
from apps.worklist.admin.days import DayPages
from apps.worklist.admin.filters import DayFilter, StationFilter, StepModalityFilter
from apps.worklist.admin.forms import CancelForm, StepForm
from apps.worklist.admin.imports import ImportPages
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.scheduling import CHANGEABLE, MOVES
from apps.worklist.wording import devices, station_of

SOURCE: Final = "admin"
PREFILLED: Final = ("start_date", "start_time", "device", "practice", "patient_id", "family_name", "given_name")

_CHOSEN_BY: Final = frozenset({"q", "day", "state__exact", "modality", "device", "practice"})


@admin.register(ScheduledStep)
class ScheduledStepAdmin(ListOnRecord, DayPages, ImportPages, ReadersChange):
    """The steps of the practices that the person sees, the latest day first."""

    searched = "scheduled steps"
    chosen_by = _CHOSEN_BY
    asks: Mapping[str, Guard] = {"view": Permission.VIEW, "add": PLANNING, "change": PLANNING}
    list_display = ("patient", "planned_for", "what", "where", "number", "state_shown")
    list_display_links = ("patient",)
    list_filter = (DayFilter, "state", StepModalityFilter, StationFilter, PracticeFilter)
    list_fullwidth = True
    search_fields = ("patient_name", "patient_id", "accession_number", "step_id", "external_id", "study_instance_uid")
    search_help_text = _("Name, Patient ID, accession number, step ID or UID")
    actions = None
    change_list_template = "admin/worklist/steps.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledStep]:
        return super().get_queryset(request).select_related("practice").defer("item", "attributes")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/cancel/", guard(self.cancel_view), name="worklist_scheduledstep_cancel"),
            path("<int:pk>/reopen/", guard(self.reopen_view), name="worklist_scheduledstep_reopen"),
            path("<int:pk>/check-in/", guard(self.check_in_view), name="worklist_scheduledstep_check_in"),
            *super().get_urls(),
        ]

    @display(description=_("Patient"), ordering="patient_name", header=True)
    def patient(self, step: ScheduledStep) -> tuple[str, str]:
        return person_name(step.patient_name), step.patient_id

    @display(description=_("When"), ordering="start_date", header=True)
    def planned_for(self, step: ScheduledStep) -> tuple[str, str]:
        return day(step.start_date), clock(step.start_time) if step.start_time else gettext("any time")

    @display(description=_("What"), ordering="modality", header=True)
    def what(self, step: ScheduledStep) -> tuple[str, str]:
        return step.modality, step.description

    @display(description=_("Where"), header=True)
    def where(self, step: ScheduledStep) -> tuple[str, str]:
        return step.station_titles.replace("\\", ", ") or gettext("any device"), step.location

    @display(description=_("Accession number"), ordering="accession_number")
    def number(self, step: ScheduledStep) -> str:
        return step.accession_number

    @display(description=_("State"), ordering="state")
    def state_shown(self, step: ScheduledStep) -> SafeString:
        return format_html('<span class="fovea-step-state {}">{}</span>', step.state, step.get_state_display())

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The empty form; the address may say what is known already."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        known: dict[str, Any] = {"practice": principal(request).practice_id}
        known |= {name: request.GET[name] for name in PREFILLED if name in request.GET}
        form = self._form(request, None, initial=known)
        if form.is_valid() and (step := self._saved(request, form)):
            text = gettext("Planned, with the accession number %(number)s.")
            messages.success(request, text % {"number": step.accession_number})
            return to_step(step)
        return self._page(request, "plan", {"title": gettext("Plan a step"), "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is planned, and for who may plan the form to change it."""
        step = self.get_object(request, object_id)
        if step is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_plan = self.has_change_permission(request, step)
        if request.method == "POST" and not may_plan:
            raise PermissionDenied
        form = self._form(request, step) if may_plan and step.state in CHANGEABLE else None
        if form is not None and form.is_valid() and self._saved(request, form):
            messages.success(request, gettext("Changed."))
            return to_step(step)
        access.note_search(principal(request), "a scheduled step", ["step"], 1)
        return self._page(request, "step", {"title": str(step), "form": form, **self._facts(step, may_plan)})

    @guarded({"GET": PLANNING, "POST": PLANNING})
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks why, and cancels."""
        step = self.step_of(request, pk)
        form = CancelForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            done = gettext("Cancelled.")
            return self._moved(
                request, step, lambda who: scheduling.cancel(step, who, reason=reason, source=SOURCE), done
            )
        title = gettext("Cancel %(step)s") % {"step": step}
        return self._page(request, "cancel", {"title": title, "form": form, "step": step})

    @guarded({"POST": PLANNING})
    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of a cancelled or expired step."""
        step = self.step_of(request, pk)
        done = gettext("It is on the worklists again.")
        return self._moved(request, step, lambda who: scheduling.reopen(step, who, source=SOURCE), done)

    @guarded({"POST": PLANNING})
    def check_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that says that the patient is here."""
        step = self.step_of(request, pk)
        done = gettext("Checked in.")
        return self._moved(request, step, lambda who: checking_in.check_in(step, who, source=SOURCE), done)

    def step_of(self, request: HttpRequest, pk: int) -> ScheduledStep:
        """A step that the person may plan. Raises Http404, PermissionDenied."""
        step = self.get_object(request, str(pk))
        if step is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.has_change_permission(request, step):
            raise PermissionDenied
        return step

    def _moved(
        self, request: HttpRequest, step: ScheduledStep, move: Callable[[Any], ScheduledStep], done: str
    ) -> HttpResponse:
        try:
            move(principal(request))
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, done)
        return to_step(step)

    def _form(self, request: HttpRequest, step: ScheduledStep | None, **options: Any) -> StepForm:
        practices = plannable(request)
        of = [step.practice_id] if step else list(practices.values_list("pk", flat=True))
        return StepForm(request.POST or None, step=step, practices=practices, devices=devices(of), **options)

    def _saved(self, request: HttpRequest, form: StepForm) -> ScheduledStep | None:
        """What is planned or changed; None where a service refuses it, which the form then says."""
        who = principal(request)
        try:
            if form.step is None:
                return scheduling.schedule(form.practice_id, form.planned, who, source=SOURCE)
            return scheduling.change(form.step, form.planned, who, source=SOURCE)
        except FoveaError as error:
            form.add_error(None, translated(error.detail))
            return None

    def _facts(self, step: ScheduledStep, may_plan: bool) -> dict[str, Any]:
        return {
            "step": step,
            "where": station_of(step.station_titles, devices([step.practice_id])),
            "may_plan": may_plan,
            "may_cancel": may_plan and step.state in MOVES[StepState.CANCELLED],
            "may_reopen": may_plan and step.state in MOVES[StepState.SCHEDULED],
            "may_check_in": may_plan and step.is_open and step.checked_in_at is None,
            "performed": step.performed_steps.order_by("pk") if hasattr(step, "performed_steps") else (),
        }

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/worklist/{template}.html", known)


def plannable(request: HttpRequest) -> QuerySet[Any]:
    """The practices in which the person may plan."""
    whole = principal(request).whole(PLANNING)
    return practices_of(request) if whole is None else practices_of(request).filter(pk__in=whole)


def note_search(request: HttpRequest, what: str, count: int) -> None:
    """Put on record that steps were looked at, and by what they were chosen; not the values, which name patients."""
    access.note_search(principal(request), what, sorted(set(request.GET) & _CHOSEN_BY), count)


def to_step(step: ScheduledStep) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:worklist_scheduledstep_change", args=[step.pk]))
