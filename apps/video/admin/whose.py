"""Whose a video is, as people read it: by the step, appointment or lead it was sent in for, or by what was typed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from apps.archive.templatetags.dicom_text import person_name
from apps.video.models import Video


def person_of(video: Video) -> tuple[str, str]:
    """The name, and the Patient ID or what else is known of them; a name that nobody gave is said to be missing."""
    if video.step:
        return person_name(video.step.patient_name), video.step.patient_id
    if lead := video.lead or (video.appointment.lead if video.appointment else None):
        return str(lead), lead.external_id
    typed = patient_of(video.metadata)
    return person_name(typed.get("name", "")), typed.get("id", "")


def patient_of(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """The patient in a video's metadata (`objects.metadata` as JSON)."""
    patient = metadata.get("patient")
    return patient if isinstance(patient, dict) else {}


def reason_of(video: Video) -> str:
    """What it was sent in for."""
    if video.step:
        return gettext("Scheduled step %(number)s") % {"number": video.step.accession_number}
    if video.appointment:
        return gettext("Appointment")
    return gettext("Lead") if video.lead else gettext("As typed by the sender")
