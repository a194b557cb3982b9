"""The names by which studies refer to users, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.access import people, physicians
from apps.access.models import PhysicianName
from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, principal
from apps.archive.models import TEXT_LENGTH
from apps.archive.templatetags.dicom_text import person_name
from apps.core.errors import FoveaError, Refused
from apps.core.languages import translated
from apps.saying import say


class NameForm(forms.ModelForm):
    """Which user of the active practice has which name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As studies have it: Family^Given^Middle^Prefix^Suffix. Case and accents don't count."),
    )

    class Meta:
        model = PhysicianName
        fields = ("user", "name")
        widgets = {"user": UnfoldAdminSelectWidget}


@admin.register(PhysicianName)
class PhysicianNameAdmin(ScopedAdmin):
    """A study that comes with such a name assigns its patient to the user."""

    asks = {"view": Permission.ADMINISTER, "add": Permission.ADMINISTER, "delete": Permission.ADMINISTER}
    form = NameForm
    list_display = ("written", "who", "added_at")
    list_filter = (PracticeFilter,)
    search_fields = ("key", "user__username")
    search_help_text = _("Name or user name")
    ordering = ("key",)
    fields = ("user", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhysicianName]:
        return super().get_queryset(request).select_related("user", "practice")

    @display(description=_("Name"), ordering="key", header=True)
    def written(self, row: PhysicianName) -> tuple[str, str]:
        return person_name(row.name), row.name

    @display(description=_("User"), ordering="user__username", header=True)
    def who(self, row: PhysicianName) -> tuple[str, str]:
        return row.user.get_full_name() or row.user.username, row.practice.name

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        practice_id = principal(request).practice_id
        kwargs["queryset"] = people.colleagues(practice_id) if practice_id else User.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().add_view(request, *args, **kwargs)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: PhysicianName, form: forms.ModelForm, change: bool) -> None:
        who = principal(request)
        if who.practice_id is None:
            raise Refused(say("You belong to no practice."))
        obj.pk = physicians.add(who, who.practice_id, obj.user, obj.name).pk

    def delete_model(self, request: HttpRequest, obj: PhysicianName) -> None:
        physicians.remove(acting_in(request, obj.practice_id), obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PhysicianName]) -> None:
        for row in queryset:
            self.delete_model(request, row)
