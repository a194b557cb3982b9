"""Whose a video is, as people read it: by the step, appointment or lead it was sent in for, or by what was typed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from apps.archive.templatetags.dicom_text import person_name
from apps.video.models import Video
from apps.worklist.models import ScheduledStep


def person_of(video: Video) -> tuple[str, str]:
    """The name, and the Patient ID or what else is known of them; a name that nobody gave is said to be missing."""
    lead = video.lead or (video.appointment.lead if video.appointment else None)
    if lead and not video.step:
        return str(lead), lead.external_id
    return planned_or_typed(video.step, video.metadata)


def planned_or_typed(step: ScheduledStep | None, metadata: Mapping[str, Any]) -> tuple[str, str]:
    """The same of what came for a step, or for a person whose name stands in the metadata."""
    if step:
        return person_name(step.patient_name), step.patient_id
    typed = patient_of(metadata)
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
