"""Rules in the admin: a list that says in sentences what goes where, and a form that reads as one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.core.languages import translated
from apps.routing import administering
from apps.routing.admin.forms import RuleForm
from apps.routing.models import Rule
from apps.routing.words import sentence

SOURCE = "admin"
ON, OFF = "on", "off"


@admin.register(Rule)
class RuleAdmin(OfPracticeAdmin, ScopedAdmin):
    """The rules of the practices that the person administers, in their order."""

    form = RuleForm
    list_display = ("place", "called", "does", "switched", "practice")
    list_display_links = ("called",)
    list_filter = ("is_active", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "destinations__name", "calling_titles")
    search_help_text = _("Name, destination or calling AE title")
    ordering = ("practice", "position", "pk")
    actions = None
    fieldsets = (
        (None, {"fields": (("name", "practice"), ("is_active", "position"))}),
        (
            _("When something arrives …"),
            {
                "fields": (
                    ("calling_titles", "modalities"),
                    ("station_names", "referring_physicians"),
                    "sop_classes",
                ),
                "description": _("Only what meets every condition; one that is left empty is met by everything."),
            },
        ),
        (_("… at these times …"), {"fields": ("weekdays", ("from_time", "to_time"))}),
        (_("… then …"), {"fields": ("destinations", ("when", "priority"), "deletes")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return super().get_queryset(request).select_related("practice").prefetch_related("destinations")

    @display(description=_("No."), ordering="position")
    def place(self, rule: Rule) -> str:
        return str(rule.position)

    @display(description=_("Rule"), ordering="name")
    def called(self, rule: Rule) -> str:
        return rule.name

    @display(description=_("What it does"))
    def does(self, rule: Rule) -> SafeString:
        text = translated(sentence(rule, [remote.name for remote in rule.destinations.all()]))
        return format_html('<span class="fovea-wrap">{}</span>', text)

    @display(description=_("Switched"), ordering="is_active", label={ON: "success", OFF: "info"})
    def switched(self, rule: Rule) -> tuple[str, str]:
        return (ON, gettext("On")) if rule.is_active else (OFF, gettext("Off"))

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"who": principal(request)})

    def save_model(self, request: HttpRequest, obj: Rule, form: ModelForm, change: bool) -> None:
        chosen = form.chosen if isinstance(form, RuleForm) else []
        administering.save_rule(principal(request), obj, chosen, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        administering.remove_rule(principal(request), obj, source=SOURCE)
