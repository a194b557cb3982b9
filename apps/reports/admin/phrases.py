"""Phrases in the admin: one's own, and those of one's practices for who administers them."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from apps.accounts.admin.deciding import refusal
from apps.accounts.guards import Guard
from apps.accounts.models import Practice
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, practice_column, principal
from apps.core.errors import FoveaError
from apps.reports import phrases
from apps.reports.models import Phrase

SOURCE: Final = "admin"
SHOWN: Final = 80


class PhraseForm(forms.ModelForm):
    """A phrase, and whose it is."""

    is_shared = forms.BooleanField(
        label=_("Everybody's in the practice"), required=False, widget=UnfoldBooleanSwitchWidget,
        help_text=_("For who administers the practice."),
    )  # fmt: skip

    class Meta:
        model = Phrase
        fields = ("practice", "language", "name", "text")


@admin.register(Phrase)
class PhraseAdmin(ScopedAdmin):
    """By name."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "add", "change", "delete"), phrases.WRITES)
    form = PhraseForm
    list_display = ("name", "said", "language", "whose")
    list_filter = ("language", PracticeFilter)
    search_fields = ("name", "text")
    search_help_text = _("Name or text")
    ordering = ("name", "pk")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phrase]:
        return phrases.phrases(principal(request)).select_related("user")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def reaches(self, who: Any, permission: Any, obj: Any) -> bool:
        return phrases.may_change(who, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "view")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("practice", "language", "name", "text", *(() if obj else ("is_shared",)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("practice",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        who = principal(request)
        practices = Practice.objects.filter(pk__in=[pk for pk in who.practice_ids if who.may_in(phrases.WRITES, pk)])
        kwargs |= {"queryset": practices, "initial": who.practice_id}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except FoveaError as error:
            return refusal(request, error)

    def save_model(self, request: HttpRequest, obj: Phrase, form: Any, change: bool) -> None:
        who = principal(request)
        if not change:
            obj.user_id = None if form.cleaned_data["is_shared"] else who.user_id
        phrases.save(who, obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Phrase) -> None:
        phrases.remove(principal(request), obj, source=SOURCE)

    @display(description=_("Text"))
    def said(self, row: Phrase) -> str:
        return Truncator(row.text).chars(SHOWN)

    @display(description=_("Whose"))
    def whose(self, row: Phrase) -> str:
        return gettext("Mine") if row.user_id else gettext("The practice's")
