"""Assignments in the admin: who takes care of whom, now and before. They are made on the patient's page."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.access import assignments, people
from apps.access.admin.deciding import DecidingAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, acting_in, guarded, principal
from apps.archive.models import TEXT_LENGTH, Assignment, Patient
from apps.archive.templatetags.dicom_text import person_name
from apps.core.dates import moment
from apps.core.errors import FoveaError, NotFound
from apps.core.languages import translated


class OfPractice(PracticeFilter):
    path = "patient__practice"


@admin.register(Assignment)
class AssignmentAdmin(DecidingAdmin):
    """The newest first; ended ones stay."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("who", "whom", "state", "how", "came", "ended")
    list_display_links = None
    list_filter = ("origin", ("until", admin.EmptyFieldListFilter), OfPractice)
    search_fields = ("user__username", "patient__name_key", "patient__patient_id")
    search_help_text = _("User name, patient's name or Patient ID")
    ordering = ("-since",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        whole = principal(request).whole(Permission.ADMINISTER)
        rows = Assignment.objects.select_related("patient", "user", "assigned_by", "ended_by").order_by("-since")
        return rows if whole is None else rows.filter(patient__practice__in=whole)

    def get_urls(self) -> list[URLPattern]:
        def own(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"archive_assignment_{name}")

        mine = [own("assign/<int:patient>/", self.assign, "assign"), own("<int:pk>/end/", self.end, "end")]
        return [*mine, *super().get_urls()]

    @guarded({"POST": Permission.ADMINISTER})
    def assign(self, request: HttpRequest, patient: int) -> HttpResponse:
        """The form on the patient's page."""
        row = Patient.objects.visible_to(principal(request), Permission.ADMINISTER).filter(pk=patient).first()
        if row is None:
            raise NotFound(assignments.NO_PATIENT)
        reason = request.POST.get("reason", "")[:TEXT_LENGTH]
        try:
            user = people.colleague(row.practice_id, request.POST.get("username", ""))
            assignments.assign(acting_in(request, row.practice_id), row, user, reason=reason)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("%(name)s is assigned to this patient.") % {"name": user})
        return _to_patient(patient)

    @guarded({"POST": Permission.ADMINISTER})
    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.found(request, pk)
        reason = request.POST.get("reason", "")[:TEXT_LENGTH]
        done = gettext("The assignment has ended.")
        self.decide(request, pk, lambda who: assignments.end(who, pk, reason=reason), done)
        return _to_patient(row.patient_id)

    def practice_of(self, row: Any) -> int:
        return int(row.patient.practice_id)

    @display(description=_("User"), ordering="user__username", header=True)
    def who(self, row: Assignment) -> tuple[str, str]:
        return row.user.get_full_name() or row.user.username, row.user.username

    @display(description=_("Patient"), ordering="patient__name_key")
    def whom(self, row: Assignment) -> SafeString:
        page = reverse("admin:archive_patient_change", args=[row.patient_id])
        return format_html('<a href="{}">{}</a>', page, person_name(row.patient.name))

    @display(description=_("State"), label={"current": "success", "ended": "info"})
    def state(self, row: Assignment) -> tuple[str, str]:
        return ("ended", gettext("Ended")) if row.until else ("current", gettext("Current"))

    @display(description=_("How"), header=True)
    def how(self, row: Assignment) -> tuple[str, str]:
        return row.get_origin_display(), row.reason

    @display(description=_("Since"), ordering="since", header=True)
    def came(self, row: Assignment) -> tuple[str, str]:
        return moment(row.since), gettext("by %(name)s") % {"name": row.assigned_by} if row.assigned_by else ""

    @display(description=_("Until"), ordering="until", header=True)
    def ended(self, row: Assignment) -> tuple[str, str]:
        if row.until is None:
            return "", ""
        by = gettext("by %(name)s") % {"name": row.ended_by} if row.ended_by else ""
        return moment(row.until), " · ".join(filter(None, (by, row.end_reason)))


def _to_patient(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:archive_patient_change", args=[pk]))
