"""What may be a mistake about an appointment, and may be meant: said to who books, and never refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from apps.practice.models import Appointment, AppointmentState, LeadStatus
from apps.remotes.models import Remote
from apps.saying import say

_OPEN: Final = (AppointmentState.BOOKED, AppointmentState.ARRIVED)
# No appointment is longer (`minutes` of the model).
LONGEST: Final = timedelta(days=1)
MOST: Final = 200


def remarks(appointment: Appointment) -> list[str]:
    """In sentences; none for an appointment that has ended."""
    return list(_remarks(appointment)) if appointment.is_open else []


def _remarks(appointment: Appointment) -> Iterator[str]:
    if appointment.state == AppointmentState.BOOKED and _end(appointment) < timezone.now() - LONGEST:
        yield say("It is in the past.")
    if appointment.lead.status == LeadStatus.INACTIVE:
        yield say("The lead is inactive.")
    others = _at_the_time(appointment)
    title = appointment.station_title
    if title and any(other.station_title == title for other in others):
        yield say("{title} has another appointment at that time.", title=title)
    if any(other.lead_id == appointment.lead_id for other in others):
        yield say("The lead has another appointment at that time.")
    if title and not appointment.modality:
        yield say("Without a modality nothing is planned at {title}.", title=title)
    elif title and not Remote.objects.filter(practice=appointment.practice_id, title=title).exists():
        yield say("No device of the practice has the AE title {title}.", title=title)


def _at_the_time(appointment: Appointment) -> list[Appointment]:
    """Other open appointments of the practice that overlap this one."""
    near: QuerySet[Appointment] = Appointment.objects.filter(
        practice=appointment.practice_id, state__in=_OPEN,
        start_at__lt=_end(appointment), start_at__gt=appointment.start_at - LONGEST,
    ).exclude(pk=appointment.pk)  # fmt: skip
    return [other for other in near.order_by("-start_at")[:MOST] if _end(other) > appointment.start_at]


def _end(appointment: Appointment) -> datetime:
    return appointment.start_at + timedelta(minutes=appointment.minutes)
