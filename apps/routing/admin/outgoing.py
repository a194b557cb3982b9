"""The outbox in the admin: what goes where, what waits, and what could not be sent."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, principal
from apps.archive.templatetags.dicom_text import person_name
from apps.core.dates import clock, moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.routing import hastening, outbox, words
from apps.routing.models import DeliveryState, Outgoing, OutgoingState

COLOURS: Final = {
    OutgoingState.WAITING: "info",
    words.AGAIN: "warning",
    OutgoingState.SENDING: "info",
    OutgoingState.SENT: "success",
    OutgoingState.FAILED: "danger",
    OutgoingState.CANCELLED: "warning",
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
    search_help_text = _("Destination, rule or Study Instance UID")
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
            return gettext("No longer here"), row.study_instance_uid
        what = row.study.study_description or row.study.modalities.strip("\\").replace("\\", ", ")
        return person_name(row.study.patient_name) if self._may_be_seen(row) else gettext("Patient"), what

    @staticmethod
    def _may_be_seen(row: Outgoing) -> bool:
        """Whether names of the practice's patients are for this person."""
        return bool(getattr(row, "may_be_seen", False))

    @display(description=_("Destination"), ordering="remote__name", header=True)
    def destination(self, row: Outgoing) -> tuple[str, str]:
        who = row.rule.name if row.rule else row.asked_by
        return row.remote.name, gettext("by %(name)s") % {"name": who} if who else gettext("by hand")

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Outgoing) -> tuple[str, str]:
        key, text = words.state(row)
        return key, translated(text)

    @display(description=_("Instances"), ordering="total")
    def how_far(self, row: Outgoing) -> SafeString:
        percent = round(100 * row.taken / row.total) if row.total else 0
        full = " full" if row.state == OutgoingState.FAILED else ""
        return format_html(BAR, full, percent, percent, translated(words.done(row)))

    @display(description=_("When"), ordering="created_at", header=True)
    def tries(self, row: Outgoing) -> tuple[str, str]:
        if row.state == OutgoingState.SENT and row.sent_at:
            return gettext("sent %(at)s") % {"at": moment(row.sent_at)}, ""
        asked = gettext("since %(at)s") % {"at": moment(row.created_at)}
        if row.state == OutgoingState.WAITING and row.attempts:
            tries = ngettext("%(count)s attempt, next %(at)s", "%(count)s attempts, next %(at)s", row.attempts)
            return asked, tries % {"count": row.attempts, "at": clock(row.not_before)}
        is_waiting = row.state == OutgoingState.WAITING
        return asked, gettext("priority: %(name)s") % {"name": row.get_priority_display()} if is_waiting else ""

    @display(description=_("What went wrong"))
    def trouble(self, row: Outgoing) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.last_error))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **_shown(row)})

    @action(description=_("Send again"))
    def resend_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        """What was not taken; all of it where all was taken."""
        self._each(request, queryset, outbox.resend, gettext("To be sent again: %(count)s."))

    @action(description=_("Send first"))
    def first_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        """Before all else that waits for the same destination."""
        self._each(request, queryset, hastening.send_first, gettext("To be sent before all others: %(count)s."))

    @action(description=_("Cancel"))
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        self._each(request, queryset, outbox.cancel, gettext("No longer to be sent: %(count)s."))

    def _each(
        self, request: HttpRequest, rows: QuerySet[Outgoing], change: Callable[[Outgoing, Principal], Any], done: str
    ) -> None:
        changed = 0
        for row in rows:
            try:
                change(row, acting_in(request, row.practice_id))
            except FoveaError as error:
                messages.error(
                    request, f"{row.remote.name} · {row.study or row.study_instance_uid} · {translated(error.detail)}"
                )
            else:
                changed += 1
        if changed:
            messages.success(request, done % {"count": changed})


def _shown(row: Outgoing | None) -> dict[str, Any]:
    """The page of one: its facts, and the instances that were not simply taken."""
    if row is None:
        return {}
    unusual = row.deliveries.filter(state__in=(DeliveryState.PARKED, DeliveryState.WARNED)).order_by("pk")
    return {
        "outgoing": row,
        "state": translated(words.state(row)[1]),
        "percent": round(100 * row.taken / row.total) if row.total else 0,
        "unusual": unusual[:MOST_SHOWN],
        "more": max(0, unusual.count() - MOST_SHOWN),
        "outbox_url": reverse("admin:routing_outgoing_changelist"),
        "can_resend": row.state not in outbox.OPEN and row.study_id is not None,
        "can_cancel": row.state in outbox.OPEN,
        "can_hurry": row.state == OutgoingState.WAITING,
    }
