"""Storage commitments in the admin: what devices asked about, what they were told, and what waits."""

from typing import Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin
from apps.core.dates import moment
from apps.core.languages import translated
from apps.dimse import commitments
from apps.dimse.models import Commitment, CommitmentState

COLOURS: Final = {
    CommitmentState.WAITING: "warning",
    CommitmentState.TOLD: "success",
    CommitmentState.GIVEN_UP: "danger",
}


@admin.register(Commitment)
class CommitmentAdmin(ScopedAdmin):
    """Requests of devices to say what is kept here safely, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("asker", "asked", "state_badge", "outcome", "next_one", "trouble")
    list_filter = ("state", PracticeFilter)
    list_fullwidth = True
    search_fields = ("remote__name", "=transaction_uid")
    search_help_text = _("Remote or Transaction UID")
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
        count = ngettext("%(count)s instance", "%(count)s instances", row.instances) % {"count": row.instances}
        return moment(row.asked_at), count

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Commitment) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Result"))
    def outcome(self, row: Commitment) -> str:
        if row.failed is None:
            return "—"
        if not row.failed:
            return gettext("all kept")
        kept = {"kept": row.instances - row.failed, "failed": row.failed}
        return gettext("%(kept)s kept, %(failed)s not") % kept

    @display(description=_("Next try"), ordering="next_try_at", header=True)
    def next_one(self, row: Commitment) -> tuple[str, str]:
        tried = gettext("after %(count)s in vain") % {"count": row.attempts} if row.attempts else ""
        due = moment(row.next_try_at) if row.state == CommitmentState.WAITING else "—"
        return due, tried

    @display(description=_("What went wrong"))
    def trouble(self, row: Commitment) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.error))

    @action(description=_("Try again"))
    def tell_again(self, request: HttpRequest, queryset: QuerySet[Commitment]) -> None:
        """Tell their remotes the outcome anew, now."""
        for commitment in queryset:
            commitments.try_again(commitment)
            text = gettext("%(name)s is called again, and told.")
            messages.success(request, text % {"name": commitment.remote.name})
