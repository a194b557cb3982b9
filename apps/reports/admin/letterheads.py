"""Letterheads in the admin."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.reports import letterheads
from apps.reports.models import Letterhead

SOURCE: Final = "admin"
ROWS: Final = {"rows": 3}


class LetterheadForm(forms.ModelForm):
    """A letterhead, with the logo as a file."""

    new_logo = forms.FileField(
        label=_("Logo"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("PNG or JPEG. It takes the place of the one that is there."),
    )  # fmt: skip
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False, widget=UnfoldBooleanWidget)

    class Meta:
        model = Letterhead
        fields = ("practice", "name", "address", "contact", "footer", "colour")
        widgets = {
            "address": UnfoldAdminTextareaWidget(attrs=ROWS),
            "contact": UnfoldAdminTextareaWidget(attrs=ROWS),
            "footer": UnfoldAdminTextareaWidget(attrs=ROWS),
            "colour": UnfoldAdminColorInputWidget,
        }

    def clean_new_logo(self) -> bytes | None:
        """The logo as it is kept."""
        given: UploadedFile | None = self.cleaned_data["new_logo"]
        if given is None:
            return None
        try:
            # One byte more than it may have tells that it is too large.
            return letterheads.logo_of(given.read(letterheads.LOGO_BYTES + 1))
        except FoveaError as error:
            raise forms.ValidationError(translated(error.detail)) from error

    def clean_colour(self) -> str:
        """A colour that headings can be read in."""
        colour: str = self.cleaned_data["colour"]
        if letterheads.contrast(colour) < letterheads.CONTRAST:
            raise forms.ValidationError(translated(letterheads.TOO_BRIGHT))
        return colour

    def save(self, commit: bool = True) -> Letterhead:
        if self.cleaned_data["without_logo"]:
            self.instance.logo = None
        if self.cleaned_data["new_logo"]:
            self.instance.logo = self.cleaned_data["new_logo"]
        saved: Letterhead = super().save(commit)
        return saved


@admin.register(Letterhead)
class LetterheadAdmin(OfPracticeAdmin, ScopedAdmin):
    """How the reports look of the practices that the person administers."""

    form = LetterheadForm
    list_display = ("__str__", "practice", "colour")
    list_filter = (PracticeFilter,)
    ordering = ("practice__name",)
    actions = None
    fieldsets = (
        (None, {"fields": ("practice",)}),
        (_("Head"), {"fields": ("name", "address", "contact", "colour", "new_logo", "without_logo")}),
        (_("Foot"), {"fields": ("footer",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letterhead]:
        return super().get_queryset(request).select_related("practice").defer("logo")

    def save_model(self, request: HttpRequest, obj: Letterhead, form: ModelForm, change: bool) -> None:
        letterheads.save(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Letterhead) -> None:
        letterheads.remove(principal(request), obj, source=SOURCE)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The letterheads alone: nothing hangs on them."""
        rows = list(objs)
        return list(map(str, rows)), {str(Letterhead._meta.verbose_name_plural): len(rows)}, set(), []  # noqa: SLF001
