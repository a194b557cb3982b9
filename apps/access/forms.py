"""The forms of the pages: what people are asked, in their words."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.access.emergencies import Declared
from apps.access.models import SHORTEST_REASON, Kind
from apps.access.requests import Asked
from apps.archive.models import TEXT_LENGTH

DAYS = [(1, _("One day")), (7, _("A week")), (30, _("A month")), (90, _("Three months")), (365, _("A year"))]


class ReasonField(forms.CharField):
    """A reason in a sentence, which goes on record."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            min_length=SHORTEST_REASON,
            max_length=TEXT_LENGTH,
            help_text=_("It goes on record: write no names of patients."),
            **kwargs,
        )


class AccountForm(forms.Form):
    """A new account for the person who was invited."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Your e-mail address, or a name without spaces."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("Twelve characters at least, and none that others use: three or four words are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The password again"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(gettext("The two passwords differ."))
        return again


class CodeForm(forms.Form):
    """The code that the practice gave by another way."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "access-code"}),
    )


class AskForm(forms.Form):
    """An access request."""

    kind = forms.ChoiceField(label=_("What you know"), choices=Kind.choices)
    value = forms.CharField(label=_("Its number"), max_length=TEXT_LENGTH)
    reason = ReasonField(_("Why you need to see it"))
    days = forms.TypedChoiceField(label=_("For how long"), choices=DAYS, coerce=int, initial=7)

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(Kind(given["kind"]), given["value"], given["reason"], given["days"])


class EmergencyForm(forms.Form):
    """The declaration of an emergency."""

    kind = forms.ChoiceField(
        label=_("How you know the patient"),
        initial=Kind.PATIENT,
        choices=[
            (Kind.PATIENT, _("Patient ID and date of birth")),
            (Kind.ACCESSION, _("Accession number of a study")),
            (Kind.STUDY, _("Study Instance UID")),
        ],
    )
    value = forms.CharField(label=_("The number"), max_length=TEXT_LENGTH)
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        help_text=_("With a Patient ID."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = ReasonField(_("What the emergency is"))

    def declared(self) -> Declared:
        given = self.cleaned_data
        born = given["birth_date"]
        return Declared(Kind(given["kind"]), given["value"], given["reason"], f"{born:%Y%m%d}" if born else "")
