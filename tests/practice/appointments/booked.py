"""Appointments for tests: a lead, what is booked for her, and whoever books it."""

from datetime import UTC, date, datetime
from typing import Any

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.practice.appointments import booking
from apps.practice.appointments.booking import Booking
from apps.practice.models import Appointment, Lead
from apps.worklist.models import ScheduledStep

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PX = {"modality": "PX", "station_title": "PANO1", "description": "Panoramic X-ray"}


def secretary(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, "secretary")


def lead_of(practice: Practice, **facts: Any) -> Lead:
    """Jane Doe, unless `facts` say otherwise."""
    known = {"family_name": "Doe", "given_name": "Jane", "birth_date": date(1980, 1, 2), "sex": "F"}
    return Lead.objects.create(practice=practice, **{**known, **facts})


def book(practice: Practice, lead: Lead | None = None, **facts: Any) -> Appointment:
    """A panoramic X-ray on a Monday morning, unless `facts` say otherwise."""
    known: dict[str, Any] = {"lead": lead or lead_of(practice), "start_at": START, **PX, **facts}
    return booking.book(practice.pk, Booking(**known), secretary(practice), source="test")


def step_of(appointment: Appointment) -> ScheduledStep:
    """What the devices are told of it now."""
    step = Appointment.objects.select_related("step").get(pk=appointment.pk).step
    assert step is not None
    return step
