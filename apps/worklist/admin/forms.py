"""The form by which a step is planned: what people know. Numbers and UIDs are made here."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.models import Practice
from apps.archive.admin.filters import MODALITIES
from apps.archive.models import TEXT_LENGTH
from apps.dicom.spoken import spoken_name
from apps.worklist.models import Priority, ScheduledStep, Sex
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, SHORT_LENGTH
from apps.worklist.scheduling import Planned
from apps.worklist.wording import day_of, full_name, name_parts, pn_of

# What is said of a patient beside who it is: (tag, VR).
ALLERGIES: Final = ("00102110", "LO")
NEEDS: Final = ("00380050", "LO")
PREGNANCY: Final = ("001021C0", "US")
# Defined terms of Pregnancy Status (PS3.3 C.2.2).
PREGNANCIES: Final = [
    ("", _("Not asked")),
    ("1", _("Not pregnant")),
    ("2", _("Possibly pregnant")),
    ("3", _("Pregnant")),
]
PLACED: Final = ("modality", "minutes", "description", "priority", "accession_number", "location", "patient_id")


def _text(label: Any, length: int = LONG_LENGTH, **options: Any) -> forms.CharField:
    attrs = {"placeholder": options.pop("placeholder", "")}
    options.setdefault("required", False)
    return forms.CharField(label=label, max_length=length, widget=UnfoldAdminTextInputWidget(attrs=attrs), **options)


def _choice(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    options.setdefault("required", False)
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget, **options)


class StepForm(forms.Form):
    """A step as people say it."""

    practice = forms.ModelChoiceField(
        label=_("Practice"), queryset=Practice.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    family_name = _text(_("Family name"), required=True)
    given_name = _text(_("Given name"))
    patient_id = _text(_("Patient ID"), required=True)
    birth_date = forms.DateField(
        label=_("Born"), required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sex = _choice(_("Sex"), [("", _("Not said")), *Sex.choices])
    modality = _text(_("Modality"), SHORT_LENGTH, required=True, placeholder=_("Such as PX, IO or CT"))
    device = _choice(_("Device"), [])
    start_date = forms.DateField(
        label=_("Date"), widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    start_time = forms.TimeField(
        label=_("Time"),
        required=False,
        help_text=_("Left empty: any time of the day."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=1, max_value=DAY, initial=15, widget=UnfoldAdminIntegerFieldWidget
    )
    location = _text(_("Room"), SHORT_LENGTH)
    description = _text(_("What is done"), placeholder=_("Such as Panoramic X-ray"))
    performing_physician = _text(_("Performed by"), TEXT_LENGTH, placeholder=_("Family name, given name"))
    referring_physician = _text(_("Referred by"), TEXT_LENGTH, placeholder=_("Family name, given name"))
    priority = _choice(_("Priority"), Priority.choices, initial=Priority.ROUTINE)
    allergies = _text(_("Allergies"))
    pregnancy = _choice(_("Pregnancy"), PREGNANCIES)
    needs = _text(_("Special needs"))
    accession_number = _text(_("Accession number"), SHORT_LENGTH, help_text=_("Left empty: one is made."))

    def __init__(self, *args: Any, step: ScheduledStep | None, practices: Any, devices: dict[str, str], **kwargs: Any):
        kwargs["initial"] = {**(_initial(step) if step else {}), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.step = step
        self._offer(practices, devices)
        listed = forms.Select(choices=[(code, f"{code} · {name}") for code, name in MODALITIES.items()])
        self.modalities = listed.choices
        self.fields["modality"].widget.attrs["list"] = "modalities"

    def _offer(self, practices: Any, devices: dict[str, str]) -> None:
        practice, device = self.fields["practice"], self.fields["device"]
        assert isinstance(practice, forms.ModelChoiceField)
        assert isinstance(device, forms.ChoiceField)
        practice.queryset = practices
        if self.step is not None or len(practices) == 1:
            practice.widget, practice.required = forms.HiddenInput(), False
        held = self.initial.get("device") or ""
        known = {held: held.replace("\\", ", "), **devices} if held else devices
        device.choices = [("", gettext("Any device")), *((title, f"{name} ({title})") for title, name in known.items())]

    def clean_modality(self) -> str:
        return str(self.cleaned_data["modality"]).upper()

    @property
    def practice_id(self) -> int:
        """Where the step is planned: of several practices the one that was chosen."""
        if self.step is not None:
            return self.step.practice_id
        chosen = self.cleaned_data["practice"] or self.fields["practice"].queryset.first()  # type: ignore[attr-defined]
        return int(chosen.pk)

    @property
    def planned(self) -> Planned:
        """What was typed in, with what the step has besides."""
        given = self.cleaned_data
        before = Planned.of(self.step) if self.step else None
        kept = {name: getattr(before, name) for name in Planned.__slots__} if before else {}
        return Planned(
            **{
                **kept,
                **{name: given[name] for name in PLACED},
                "patient_name": full_name(given["family_name"], given["given_name"], kept.get("patient_name", "")),
                "patient_birth_date": f"{given['birth_date']:%Y%m%d}" if given["birth_date"] else "",
                "patient_sex": given["sex"],
                "station_titles": given["device"],
                "start_date": given["start_date"],
                "start_time": given["start_time"],
                "performing_physician": pn_of(given["performing_physician"], kept.get("performing_physician", "")),
                "referring_physician": pn_of(given["referring_physician"], kept.get("referring_physician", "")),
                "attributes": _attributes(kept.get("attributes", {}), given),
            }
        )


class CancelForm(forms.Form):
    """Why a step is cancelled."""

    reason = _text(_("Why"), TEXT_LENGTH, placeholder=_("Such as: the patient has called off"))


class ImportForm(forms.Form):
    """A list from another system."""

    practice = forms.ModelChoiceField(
        label=_("Practice"), queryset=Practice.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    file = forms.FileField(
        label=_("File"), widget=UnfoldAdminFileFieldWidget, help_text=_("A CSV table, or a DICOM worklist file (.wl).")
    )

    def __init__(self, practices: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        practice = self.fields["practice"]
        assert isinstance(practice, forms.ModelChoiceField)
        practice.queryset = practices


def _initial(step: ScheduledStep) -> dict[str, Any]:
    family, given = name_parts(step.patient_name)
    placed = {name: getattr(step, name) for name in PLACED}
    return placed | {
        "family_name": family,
        "given_name": given,
        "birth_date": day_of(step.patient_birth_date),
        "sex": step.patient_sex,
        "device": step.station_titles,
        "start_date": step.start_date,
        "start_time": f"{step.start_time:%H:%M}" if step.start_time else "",
        "performing_physician": spoken_name(step.performing_physician),
        "referring_physician": spoken_name(step.referring_physician),
        "allergies": _held(step, ALLERGIES),
        "needs": _held(step, NEEDS),
        "pregnancy": _held(step, PREGNANCY),
    }


def _held(step: ScheduledStep, attribute: tuple[str, str]) -> str:
    return "\\".join(map(str, step.attributes.get(attribute[0], {}).get("Value") or ()))


def _attributes(before: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The further attributes, with those that the form has as they were typed in."""
    known = dict(before)
    for (tag, vr), name in ((ALLERGIES, "allergies"), (NEEDS, "needs"), (PREGNANCY, "pregnancy")):
        known.pop(tag, None)
        if text := given[name]:
            known[tag] = {"vr": vr, "Value": [int(text)] if vr == "US" else text.split("\\")}
    return known
