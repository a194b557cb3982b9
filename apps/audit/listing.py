"""Lists in the admin whose readers are put on record (PS3.15 A.5.3.10)."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.accounts.scoped_admin import principal
from apps.audit import access


class ListOnRecord:
    """Mixin: looking at the list of `searched` is on record, and by which of `chosen_by` its rows were chosen.

    The values are not: they name patients.
    """

    searched = ""
    chosen_by: Collection[str] = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        if "cl" in (shown := getattr(response, "context_data", None) or {}):
            chosen = sorted(set(request.GET) & set(self.chosen_by))
            access.note_search(principal(request), self.searched, chosen, len(shown["cl"].result_list))
        return response
