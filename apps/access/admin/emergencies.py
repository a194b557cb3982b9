"""Emergencies in the admin: what goes on, and what somebody has to look at afterwards."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.access import emergencies
from apps.access.admin.deciding import DecidingAdmin
from apps.access.models import Emergency
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, guarded, principal
from apps.archive.models import TEXT_LENGTH
from apps.archive.templatetags.dicom_text import person_name
from apps.audit.models import Event
from apps.audit.patients import pseudonym
from apps.core.dates import moment

CURRENT, UNREVIEWED, REVIEWED = "current", "unreviewed", "reviewed"
STATES = {CURRENT: _("Going on"), UNREVIEWED: _("To be reviewed"), REVIEWED: _("Reviewed")}
COLOURS = {CURRENT: "danger", UNREVIEWED: "warning", REVIEWED: "success"}
MOST_EVENTS = 50


@admin.register(Emergency)
class EmergencyAdmin(DecidingAdmin):
    """The newest first."""

    asks = {"view": Permission.ADMINISTER}
    deeds = ("end", "review")
    list_display = ("who", "whom", "why", "state", "began", "ended")
    list_filter = (("reviewed_at", admin.EmptyFieldListFilter), PracticeFilter)
    search_fields = ("user__username", "patient__name_key", "patient__patient_id")
    search_help_text = _("User name, patient's name or Patient ID")
    ordering = ("-pk",)
    change_form_template = "admin/access/emergency.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Emergency]:
        rows = super().get_queryset(request)
        return rows.select_related("user", "patient", "practice", "ended_by", "reviewed_by")

    @display(description=_("User"), ordering="user__username", header=True)
    def who(self, row: Emergency) -> tuple[str, str]:
        return row.user.get_full_name() or row.user.username, row.user.username

    @display(description=_("Patient"), ordering="patient__name_key", header=True)
    def whom(self, row: Emergency) -> tuple[str, str]:
        return (
            (person_name(row.patient.name), row.patient.patient_id) if row.patient else (gettext("nobody any more"), "")
        )

    @display(description=_("Why"))
    def why(self, row: Emergency) -> str:
        return row.reason

    @display(description=_("State"), label=COLOURS)
    def state(self, row: Emergency) -> tuple[str, str]:
        state = CURRENT if row.is_current else REVIEWED if row.reviewed_at else UNREVIEWED
        return state, str(STATES[state])

    @display(description=_("Began"), ordering="started_at")
    def began(self, row: Emergency) -> str:
        return moment(row.started_at)

    @display(description=_("Ends"), ordering="until")
    def ended(self, row: Emergency) -> str:
        return moment(row.ended_at or row.until)

    def page(self, request: HttpRequest, row: Emergency) -> dict[str, Any]:
        return {
            "title": gettext("Emergency declared by %(name)s") % {"name": row.user},
            "is_own": row.user_id == principal(request).user_id,
            "events": _looked_at(row),
        }

    @guarded({"POST": Permission.ADMINISTER})
    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(request, pk, lambda who: emergencies.end(who, pk), gettext("The emergency has ended."))

    @guarded({"POST": Permission.ADMINISTER})
    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        note = request.POST.get("note", "")[:TEXT_LENGTH]
        done = gettext("The review is on record.")
        return self.decide(request, pk, lambda who: emergencies.review(who, pk, note=note), done)


def _looked_at(row: Emergency) -> QuerySet[Event] | list[Event]:
    """What is on record of this user with this patient's images while it lasted."""
    if row.patient is None:
        return []
    of_whom = pseudonym(row.practice_id, row.patient.identity)
    during = Event.objects.filter(at__gte=row.started_at, at__lte=row.ended_at or row.until)
    return during.filter(practice=row.practice_id, actor=row.user.username, patient=of_whom).order_by("id")[
        :MOST_EVENTS
    ]
