"""This server's own AE titles in the admin: by which title which practice is called."""

from typing import Final

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.remotes import administering
from apps.remotes.models import ApplicationEntity

SOURCE: Final = "admin"


@admin.register(ApplicationEntity)
class ApplicationEntityAdmin(OfPracticeAdmin, ScopedAdmin):
    """What devices enter as the AE title of the archive."""

    list_display = ("title", "practice")
    list_filter = (PracticeFilter,)
    search_fields = ("title",)
    search_help_text = _("AE title")
    ordering = ("title",)
    actions = None
    fields = ("title", "practice")

    def save_model(self, request: HttpRequest, obj: ApplicationEntity, form: ModelForm, change: bool) -> None:
        administering.save_title(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: ApplicationEntity) -> None:
        administering.remove_title(principal(request), obj, source=SOURCE)
