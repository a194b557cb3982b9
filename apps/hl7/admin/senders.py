"""Senders in the admin: added, changed, removed."""

from typing import Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.core.dates import moment
from apps.hl7 import administering
from apps.hl7.models import Sender

SOURCE: Final = "admin"


class SenderForm(forms.ModelForm):
    """A sender, with room for its certificate and its codes."""

    class Meta:
        model = Sender
        fields = (
            "practice", "name", "is_active", "networks", "application", "facility", "certificate", "charset",
            "authority", "procedures", "passes_over",
        )  # fmt: skip
        widgets = {
            "certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
            "procedures": UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false"}),
        }


@admin.register(Sender)
class SenderAdmin(OfPracticeAdmin, ScopedAdmin):
    """The systems that may send messages to the practices that the person administers."""

    form = SenderForm
    list_display = ("called", "place", "seen", "state", "practice")
    list_display_links = ("called",)
    list_filter = ("is_active", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "application", "facility", "networks")
    search_help_text = _("Name, what it calls itself, or address")
    ordering = ("name",)
    actions = None
    fieldsets = (
        (None, {"fields": (("name", "practice"), "is_active")}),
        (_("How it is known"), {"fields": ("networks", ("application", "facility"), "certificate")}),
        (
            _("How it is understood"),
            {"fields": ("charset", "authority", "procedures", "passes_over")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sender]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Sender"), header=True, ordering="name")
    def called(self, sender: Sender) -> tuple[str, str]:
        return sender.name, ", ".join(filter(None, (sender.application, sender.facility)))

    @display(description=_("From"))
    def place(self, sender: Sender) -> str:
        return (
            gettext("%(networks)s, by TLS") % {"networks": sender.networks} if sender.certificate else sender.networks
        )

    @display(description=_("Last message"), ordering="seen_at")
    def seen(self, sender: Sender) -> str:
        return moment(sender.seen_at) if sender.seen_at else "—"

    @display(description=_("State"), ordering="is_active", label={True: "success", False: "warning"})
    def state(self, sender: Sender) -> tuple[bool, str]:
        return sender.is_active, gettext("Switched on") if sender.is_active else gettext("Switched off")

    def save_model(self, request: HttpRequest, obj: Sender, form: ModelForm, change: bool) -> None:
        administering.save_sender(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Sender) -> None:
        administering.remove_sender(principal(request), obj, source=SOURCE)
