"""Corrections of dictations in the admin, for who writes reports; above the list, what listens here."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.deciding import refusal
from apps.accounts.guards import Guard
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, practice_column, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.dictation import correcting, engines
from apps.dictation.models import Correction, Mode

SOURCE: Final = "admin"


@admin.register(Correction)
class CorrectionAdmin(ScopedAdmin):
    """Those of the practices in the whole of which the person writes reports."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "add", "change", "delete"), Permission.REPORT)
    list_display = ("heard", "meant", "language")
    list_filter = ("language", PracticeFilter)
    search_fields = ("heard", "meant")
    search_help_text = _("What is heard or meant")
    ordering = ("heard", "pk")
    actions = None
    fields = ("practice", "language", "heard", "meant")
    list_after_template = "admin/dictation/engines.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).select_related("practice")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("practice",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        whole = principal(request).whole(Permission.REPORT)
        practices = Practice.objects.all() if whole is None else Practice.objects.filter(pk__in=whole)
        kwargs |= {"queryset": practices, "initial": principal(request).practice_id}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "ears": _ears()})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except FoveaError as error:
            return refusal(request, error)

    def save_model(self, request: HttpRequest, obj: Correction, form: ModelForm, change: bool) -> None:
        correcting.save(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Correction) -> None:
        correcting.remove(principal(request), obj, source=SOURCE)


def _ears() -> list[tuple[str, str, str]]:
    """What is listened for, in which languages, and what listens, or why nothing does."""
    names = dict(settings.LANGUAGES)
    together: dict[tuple[str, str], list[str]] = {}
    for ear in engines.every():
        heard = ear.engine.value or translated(ear.reason)
        together.setdefault((str(Mode(ear.mode).label), heard), []).append(names[ear.language])
    return [(mode, ", ".join(languages), heard) for (mode, heard), languages in together.items()]
