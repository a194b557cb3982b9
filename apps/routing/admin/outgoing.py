"""The outbox in the admin: what goes where, what waits, and what could not be sent."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, principal
from apps.archive.templatetags.dicom_text import counted, person_name
from apps.core.errors import FoveaError
from apps.routing import hastening, outbox, words
from apps.routing.models import DeliveryState, Outgoing, OutgoingState

COLOURS: Final = {
    "Waiting": "info",
    "Waiting to try again": "warning",
    "Sending": "info",
    "Sent": "success",
    "Failed": "danger",
    "Cancelled": "warning",
}
MOST_SHOWN: Final = 100
BAR: Final = (
    '<span class="fovea-progress">'
    '<svg class="fovea-bar{}" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{} %">'
    '<rect class="track" width="100" height="8"/><rect class="fill" width="{}" height="8"/></svg>{}</span>'
)


@admin.register(Outgoing)
class OutgoingAdmin(ScopedAdmin):
    """What is to go and what has gone, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("study_of", "destination", "state_badge", "how_far", "tries", "trouble")
    list_filter = ("state", ("remote", RelatedOnlyFieldListFilter), "priority", PracticeFilter)
    list_fullwidth = True
    search_fields = ("remote__name", "rule__name", "=study_instance_uid")
    search_help_text = "Destination, rule or Study Instance UID"
    actions = ("resend_selected", "first_selected", "cancel_selected")
    change_form_template = "admin/routing/outgoing.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outgoing]:
        rows = super().get_queryset(request).select_related("practice", "remote", "rule", "study", "asked_by")
        whole = principal(request).whole(Permission.VIEW)
        seen = Value(True) if whole is None else Q(practice__in=whole)
        rows = rows.annotate(may_be_seen=ExpressionWrapper(seen, BooleanField()))
        return rows.defer("study__found", "study__original_found", "study__correction")

    @display(description=_("Study"), ordering="id", header=True)
    def study_of(self, row: Outgoing) -> tuple[str, str]:
        if row.study is None:
            return "No longer here", row.study_instance_uid
        what = row.study.study_description or row.study.modalities.strip("\\").replace("\\", ", ")
        return person_name(row.study.patient_name) if self._may_be_seen(row) else "Patient", what

    @staticmethod
    def _may_be_seen(row: Outgoing) -> bool:
        """Whether names of the practice's patients are for this person."""
        return bool(getattr(row, "may_be_seen", False))

    @display(description=_("Destination"), ordering="remote__name", header=True)
    def destination(self, row: Outgoing) -> tuple[str, str]:
        return row.remote.name, f"by {row.rule.name}" if row.rule else f"by {row.asked_by or 'hand'}"

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Outgoing) -> str:
        return words.state(row)

    @display(description=_("Instances"), ordering="total")
    def how_far(self, row: Outgoing) -> SafeString:
        percent = round(100 * row.taken / row.total) if row.total else 0
        return format_html(BAR, " full" if row.state == OutgoingState.FAILED else "", percent, percent, words.done(row))

    @display(description=_("When"), ordering="created_at", header=True)
    def tries(self, row: Outgoing) -> tuple[str, str]:
        if row.state == OutgoingState.SENT and row.sent_at:
            return f"sent {localtime(row.sent_at):%Y-%m-%d %H:%M}", ""
        asked = f"since {localtime(row.created_at):%Y-%m-%d %H:%M}"
        if row.state == OutgoingState.WAITING and row.attempts:
            return asked, f"{counted(row.attempts, 'attempt')}, next {localtime(row.not_before):%H:%M}"
        return asked, row.get_priority_display().lower() + " priority" if row.state == OutgoingState.WAITING else ""

    @display(description=_("What went wrong"))
    def trouble(self, row: Outgoing) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', row.last_error)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **_shown(row)})

    @action(description=_("Send again"))
    def resend_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        """What was not taken; all of it where all was taken."""
        self._each(request, queryset, outbox.resend, "is sent again")

    @action(description=_("Send first"))
    def first_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        """Before all else that waits for the same destination."""
        self._each(request, queryset, hastening.send_first, "goes before all others")

    @action(description=_("Cancel"))
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        self._each(request, queryset, outbox.cancel, "is not sent any more")

    def _each(
        self, request: HttpRequest, rows: QuerySet[Outgoing], change: Callable[[Outgoing, Principal], Any], done: str
    ) -> None:
        changed = 0
        for row in rows:
            try:
                change(row, acting_in(request, row.practice_id))
            except FoveaError as error:
                messages.error(request, f"To {row.remote.name}, {row.study or row.study_instance_uid}: {error.detail}")
            else:
                changed += 1
        if changed:
            messages.success(request, f"{changed} stud{pluralize(changed, 'y,ies')}: each {done}.")


def _shown(row: Outgoing | None) -> dict[str, Any]:
    """The page of one: its facts, and the instances that were not simply taken."""
    if row is None:
        return {}
    unusual = row.deliveries.filter(state__in=(DeliveryState.PARKED, DeliveryState.WARNED)).order_by("pk")
    return {
        "outgoing": row,
        "state": words.state(row),
        "percent": round(100 * row.taken / row.total) if row.total else 0,
        "done": words.done(row),
        "unusual": unusual[:MOST_SHOWN],
        "more": max(0, unusual.count() - MOST_SHOWN),
        "outbox_url": reverse("admin:routing_outgoing_changelist"),
        "can_resend": row.state not in outbox.OPEN and row.study_id is not None,
        "can_cancel": row.state in outbox.OPEN,
        "can_hurry": row.state == OutgoingState.WAITING,
    }
