"""Access requests in the admin: what is asked for, what it concerns, and the decision."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.access import finding, requests
from apps.access.admin.deciding import DecidingAdmin
from apps.access.models import AccessRequest
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, guarded, principal
from apps.archive.models import TEXT_LENGTH
from apps.core.dates import moment

STATE = AccessRequest.State
COLOURS = {STATE.WAITING: "warning", STATE.APPROVED: "success", STATE.REFUSED: "danger"}


@admin.register(AccessRequest)
class AccessRequestAdmin(DecidingAdmin):
    """The newest first."""

    asks = {"view": Permission.ADMINISTER}
    deeds = ("approve", "refuse")
    list_display = ("who", "what", "why", "state_badge", "came", "decision")
    list_filter = ("state", PracticeFilter)
    search_fields = ("user__username", "=value")
    search_help_text = _("User name, or the number that was asked for")
    ordering = ("-pk",)
    change_form_template = "admin/access/request.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessRequest]:
        return super().get_queryset(request).select_related("user", "decided_by", "practice")

    @display(description=_("Who asks"), ordering="user__username", header=True)
    def who(self, row: AccessRequest) -> tuple[str, str]:
        return row.user.get_full_name() or row.user.username, row.user.username

    @display(description=_("For what"), header=True)
    def what(self, row: AccessRequest) -> tuple[str, str]:
        return row.value, row.get_kind_display()

    @display(description=_("Why"))
    def why(self, row: AccessRequest) -> str:
        return row.reason

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: AccessRequest) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Asked"), ordering="asked_at", header=True)
    def came(self, row: AccessRequest) -> tuple[str, str]:
        span = ngettext("for %(days)s day", "for %(days)s days", row.days)
        return moment(row.asked_at), span % {"days": row.days}

    @display(description=_("Decided"), header=True)
    def decision(self, row: AccessRequest) -> tuple[str, str]:
        if row.decided_at is None:
            return "", ""
        return moment(row.decided_at), gettext("by %(name)s") % {"name": row.decided_by} if row.decided_by else ""

    def page(self, request: HttpRequest, row: AccessRequest) -> dict[str, Any]:
        found = finding.studies(row.practice_id, row.kind, row.value)
        return {
            "title": gettext("%(name)s asks for access") % {"name": row.user},
            "concerns": found[: finding.MOST_STUDIES],
            "is_waiting": row.state == AccessRequest.State.WAITING,
            "is_own": row.user_id == principal(request).user_id,
            "most_days": requests.MOST_DAYS,
        }

    @guarded({"POST": Permission.ADMINISTER})
    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        days = request.POST.get("days", "")
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        answer = request.POST.get("answer", "")[:TEXT_LENGTH]
        done = gettext("Approved: the asker sees it now.")
        return self.decide(request, pk, lambda who: requests.approve(who, pk, days=number, answer=answer), done)

    @guarded({"POST": Permission.ADMINISTER})
    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        answer = request.POST.get("answer", "")[:TEXT_LENGTH]
        return self.decide(request, pk, lambda who: requests.refuse(who, pk, answer=answer), gettext("Refused."))
