"""Appointments in the admin: the list by day, the form, and what becomes of one."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ReadersChange, guarded, practice_column, principal
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.core.errors import FoveaError
from apps.core.languages import Label, translated
from apps.dicom.spoken import unturned
from apps.practice.admin.appointment_forms import AppointmentForm, CancelAppointmentForm
from apps.practice.appointments import booking, moving
from apps.practice.appointments.booking import Booking
from apps.practice.appointments.remarks import remarks
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.worklist.admin.filters import DAYS, days_of
from apps.worklist.models import StepState
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.wording import devices

SOURCE: Final = "admin"
PREFILLED: Final = ("lead", "day", "at", "device", "modality")
_CHOSEN_BY: Final = frozenset({"q", "day", "state__exact", "practice"})
# As steps of the worklist are drawn.
_LOOKS: Final = {
    AppointmentState.BOOKED: StepState.SCHEDULED,
    AppointmentState.ARRIVED: StepState.IN_PROGRESS,
    AppointmentState.FULFILLED: StepState.COMPLETED,
    AppointmentState.CANCELLED: StepState.CANCELLED,
    AppointmentState.NO_SHOW: StepState.DISCONTINUED,
}
# The buttons beside "Cancel": verb, label, the state that it leads to.
MOVES: Final[Mapping[str, tuple[Callable[..., Appointment], Label, AppointmentState]]] = {
    "arrive": (moving.arrive, _("The lead is here"), AppointmentState.ARRIVED),
    "fulfil": (moving.fulfil, _("Done"), AppointmentState.FULFILLED),
    "no-show": (moving.no_show, _("Did not come"), AppointmentState.NO_SHOW),
    "reopen": (moving.reopen, _("Book it again"), AppointmentState.BOOKED),
}


class AppointmentDayFilter(SimpleListFilter):
    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, label in DAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = days_of(self.value() or "")
        if days is None:
            return queryset
        first, after = (
            datetime.combine(max(day, booking.FIRST.date()), time.min, get_current_timezone()) for day in days
        )
        return queryset.filter(start_at__gte=first, start_at__lt=after)


@admin.register(Appointment)
class AppointmentAdmin(ListOnRecord, ReadersChange):
    """The appointments of the practices that the person sees, the latest first."""

    searched = "appointments"
    chosen_by = _CHOSEN_BY
    asks: Mapping[str, Guard] = {"view": Permission.VIEW, "add": PLANNING, "change": PLANNING}
    list_display = ("person", "when", "what", "where", "state_shown", "images")
    list_display_links = ("person",)
    list_filter = (AppointmentDayFilter, "state", PracticeFilter)
    list_fullwidth = True
    ordering = ("-start_at", "-pk")
    search_fields = ("lead__name_key", "lead__external_id", "lead__patient_id", "external_id")
    search_help_text = _("Name, or an ID")
    actions = None
    change_list_template = "admin/practice/appointments.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        rows = super().get_queryset(request).select_related("practice", "lead", "step__study")
        return rows.defer("step__item", "step__attributes", "step__study__found")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/cancel/", guard(self.cancel_view), name="practice_appointment_cancel"),
            path("<int:pk>/<slug:name>/move/", guard(self.move_view), name="practice_appointment_move"),
            *super().get_urls(),
        ]

    @display(description=_("Lead"), ordering="lead__name_key", header=True)
    def person(self, appointment: Appointment) -> tuple[str, str]:
        return unturned(str(appointment.lead)), appointment.lead.dicom_patient_id

    @display(description=_("When"), ordering="start_at", header=True)
    def when(self, appointment: Appointment) -> tuple[str, str]:
        length = gettext("%(number)s min") % {"number": appointment.minutes}
        return day(appointment.start_at), f"{clock(appointment.start_at)}, {length}"

    @display(description=_("What"), header=True)
    def what(self, appointment: Appointment) -> tuple[str, str]:
        return appointment.description or gettext("Appointment"), appointment.modality

    @display(description=_("Where"), header=True)
    def where(self, appointment: Appointment) -> tuple[str, str]:
        return appointment.station_title or appointment.location, appointment.practitioner

    @display(description=_("State"), ordering="state")
    def state_shown(self, appointment: Appointment) -> SafeString:
        return state_of(appointment)

    @display(description=_("Images"))
    def images(self, appointment: Appointment) -> str:
        study = appointment.step.study if appointment.step else None
        return f"{study.instance_count}" if study else ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The empty form; the address may say what is known already."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self._form(request, None, {name: request.GET[name] for name in PREFILLED if name in request.GET})
        if form.is_valid() and (appointment := self._saved(request, form)):
            messages.success(request, gettext("Booked."))
            return to_appointment(appointment)
        return self._page(request, "appointment_book", {"title": gettext("Book an appointment"), "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is booked, what has come of it, and for who may book the form to change it."""
        appointment = self.get_object(request, object_id)
        if appointment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_book = self.has_change_permission(request, appointment)
        if request.method == "POST" and not may_book:
            raise PermissionDenied
        form = self._form(request, appointment) if may_book and appointment.is_open else None
        if form is not None and form.is_valid() and self._saved(request, form):
            messages.success(request, gettext("Changed."))
            return to_appointment(appointment)
        access.note_search(principal(request), "an appointment", ["appointment"], 1)
        title = unturned(str(appointment))
        return self._page(request, "appointment", {"title": title, "form": form, **_facts(appointment, may_book)})

    @guarded({"GET": PLANNING, "POST": PLANNING})
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks why, and cancels."""
        appointment = self.appointment_of(request, pk)
        form = CancelAppointmentForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            return _moved(
                request, appointment, lambda who: moving.cancel(appointment, who, reason=reason, source=SOURCE)
            )
        context = {
            "title": gettext("Cancel: %(what)s") % {"what": unturned(str(appointment))},
            "form": form,
            "appointment": appointment,
        }
        return self._page(request, "appointment_cancel", context)

    @guarded({"POST": PLANNING})
    def move_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The buttons that say what has become of it."""
        appointment = self.appointment_of(request, pk)
        if name not in MOVES:
            return self._get_obj_does_not_exist_redirect(request, self.opts, name)
        return _moved(request, appointment, lambda who: MOVES[name][0](appointment, who, source=SOURCE))

    def appointment_of(self, request: HttpRequest, pk: int) -> Appointment:
        """One that the person may change. Raises Http404, PermissionDenied."""
        appointment: Appointment | None = self.get_object(request, str(pk))
        if appointment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.has_change_permission(request, appointment):
            raise PermissionDenied
        return appointment

    def _form(
        self, request: HttpRequest, appointment: Appointment | None, initial: dict[str, str] | None = None
    ) -> AppointmentForm:
        leads = Lead.objects.visible_to(principal(request), PLANNING).alive()
        of = [appointment.practice_id] if appointment else list(principal(request).practice_ids)
        if appointment:
            leads = leads.filter(practice=appointment.practice_id)
        known = devices(of)
        return AppointmentForm(
            request.POST or None, appointment=appointment, leads=leads, devices=known, initial=initial or {}
        )

    def _saved(self, request: HttpRequest, form: AppointmentForm) -> Appointment | None:
        """What is booked or changed; None where a service refuses it, which the form then says."""
        who, facts = principal(request), form.facts
        try:
            if form.appointment is None:
                return booking.book(facts["lead"].practice_id, Booking(**facts), who, source=SOURCE)
            return booking.change(form.appointment, facts, who, source=SOURCE)
        except FoveaError as error:
            form.tell(error)
            return None

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/practice/{template}.html", known)


def state_of(appointment: Appointment) -> SafeString:
    """Its state as a badge."""
    look = _LOOKS[AppointmentState(appointment.state)].value
    return format_html('<span class="fovea-step-state {}">{}</span>', look, appointment.get_state_display())


def to_appointment(appointment: Appointment) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:practice_appointment_change", args=[appointment.pk]))


def _moved(request: HttpRequest, appointment: Appointment, move: Callable[[Any], Appointment]) -> HttpResponse:
    try:
        moved = move(principal(request))
    except FoveaError as error:
        messages.error(request, translated(error.detail))
    else:
        messages.success(request, moved.get_state_display())
    return to_appointment(appointment)


def _facts(appointment: Appointment, may_book: bool) -> dict[str, Any]:
    moves = (
        [(name, label) for name, (_, label, state) in MOVES.items() if moving.may_become(appointment, state)]
        if may_book
        else []
    )
    return {
        "appointment": appointment,
        "state": state_of(appointment),
        "moves": moves,
        "may_cancel": may_book and moving.may_become(appointment, AppointmentState.CANCELLED),
        "remarks": [translated(remark) for remark in remarks(appointment)],
        "study": appointment.step.study if appointment.step else None,
    }
