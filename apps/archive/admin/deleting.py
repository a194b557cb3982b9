"""Deleting from the admin: through the archive's service, never by deleting rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from apps.accounts import reauthentication
from apps.accounts.reauthentication import ConfirmedDeleting
from apps.core.errors import FoveaError


class DeletingAdmin(ConfirmedDeleting, ModelAdmin):
    """Superusers, and who has the permission to delete studies, may delete what they see."""

    list_disable_select_all = True

    def delete_here(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the service of this level."""
        raise NotImplementedError

    def doomed(self, obj: Any) -> dict[str, int]:
        """How much goes with it, by name."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("archive.delete_study")

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the confirmation shows: counts that the rows have, without reading the thousands below them."""
        chosen = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(chosen)}
        for obj in chosen:
            for name, count in self.doomed(obj).items():
                counts[name] = counts.get(name, 0) + count
        return [str(obj) for obj in chosen], counts, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if way := reauthentication.ask(request):
            return way
        # Without Django's transaction around it: the service removes files once its own has committed.
        try:
            response: HttpResponse = self._delete_view(request, object_id, extra_context)
        except FoveaError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(reverse(f"admin:archive_{self.opts.model_name}_changelist"))
        return response

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_here(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            try:
                self.delete_here(request, obj)
            except FoveaError as error:
                messages.error(request, f"{obj}: {error.detail}")

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        """The service writes the audit trail, which is the record; a second one would keep the descriptions."""
