"""The forms of one's own notifications."""

from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import NAME_LENGTH, Habits
from apps.notifications.personal import Choices
from apps.notifications.services import LONGEST

_TIME: Final = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


def _zones() -> list[tuple[str, Any]]:
    return [("", settings.TIME_ZONE), *((zone, zone) for zone in sorted(available_timezones()))]


class HabitsForm(forms.ModelForm):
    """When messages go out."""

    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)

    class Meta:
        model = Habits
        fields = ("digest", "digest_at", "quiet_from", "quiet_until", "time_zone")
        widgets = {"digest_at": _TIME, "quiet_from": _TIME, "quiet_until": _TIME}


class ContactForm(forms.Form):
    """Where SMS and chat messages go."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("What you call it, such as My phone."))
    url = forms.CharField(
        label=_("Address"), max_length=LONGEST, strip=True,
        help_text=_("As Apprise has it, such as twilio://SID:TOKEN@FROM/TO. It is not shown again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


def chosen(ticked: Iterable[str], kinds: Iterable[Kind]) -> Choices:
    """What was ticked of `kind.channel`, for all channels of these kinds."""
    marked = set(ticked)
    return {(kind, channel): f"{kind}.{channel}" in marked for kind in kinds for channel in Channel}
