"""Storage commitment asked of destinations, in the admin: what was promised, what not and why, and what was deleted."""

from typing import Final

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
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
from apps.routing.commitments import requests
from apps.routing.models import CommitmentRequest, RequestState

COLOURS: Final = {
    RequestState.WAITING.label: "warning",
    RequestState.ASKED.label: "info",
    RequestState.COMMITTED.label: "success",
    RequestState.GIVEN_UP.label: "danger",
}


@admin.register(CommitmentRequest)
class CommitmentRequestAdmin(ScopedAdmin):
    """What destinations were asked to keep, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("destination", "asked", "state_badge", "result", "here", "trouble")
    list_filter = ("state", ("remote", RelatedOnlyFieldListFilter), PracticeFilter)
    list_fullwidth = True
    search_fields = ("remote__name", "=study_instance_uid", "=transaction_uid")
    search_help_text = "Destination, Study Instance UID or Transaction UID"
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
        return row.remote.name, f"{row.instances} instance{pluralize(row.instances)}"

    @display(description=_("Since"), ordering="created_at")
    def asked(self, row: CommitmentRequest) -> str:
        return f"{localtime(row.created_at):%Y-%m-%d %H:%M}"

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: CommitmentRequest) -> str:
        return row.get_state_display()

    @display(description=_("Result"), header=True)
    def result(self, row: CommitmentRequest) -> tuple[str, str]:
        if row.state == RequestState.COMMITTED:
            return "keeps all", ""
        due = f"next {localtime(row.next_try_at):%Y-%m-%d %H:%M}" if row.state in requests.open_states() else ""
        return (f"does not keep {row.failed}" if row.failed else "—"), due

    @display(description=_("Here"))
    def here(self, row: CommitmentRequest) -> SafeString:
        if row.deleted_at:
            return format_html("deleted {}", f"{localtime(row.deleted_at):%Y-%m-%d %H:%M}")
        return format_html('<span class="fovea-wrap">{}</span>', row.note or ("kept" if row.study_id else "gone"))

    @display(description=_("What went wrong"))
    def trouble(self, row: CommitmentRequest) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', row.error)

    @action(description=_("Ask again"))
    def ask_again(self, request: HttpRequest, queryset: QuerySet[CommitmentRequest]) -> None:
        """Have the destinations asked once more, now."""
        for row in queryset:
            if requests.ask_again(row):
                messages.success(request, f"{row.remote.name} is asked again.")
            else:
                messages.error(request, f"{row.remote.name} has committed itself already, or the study is gone.")
