"""The forms by which remotes are entered, in plain words."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from apps.remotes import administering
from apps.remotes.models import Remote, Service

WORDS: Final = {
    Service.ECHO: _("Ask whether this server answers (C-ECHO)"),
    Service.STORE: _("Send objects here (C-STORE)"),
    Service.FIND: _("Search what is stored here (C-FIND)"),
    Service.MOVE: _("Have objects sent, to itself or to other remotes (C-MOVE)"),
    Service.GET: _("Fetch objects (C-GET)"),
    Service.WORKLIST: _("Ask for the worklist"),
}
MOST_SECRET: Final = 1000


def services_field() -> forms.MultipleChoiceField:
    choices = [(service.value, words) for service, words in WORDS.items()]
    widget = UnfoldAdminCheckboxSelectMultipleWidget()
    return forms.MultipleChoiceField(label=_("It may"), choices=choices, required=False, widget=widget)


def chosen(values: Iterable[str]) -> frozenset[Service]:
    """The services that were ticked."""
    return frozenset(map(Service, values))


class RemoteForm(forms.ModelForm):
    """A remote, with what it may do as a list and its secret as what is never shown."""

    services = services_field()
    url = forms.URLField(
        label=_("DICOMweb address"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=_("The service's root, such as https://archive.example.org/dicom-web."),
    )
    password = forms.CharField(
        label=_("Password or token"),
        required=False,
        strip=False,
        max_length=MOST_SECRET,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("A token where there is no user name. It is never shown; left empty, it stays as it is."),
    )

    class Meta:
        model = Remote
        fields = (
            "practice",
            "name",
            "protocol",
            "is_active",
            "title",
            "host",
            "port",
            "uses_tls",
            "networks",
            "certificate",
            "requires_user",
            "url",
            "username",
            "transfer_syntaxes",
            "duplicates",
        )
        widgets = {
            "certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
            "transfer_syntaxes": UnfoldAdminTextInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        held = administering.OF_A_DEVICE if is_new else {each for each in Service if self.instance.may(each)}
        self.initial.setdefault("services", [each.value for each in Service if each in held])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        administering.permit(self.instance, chosen(cleaned.get("services", ())))
        return cleaned

    @property
    def secret(self) -> str | None:
        """What was typed in; None where it stays as it is."""
        return self.cleaned_data["password"] or None


class AllowForm(forms.Form):
    """What an unknown caller becomes."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What people call it, such as Panoramic X-ray, room 2."),
    )
    services = services_field()
