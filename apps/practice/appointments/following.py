"""Appointments as their steps are: what a device, a list from elsewhere or the clock does to a step holds for both."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final

from django.db import connection, transaction
from django.utils.timezone import get_current_timezone, localtime

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.core.languages import in_english
from apps.practice.appointments import steps
from apps.practice.appointments.booking import held, note, saved
from apps.practice.models import Appointment, AppointmentState
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.scheduling import Planned

logger = logging.getLogger(__name__)

# As the record names it.
WORKER: Final = "appointments"
SOURCE: Final = "worklist"
_OPEN: Final = frozenset({AppointmentState.BOOKED, AppointmentState.ARRIVED})
_CALLED_OFF: Final = frozenset({AppointmentState.CANCELLED, AppointmentState.NO_SHOW})
# What a step's state makes of an appointment, and of which ones: what a device does counts more than what was said.
_FOLLOWS: Final[Mapping[str, tuple[AppointmentState, frozenset[AppointmentState]]]] = {
    StepState.IN_PROGRESS: (AppointmentState.ARRIVED, _CALLED_OFF | {AppointmentState.BOOKED}),
    StepState.COMPLETED: (AppointmentState.FULFILLED, _CALLED_OFF | _OPEN),
    StepState.DISCONTINUED: (AppointmentState.ARRIVED, _CALLED_OFF | {AppointmentState.BOOKED}),
    StepState.CANCELLED: (AppointmentState.CANCELLED, _OPEN),
    StepState.SCHEDULED: (AppointmentState.BOOKED, _CALLED_OFF),
}


def worker(practice_id: int) -> Principal:
    """Who keeps appointments and steps alike."""
    return Principal.worker(practice_id, WORKER, frozenset({PLANNING}))


def follow(step: ScheduledStep) -> None:
    """Bring the step's appointment, if it has one, to what the step is. Doing it again changes nothing."""
    if not _is_any("step_id", [step.pk]):
        return
    with transaction.atomic():
        found = Appointment.objects.filter(step=step.pk).only("pk").first()
        if found is None:
            return
        appointment = held(found)
        now = appointment.step
        if now is None:
            return
        changed = [*_follow_state(appointment, now), *_follow_visit(appointment, now)]
        if changed:
            note(saved(appointment), worker(appointment.practice_id), f"{', '.join(changed)}, as its step", SOURCE)


def come(step: ScheduledStep) -> None:
    """The patient of a step was checked in."""
    with transaction.atomic():
        found = Appointment.objects.filter(step=step.pk, state=AppointmentState.BOOKED).first()
        if found is None:
            return
        appointment = held(found)
        if appointment.state == AppointmentState.BOOKED:
            appointment.state = AppointmentState.ARRIVED
            note(saved(appointment), worker(appointment.practice_id), "arrived, as its step", SOURCE)


def rename(practice_id: int, lead_pks: Collection[int] | None = None) -> int:
    """Tell the devices who these leads (of the practice; None for all) are now, where none has begun with them.

    Returns how many steps were looked at.
    """
    waiting = Appointment.objects.filter(practice=practice_id, step__state=StepState.SCHEDULED)
    if lead_pks is not None:
        # Most leads that change are not expected: to know that costs less than to read whole rows.
        if not lead_pks or not _is_any("lead_id", lead_pks):
            return 0
        waiting = waiting.filter(lead__in=lead_pks)
    seen = 0
    for appointment in waiting.select_related("lead", "step").iterator(chunk_size=200):
        seen += 1
        _rename(appointment)
    return seen


def _is_any(column: str, pks: Collection[int]) -> bool:
    """Whether an appointment has one of these numbers in that column."""
    places = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM practice_appointment WHERE {column} IN ({places}) LIMIT 1", list(pks))  # noqa: S608
        return cursor.fetchone() is not None


def _rename(appointment: Appointment) -> None:
    """One that can't be changed must not keep the others from it."""
    step = appointment.step
    if step is None:
        return
    try:
        planned = replace(Planned.of(step), **steps.patient_of(appointment.lead))
        scheduling.change(step, planned, worker(appointment.practice_id), source="lead")
    except FoveaError as error:
        logger.warning("Step %s was not brought to what its lead is now: %s", step.pk, type(error).__name__)


def _follow_state(appointment: Appointment, step: ScheduledStep) -> list[str]:
    state, after = _FOLLOWS.get(step.state, (None, frozenset[AppointmentState]()))
    if state is None or appointment.state not in after:
        return []
    appointment.state = state
    appointment.reason = step.reason if state == AppointmentState.CANCELLED else ""
    return [in_english(state.label).lower()]


def _follow_visit(appointment: Appointment, step: ScheduledStep) -> list[str]:
    """What the step says otherwise of when, where and what; a step of any time keeps the appointment's."""
    if not steps.differs(appointment, step):
        return []
    told: dict[str, Any] = {
        "start_at": _start_of(step, localtime(appointment.start_at).time()),
        "minutes": step.minutes,
        "modality": step.modality,
        "description": step.description,
        "station_title": _title_of(step, appointment.station_title),
    }
    changed = [name for name, value in told.items() if getattr(appointment, name) != value]
    for name in changed:
        setattr(appointment, name, told[name])
    return [name.replace("_", " ") for name in changed]


def _start_of(step: ScheduledStep, otherwise: time) -> datetime:
    return datetime.combine(step.start_date, step.start_time or otherwise, get_current_timezone())


def _title_of(step: ScheduledStep, known: str) -> str:
    """The one device of the step; of several, the one that the appointment has, else the first."""
    titles = step.station_titles.split("\\")
    return known if known in titles else titles[0]
