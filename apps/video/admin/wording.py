"""What codes are called on the pages."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.core.languages import Label
from apps.video.objects.presets import PRESETS

_SPECIALTIES: Final[dict[str, Label]] = {
    "endoscopy": _("Endoscopy"),
    "surgery": _("Surgery"),
    "ultrasound": _("Ultrasound"),
    "ophthalmology": _("Ophthalmology"),
    "dental": _("Dental"),
    "dermatology": _("Dermatology"),
    "cardiology": _("Cardiology (ultrasound)"),
    "microscopy": _("Microscopy"),
    "photography": _("Photography"),
}


def presets() -> list[tuple[str, str]]:
    """The specialties that can be chosen, by their codes."""
    return [(name, preset_name(name)) for name in PRESETS]


def preset_name(name: str) -> str:
    """What a specialty is called; its code where it is a new one, nothing for none."""
    return str(_SPECIALTIES.get(name, name))
