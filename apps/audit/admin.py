"""The record in the admin: to be read, never written."""

from collections.abc import Mapping

from django.contrib import admin
from django.utils.timezone import localtime
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin
from apps.audit.models import Event


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """Who did what, the newest first."""

    asks: Mapping[str, Guard] = {"view": Permission.AUDIT}
    list_display = ("when", "what", "actor", "source", "count", "study", "detail", "practice")
    list_filter = ("action", "at", PracticeFilter)
    list_select_related = ("practice",)
    list_per_page = 100
    # The record only grows: counting it all for every page would cost more than the page.
    paginator = InfinitePaginator
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("=study_instance_uid", "=actor", "=request_id")
    search_help_text = "Study Instance UID, user name or AE title, request id"
    fields = ("at", "action", "actor", "practice", "source", "study_instance_uid", "count", "detail", "request_id")
    readonly_fields = fields

    @display(description="When")
    def when(self, event: Event) -> str:
        return f"{localtime(event.at):%Y-%m-%d %H:%M:%S}"

    @display(
        description="What",
        label={
            "Instances stored": "success",
            "Deleted": "danger",
            "Instances refused": "warning",
            "Quarantine decided": "info",
        },
    )
    def what(self, event: Event) -> str:
        return event.get_action_display()

    @display(description="Study Instance UID")
    def study(self, event: Event) -> str:
        return event.study_instance_uid
