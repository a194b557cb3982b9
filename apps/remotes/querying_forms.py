"""The forms by which somebody searches a remote, and chooses where studies are sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.core.errors import Invalid
from apps.core.languages import translated
from apps.remotes.asking import Query
from apps.remotes.found import TEXT_LENGTH
from apps.remotes.models import Remote


def _text(label: Any, length: int, **attrs: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs=attrs)
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"}))


class QueryForm(forms.Form):
    """What is looked for at a remote."""

    patient_name = _text(_("Patient"), TEXT_LENGTH, placeholder=_("Family name, given name"), autofocus=True)
    patient_id = _text(_("Patient ID"), 64)
    birth_date = _day(_("Born"))
    study_date_from = _day(_("Study date from"))
    study_date_to = _day(_("Study date until"))
    modality = _text(_("Modality"), 16, placeholder=_("Such as CT or IO"))
    accession_number = _text(_("Accession number"), 64)
    study_instance_uid = _text(_("Study Instance UID"), 64)

    @property
    def query(self) -> Query:
        return Query(**{name: value for name, value in self.cleaned_data.items() if value})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            try:
                self.query.check()
            except Invalid as error:
                raise forms.ValidationError(translated(error.detail)) from error
        return cleaned


class DestinationForm(forms.Form):
    """Which remote studies are sent to."""

    remote = forms.ModelChoiceField(
        label=_("Send to"), queryset=Remote.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, remotes: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["remote"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = remotes
