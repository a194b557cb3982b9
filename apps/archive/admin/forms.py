"""The forms by which data are corrected: what is shown is what is told now, and only what was changed is sent."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.archive.corrections.fields import PATIENT, SEXES, STUDY, Field, texts_of
from apps.archive.corrections.models import REASON_LENGTH
from apps.archive.templatetags.dicom_text import dicom_date, dicom_time
from apps.dicom.values import Element

# The component groups' parts that people fill in (PS3.5 6.2.1.1).
PARTS: Final = {
    "family_name": "Family name",
    "given_name": "Given name",
    "middle_name": "Middle name",
    "name_prefix": "Prefix",
    "name_suffix": "Suffix",
}
GROUPS: Final = {"ideographic": "Ideographic name", "phonetic": "Phonetic name"}


def _text(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget, **options)


def _typed_as(kind: str, label: str) -> forms.CharField:
    """A date or a time, for which browsers have an entry of their own."""
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": kind}))


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Why",
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept with the correction. What it replaces stays in the archive and leaves with the images.",
    )


class ReasonForm(forms.Form):
    """Why something is merged or moved."""

    reason = _reason()


class PatientForm(forms.Form):
    """Who a patient is."""

    family_name, given_name, middle_name, name_prefix, name_suffix = (_text(label) for label in PARTS.values())
    ideographic, phonetic = (
        _text(label, help_text="With a ^ between family and given name.") for label in GROUPS.values()
    )
    patient_id = _text(PATIENT["patient_id"].label)
    patient_id_issuer = _text(PATIENT["patient_id_issuer"].label)
    patient_birth_date = _typed_as("date", PATIENT["patient_birth_date"].label)
    patient_sex = forms.ChoiceField(
        label="Sex", required=False, choices=list(SEXES.items()), widget=UnfoldAdminSelectWidget
    )
    other_patient_ids = forms.CharField(
        label=PATIENT["other_patient_ids"].label,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="One a line.",
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
        _text(STUDY[name].label)
        for name in ("study_description", "accession_number", "study_id", "referring_physician_name")
    )
    study_date = _typed_as("date", STUDY["study_date"].label)
    study_time = _typed_as("time", STUDY["study_time"].label)
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
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Label", "aria-label": "Label"}),
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
    shown = {"DA": dicom_date, "TM": dicom_time}
    return {
        name: "\n".join(text) if isinstance(text, list) else shown.get(fields[name].vr, str)(text)
        for name, text in texts.items()
    }
