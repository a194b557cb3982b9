"""The reference tables in the admin, for superusers: they hold for the whole site."""

from collections.abc import Mapping

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import SiteAdmin, principal
from apps.calcium import tables
from apps.calcium.models import ReferenceTable


@admin.register(ReferenceTable)
class ReferenceTableAdmin(SiteAdmin):
    """What was imported, from what; removed here, imported by the command line (docs/calcium.md)."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "delete"), Permission.ADMINISTER)
    list_display = ("name", "citation", "group_count", "imported_at")
    fields = ("name", "citation", "sha256", "group_count", "imported_at")
    actions = None

    @display(description=_("Groups"))
    def group_count(self, table: ReferenceTable) -> int:
        return len(table.groups)

    def delete_model(self, request: HttpRequest, obj: ReferenceTable) -> None:
        tables.remove(principal(request), obj.name, source="admin")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ReferenceTable]) -> None:
        for table in queryset:
            self.delete_model(request, table)
