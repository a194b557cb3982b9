"""Storage commitment asked of destinations, in the admin: what was promised, what not and why, and what was deleted."""

from typing import Final

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
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
from apps.routing.commitments import requests
from apps.routing.models import CommitmentRequest, RequestState

COLOURS: Final = {
    RequestState.WAITING: "warning",
    RequestState.ASKED: "info",
    RequestState.COMMITTED: "success",
    RequestState.GIVEN_UP: "danger",
}


@admin.register(CommitmentRequest)
class CommitmentRequestAdmin(ScopedAdmin):
    """What destinations were asked to keep, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("destination", "asked", "state_badge", "result", "here", "trouble")
    list_filter = ("state", ("remote", RelatedOnlyFieldListFilter), PracticeFilter)
    list_fullwidth = True
    search_fields = ("remote__name", "=study_instance_uid", "=transaction_uid")
    search_help_text = _("Destination, Study Instance UID or Transaction UID")
    actions = ("ask_again",)
    fieldsets = (
        (None, {"fields": (("remote", "study_instance_uid"), ("instances", "failed"), ("state", "answered_at"))}),
        (_("Asking"), {"fields": (("created_at", "transaction_uid"), ("attempts", "next_try_at"), "error")}),
        (_("Here"), {"fields": ("deleted_at", "note")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommitmentRequest]:
        return super().get_queryset(request).select_related("remote", "practice", "study").defer("references")

    @display(description=_("Destination"), ordering="remote__name", header=True)
    def destination(self, row: CommitmentRequest) -> tuple[str, str]:
        count = ngettext("%(count)s instance", "%(count)s instances", row.instances) % {"count": row.instances}
        return row.remote.name, count

    @display(description=_("Since"), ordering="created_at")
    def asked(self, row: CommitmentRequest) -> str:
        return moment(row.created_at)

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: CommitmentRequest) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Result"), header=True)
    def result(self, row: CommitmentRequest) -> tuple[str, str]:
        if row.state == RequestState.COMMITTED:
            return gettext("keeps all"), ""
        is_open = row.state in requests.open_states()
        due = gettext("next %(at)s") % {"at": moment(row.next_try_at)} if is_open else ""
        return (gettext("does not keep %(count)s") % {"count": row.failed} if row.failed else "—"), due

    @display(description=_("Here"))
    def here(self, row: CommitmentRequest) -> str:
        if row.deleted_at:
            return gettext("deleted %(at)s") % {"at": moment(row.deleted_at)}
        text = translated(row.note) if row.note else gettext("kept") if row.study_id else gettext("gone")
        return format_html('<span class="fovea-wrap">{}</span>', text)

    @display(description=_("What went wrong"))
    def trouble(self, row: CommitmentRequest) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.error))

    @action(description=_("Ask again"))
    def ask_again(self, request: HttpRequest, queryset: QuerySet[CommitmentRequest]) -> None:
        """Have the destinations asked once more, now."""
        for row in queryset:
            if requests.ask_again(row):
                messages.success(request, gettext("%(name)s is asked again.") % {"name": row.remote.name})
            else:
                text = gettext("%(name)s has committed itself already, or the study is gone.")
                messages.error(request, text % {"name": row.remote.name})
