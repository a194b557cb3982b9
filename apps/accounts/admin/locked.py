"""Who is kept out for having guessed too often, in the admin: deleting a line lets them in again."""

from collections.abc import Mapping

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts import lockout
from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import SiteAdmin


@admin.register(AccessAttempt)
class LockedAdmin(SiteAdmin):
    """Wrong attempts of the last minutes, by name and address."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "delete"), Permission.ADMINISTER)
    list_display = ("who", "ip_address", "failures_since_start", "attempt_time", "state")
    list_display_links = None
    search_fields = ("username", "ip_address")
    search_help_text = _("Name or address")
    ordering = ("-attempt_time",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessAttempt]:
        rows: QuerySet[AccessAttempt] = super().get_queryset(request)
        return rows.filter(attempt_time__gt=lockout.since())

    @display(description=_("Name"), ordering="username")
    def who(self, attempt: AccessAttempt) -> str:
        return gettext("a token that nobody has") if attempt.username == lockout.BEARER else attempt.username or ""

    @display(description=_("State"), label={"locked": "danger", "counted": "info"})
    def state(self, attempt: AccessAttempt) -> tuple[str, str]:
        if attempt.failures_since_start >= lockout.MOST_FAILURES:
            return "locked", pgettext("attempts", "Locked")
        return "counted", pgettext("attempts", "Counted")
