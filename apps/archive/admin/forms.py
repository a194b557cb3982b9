"""The forms by which data are corrected: what is shown is what is told now, and only what was changed is sent."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.archive.corrections.fields import PATIENT, SEXES, STUDY, Field, texts_of
from apps.archive.corrections.models import REASON_LENGTH
from apps.core.languages import Label
from apps.dicom.values import Element

# The component groups' parts that people fill in (PS3.5 6.2.1.1).
PARTS: Final = {
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "middle_name": _("Middle name"),
    "name_prefix": _("Prefix"),
    "name_suffix": _("Suffix"),
}
GROUPS: Final = {"ideographic": _("Ideographic name"), "phonetic": _("Phonetic name")}


def _text(label: Label, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget, **options)


def _typed_as(kind: str, label: Label) -> forms.CharField:
    """A date or a time, for which browsers have an entry of their own."""
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": kind}))


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Kept with the correction. What it replaces stays in the archive and leaves with the images."),
    )


class ReasonForm(forms.Form):
    """Why something is merged or moved."""

    reason = _reason()


class PatientForm(forms.Form):
    """Who a patient is."""

    family_name, given_name, middle_name, name_prefix, name_suffix = (_text(label) for label in PARTS.values())
    ideographic, phonetic = (
        _text(label, help_text=_("With a ^ between family and given name.")) for label in GROUPS.values()
    )
    patient_id = _text(_(PATIENT["patient_id"].label))
    patient_id_issuer = _text(_(PATIENT["patient_id_issuer"].label))
    patient_birth_date = _typed_as("date", _(PATIENT["patient_birth_date"].label))
    patient_sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[(code, _(name)) for code, name in SEXES.items()],
        widget=UnfoldAdminSelectWidget,
    )
    other_patient_ids = forms.CharField(
        label=_(PATIENT["other_patient_ids"].label),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("One a line."),
    )
    reason = _reason()

    @property
    def typed(self) -> dict[str, Any]:
        """What was changed, by the names that the services have for it."""
        changed, given = set(self.changed_data), self.cleaned_data
        found: dict[str, Any] = {name: given[name] for name in PATIENT if name in changed}
        if "other_patient_ids" in found:
            found["other_patient_ids"] = [line for line in found["other_patient_ids"].splitlines() if line.strip()]
        if changed & {*PARTS, *GROUPS}:
            found["patient_name"] = self.name
        return found

    @property
    def name(self) -> str:
        """The name as the standard writes it."""
        given = self.cleaned_data
        alphabetic = "^".join(given[part] for part in PARTS).rstrip("^")
        return "=".join((alphabetic, *(given[group] for group in GROUPS))).rstrip("=")


class StudyForm(forms.Form):
    """What a study says of itself."""

    study_description, accession_number, study_id, referring_physician_name = (
        _text(_(STUDY[name].label))
        for name in ("study_description", "accession_number", "study_id", "referring_physician_name")
    )
    study_date = _typed_as("date", _(STUDY["study_date"].label))
    study_time = _typed_as("time", _(STUDY["study_time"].label))
    reason = _reason()

    @property
    def typed(self) -> dict[str, Any]:
        """What was changed, by the names that the services have for it."""
        return {name: self.cleaned_data[name] for name in STUDY if name in self.changed_data}


class LabelActionForm(ActionForm):
    """Beside the list's actions: the label for the studies that are chosen."""

    label = forms.CharField(
        label="",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("Label"), "aria-label": _("Label")}),
    )


class LabelForm(forms.Form):
    """A label to put on a study."""

    name = forms.CharField(max_length=64)


def patient_texts(known: Mapping[str, Element]) -> dict[str, str]:
    """A patient's demographics as the form shows them."""
    texts = _texts(known, PATIENT)
    groups = [*texts.pop("patient_name").split("="), "", ""]
    parts = [*groups[0].split("^"), *[""] * len(PARTS)]
    return texts | dict(zip(PARTS, parts, strict=False)) | dict(zip(GROUPS, groups[1:], strict=False))


def study_texts(known: Mapping[str, Element]) -> dict[str, str]:
    """A study's attributes as the form shows them."""
    return _texts(known, STUDY)


def _texts(known: Mapping[str, Element], fields: Mapping[str, Field]) -> dict[str, str]:
    texts = texts_of(known, fields)
    shown = {"DA": _date, "TM": _time}
    return {
        name: "\n".join(text) if isinstance(text, list) else shown.get(fields[name].vr, str)(text)
        for name, text in texts.items()
    }


def _date(value: str) -> str:
    """`20240229` as browsers take a date; anything else as it is."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdigit() else value


def _time(value: str) -> str:
    """`101530.25` as browsers take a time; anything else as it is."""
    return f"{value[:2]}:{value[2:4]}" if len(value) >= 4 and value[:4].isdigit() else value
