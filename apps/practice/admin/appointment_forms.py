"""The forms by which appointments are booked, changed and cancelled."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.archive.admin.filters import MODALITIES
from apps.archive.models import TEXT_LENGTH
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import Label, translated
from apps.practice.models import Appointment, Lead
from apps.practice.models.appointments import DEFAULT_MINUTES
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, SHORT_LENGTH

PLACED = ("minutes", "practitioner", "location", "description")
# Fields of the API, and where the form asks for them.
_FIELDS = {"leadId": "lead", "startAt": "day"}


def _text(label: Label, length: int = LONG_LENGTH, **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=False, widget=UnfoldAdminTextInputWidget(attrs=attrs)
    )


class AppointmentForm(forms.Form):
    """An appointment as people say it."""

    lead = forms.ModelChoiceField(label=_("Lead"), queryset=Lead.objects.none())
    day = forms.DateField(label=_("Date"), widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"))
    at = forms.TimeField(label=_("Time"), widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}))
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=1, max_value=DAY, initial=DEFAULT_MINUTES, widget=UnfoldAdminIntegerFieldWidget
    )
    modality = _text(_("Modality"), SHORT_LENGTH, placeholder=_("Such as PX, IO or CT"), list="modalities")
    device = forms.ChoiceField(label=_("Device"), required=False, widget=UnfoldAdminSelectWidget)
    description = _text(_("What is done"), placeholder=_("Such as Panoramic X-ray"))
    practitioner = _text(_("With"), placeholder=_("Family name, given name"))
    location = _text(_("Room"))

    def __init__(
        self, *args: Any, appointment: Appointment | None, leads: QuerySet[Lead], devices: dict[str, str], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {**(_initial(appointment) if appointment else {}), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.appointment = appointment
        lead, device = self.fields["lead"], self.fields["device"]
        assert isinstance(lead, forms.ModelChoiceField)
        assert isinstance(device, forms.ChoiceField)
        lead.queryset = leads
        lead.widget = AutocompleteSelect(Appointment._meta.get_field("lead"), admin.site)  # noqa: SLF001
        lead.widget.choices = lead.choices
        held = self.initial.get("device") or ""
        known = {held: held, **devices} if held else devices
        device.choices = [("", gettext("Any device")), *((title, f"{name} ({title})") for title, name in known.items())]
        self.modalities = MODALITIES.items()

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed in, by the fields of a booking."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in PLACED},
            "lead": given["lead"],
            "start_at": datetime.combine(given["day"], given["at"], get_current_timezone()),
            "modality": given["modality"].upper(),
            "station_title": given["device"],
        }

    def tell(self, error: FoveaError) -> None:
        """Say at its field what a service refuses."""
        wrong = error.errors if isinstance(error, Invalid) else ()
        for name, text in wrong or [("", error.detail)]:
            self.add_error(_FIELDS.get(name), translated(text))


class CancelAppointmentForm(forms.Form):
    """Why an appointment is cancelled."""

    reason = _text(_("Why"), TEXT_LENGTH, placeholder=_("Such as: called off by telephone"))


def _initial(appointment: Appointment) -> dict[str, Any]:
    start = localtime(appointment.start_at)
    return {
        **{name: getattr(appointment, name) for name in PLACED},
        "lead": appointment.lead_id,
        "day": start.date(),
        "at": f"{start:%H:%M}",
        "modality": appointment.modality,
        "device": appointment.station_title,
    }
