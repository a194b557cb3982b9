"""Deliveries in the admin: what each webhook was told, what it answered, and sending it again."""

import json
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.webhooks import administering, kinds, letters
from apps.webhooks.models import Delivery, Detail, State

SOURCE: Final = "admin"
COLOURS: Final = {
    State.WAITING: "info",
    State.SENDING: "info",
    State.FAILED: "warning",
    State.DELIVERED: "success",
    State.GIVEN_UP: "danger",
}


class OfPractice(PracticeFilter):
    """By the webhook's practice."""

    path = "webhook__practice"


@admin.register(Delivery)
class DeliveryAdmin(ScopedAdmin):
    """What was told, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("what", "to", "state_badge", "tries", "answered", "trouble")
    list_filter = ("state", ("webhook", RelatedOnlyFieldListFilter), OfPractice)
    list_fullwidth = True
    search_fields = ("=event__kind", "=subject", "=event__uid")
    search_help_text = _("Kind of event, Study Instance UID, or webhook-id")
    actions = ("redeliver_selected",)
    change_form_template = "admin/webhooks/delivery.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).select_related("event", "webhook__practice")

    @display(description=_("Event"), ordering="id", header=True)
    def what(self, row: Delivery) -> tuple[str, str]:
        return row.event.kind, moment(row.event.occurred_at)

    @display(description=_("Webhook"), ordering="webhook__name")
    def to(self, row: Delivery) -> str:
        return row.webhook.name

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Delivery) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Attempts"), header=True)
    def tries(self, row: Delivery) -> tuple[str, str]:
        if row.state == State.FAILED and row.next_at:
            return str(row.attempts), gettext("next %(at)s") % {"at": moment(row.next_at)}
        return str(row.attempts), moment(row.delivered_at) if row.delivered_at else ""

    @display(description=_("Answer"), header=True)
    def answered(self, row: Delivery) -> tuple[str, str]:
        status = f"HTTP {row.last_status}" if row.last_status else "—"
        return status, "" if row.milliseconds is None else f"{row.milliseconds} ms"

    @display(description=_("What went wrong"))
    def trouble(self, row: Delivery) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.last_error))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **_shown(row)})

    @action(description=_("Send again"))
    def redeliver_selected(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """With all their attempts, by the same webhook-id."""
        count = 0
        for row in queryset:
            try:
                administering.redeliver(acting_in(request, row.webhook.practice_id), row, source=SOURCE)
            except FoveaError as error:
                messages.error(request, f"{row.event.kind}: {translated(error.detail)}")
            else:
                count += 1
        if count:
            text = ngettext("%(count)s event is sent again.", "%(count)s events are sent again.", count)
            messages.success(request, text % {"count": count})


def _shown(row: Delivery | None) -> dict[str, Any]:
    """The page of one: the body without a patient's data, and every attempt."""
    if row is None:
        return {}
    kind = kinds.find(row.event.kind)
    return {
        "delivery": row,
        "words": kind.words if kind else row.event.kind,
        "body": json.dumps(json.loads(letters.body_of(row.event)), indent=2, ensure_ascii=False),
        "adds": row.webhook.detail == Detail.FULL and "studyInstanceUid" in row.event.data,
        "log": list(row.log.all()[:100]),
        "can_resend": row.state in administering.ENDED,
        "list_url": reverse("admin:webhooks_delivery_changelist"),
    }
