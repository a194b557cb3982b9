"""Storage commitments in the admin: what devices asked about, what they were told, and what waits."""

from typing import Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin
from apps.dimse import commitments
from apps.dimse.models import Commitment, CommitmentState

COLOURS: Final = {
    CommitmentState.WAITING.label: "warning",
    CommitmentState.TOLD.label: "success",
    CommitmentState.GIVEN_UP.label: "danger",
}


@admin.register(Commitment)
class CommitmentAdmin(ScopedAdmin):
    """Requests of devices to say what is kept here safely, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("asker", "asked", "state_badge", "outcome", "next_one", "trouble")
    list_filter = ("state", PracticeFilter)
    list_fullwidth = True
    search_fields = ("remote__name", "=transaction_uid")
    search_help_text = "Remote or Transaction UID"
    actions = ("tell_again",)
    fieldsets = (
        (None, {"fields": (("remote", "called"), ("asked_at", "transaction_uid"), ("instances", "failed"))}),
        (_("Telling it"), {"fields": (("state", "told_at"), ("attempts", "next_try_at"), "error")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Commitment]:
        return super().get_queryset(request).select_related("remote", "practice").defer("references")

    @display(description=_("Remote"), ordering="remote__name", header=True)
    def asker(self, row: Commitment) -> tuple[str, str]:
        return row.remote.name, str(row.practice)

    @display(description=_("Asked"), ordering="asked_at", header=True)
    def asked(self, row: Commitment) -> tuple[str, str]:
        return f"{localtime(row.asked_at):%Y-%m-%d %H:%M}", f"{row.instances} instance{pluralize(row.instances)}"

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Commitment) -> str:
        return row.get_state_display()

    @display(description=_("Result"))
    def outcome(self, row: Commitment) -> str:
        if row.failed is None:
            return "—"
        return f"{row.instances - row.failed} kept, {row.failed} not" if row.failed else "all kept"

    @display(description=_("Next try"), ordering="next_try_at", header=True)
    def next_one(self, row: Commitment) -> tuple[str, str]:
        tried = f"after {row.attempts} in vain" if row.attempts else ""
        due = f"{localtime(row.next_try_at):%Y-%m-%d %H:%M}" if row.state == CommitmentState.WAITING else "—"
        return due, tried

    @display(description=_("What went wrong"))
    def trouble(self, row: Commitment) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', row.error)

    @action(description=_("Try again"))
    def tell_again(self, request: HttpRequest, queryset: QuerySet[Commitment]) -> None:
        """Tell their remotes the outcome anew, now."""
        for commitment in queryset:
            commitments.try_again(commitment)
            messages.success(request, f"{commitment.remote.name} is called again, and told.")
