"""This server's own AE titles in the admin: by which title which practice is called."""

from typing import Any, Final

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts import people
from apps.accounts.admin.deciding import DecidingAdmin
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.remotes import administering
from apps.remotes.models import ApplicationEntity

SOURCE: Final = "admin"


@admin.register(ApplicationEntity)
class ApplicationEntityAdmin(DecidingAdmin, ScopedAdmin):
    """What devices enter as the AE title of the archive."""

    list_display = ("title", "practice")
    list_filter = (PracticeFilter,)
    search_fields = ("title",)
    search_help_text = "AE title"
    ordering = ("title",)
    actions = None
    fields = ("title", "practice")

    def get_readonly_fields(self, request: HttpRequest, obj: ApplicationEntity | None = None) -> Any:
        return ("practice",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        who = principal(request)
        decided = people.practices(who).order_by("pk")
        kwargs.setdefault("queryset", decided)
        kwargs.setdefault("initial", who.practice_id or decided.values_list("pk", flat=True).first())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApplicationEntity, form: ModelForm, change: bool) -> None:
        administering.save_title(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: ApplicationEntity) -> None:
        administering.remove_title(principal(request), obj, source=SOURCE)
