"""Deleting from the admin: through the archive's service, never by deleting rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps.accounts import reauthentication
from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import ConfirmedDeleting
from apps.accounts.scoped_admin import ScopedAdmin
from apps.core.errors import FoveaError
from apps.core.languages import translated


class DeletingAdmin(ConfirmedDeleting, ScopedAdmin):
    """Who has the permission to delete studies may delete those that it reaches."""

    asks: Mapping[str, Guard] = {"view": Permission.VIEW, "delete": Permission.DELETE}
    list_disable_select_all = True

    def delete_here(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the service of this level."""
        raise NotImplementedError

    def doomed(self, obj: Any) -> dict[str, int]:
        """How much goes with it, by name."""
        raise NotImplementedError

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the confirmation shows: counts that the rows have, without reading the thousands below them."""
        chosen = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(chosen)}
        for obj in chosen:
            for name, count in self.doomed(obj).items():
                counts[name] = counts.get(name, 0) + count
        kept = {str(obj) for obj in chosen if not self.has_delete_permission(request, obj)}
        return [str(obj) for obj in chosen], counts, kept, []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if way := reauthentication.ask(request):
            return way
        # Without Django's transaction around it: the service removes files once its own has committed.
        try:
            response: HttpResponse = self._delete_view(request, object_id, extra_context)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return HttpResponseRedirect(reverse(f"admin:archive_{self.opts.model_name}_changelist"))
        return response

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_here(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            try:
                self.delete_here(request, obj)
            except FoveaError as error:
                messages.error(request, f"{obj}: {translated(error.detail)}")

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        """The service writes the audit trail, which is the record; a second one would keep the descriptions."""
