"""The words about what was planned: the study's step on the worklist, and its appointment."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.timezone import localtime

from apps.dicom.attributes import text
from apps.dicom.spoken import spoken_name
from apps.dicom.sr_tree import code_of
from apps.practice.models import Appointment
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.wording import listed
from apps.saying import say
from apps.worklist.models import ScheduledStep

_REASON, _REASON_CODES, _COMMENTS = "00401002", "0040100A", "00401400"
_REQUESTED_CODES, _REQUESTER = "00321064", "00321032"


def appointment(facts: Facts, call: Call) -> Found | None:
    """What the step or its appointment says; the appointment is asked first."""
    step, booked = facts.step, facts.appointment
    if step is None:
        return None
    origin = _origin(step, booked)
    match call.detail:
        case "date":
            return _date(step, booked, origin)
        case "time":
            return _time(step, booked, origin)
        case "priority":
            return Found(step.get_priority_display(), origin, names=(step.priority,))
    return texts(origin)(_said(step, booked, call.detail))


def _said(step: ScheduledStep, booked: Appointment | None, detail: str) -> str:
    of_booked = _OF_APPOINTMENT.get(detail)
    said = of_booked(booked) if booked is not None and of_booked is not None else ""
    return said or _OF_STEP[detail](step)


def _origin(step: ScheduledStep, booked: Appointment | None) -> Origin:
    if booked is None:
        link = reverse("admin:worklist_scheduledstep_change", args=[step.pk])
        return Origin(SourceKind.APPOINTMENT, say("From the worklist"), f"step {step.pk}", link)
    link = reverse("admin:practice_appointment_change", args=[booked.pk])
    return Origin(SourceKind.APPOINTMENT, say("From the appointment"), f"appointment {booked.pk}", link)


def _date(step: ScheduledStep, booked: Appointment | None, origin: Origin) -> Found:
    day = localtime(booked.start_at).date() if booked else step.start_date
    return Found(day.isoformat(), origin, exact=day.isoformat())


def _time(step: ScheduledStep, booked: Appointment | None, origin: Origin) -> Found | None:
    at = localtime(booked.start_at).time() if booked else step.start_time
    return None if at is None else Found(f"{at:%H:%M}", origin, exact=f"{at:%H:%M}")


def _indication(step: ScheduledStep) -> str:
    """Reason for the Requested Procedure, in words or codes, and comments (PS3.3 C.4.11)."""
    attributes: Any = step.attributes
    reason = text(attributes, _REASON) or code_of(attributes, _REASON_CODES).said
    return listed((reason, text(attributes, _COMMENTS)), ". ")


def _requested(step: ScheduledStep) -> str:
    attributes: Any = step.attributes
    return step.requested_description or code_of(attributes, _REQUESTED_CODES).said or step.description


_OF_APPOINTMENT: Final[Mapping[str, Callable[[Appointment], str]]] = {
    "description": lambda booked: booked.description,
    "practitioner": lambda booked: booked.practitioner,
    "location": lambda booked: booked.location,
}
_OF_STEP: Final[Mapping[str, Callable[[ScheduledStep], str]]] = {
    "description": lambda step: step.description,
    "practitioner": lambda step: spoken_name(step.performing_physician),
    "location": lambda step: step.location,
    "indication": _indication,
    "requestedProcedure": _requested,
    "referringPhysician": lambda step: spoken_name(step.referring_physician),
    "requestingPhysician": lambda step: spoken_name(text(step.attributes, _REQUESTER)),
    "performingPhysician": lambda step: spoken_name(step.performing_physician),
}
