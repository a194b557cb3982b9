"""What the pages have in common on which an administrator decides about people."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.accounts import people
from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import ConfirmedChanging
from apps.accounts.scoped_admin import GuardedAdmin, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated

EVERYTHING: Final[Mapping[str, Guard]] = dict.fromkeys(("view", "add", "change", "delete"), Permission.ADMINISTER)


class DecidingAdmin(ConfirmedChanging, GuardedAdmin):
    """For administrators, within their practices; what a service refuses is said on the page."""

    asks: Mapping[str, Guard] = EVERYTHING
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = False
    warn_unsaved_form = True

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except FoveaError as error:
            return refusal(request, error)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except FoveaError as error:
            return refusal(request, error)


class OfPracticeAdmin(DecidingAdmin):
    """Of what belongs to one practice: chosen when it is added, the active one unless told, and kept from then on."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("practice",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        who = principal(request)
        decided = people.practices(who).order_by("pk")
        kwargs.setdefault("queryset", decided)
        kwargs.setdefault("initial", who.practice_id or decided.values_list("pk", flat=True).first())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def refusal(request: HttpRequest, error: FoveaError) -> HttpResponse:
    """Back to the page, which says why nothing was changed."""
    messages.error(request, translated(error.detail))
    return HttpResponseRedirect(request.get_full_path())
