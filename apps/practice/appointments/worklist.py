"""The worklist as practice management knows it: entries with a lead are appointments, the others steps alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from django.utils.timezone import get_current_timezone, localtime

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid
from apps.core.languages import in_english
from apps.practice.appointments import booking, moving
from apps.practice.appointments.booking import Booking
from apps.practice.models import Appointment, Lead
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.scheduling import CHANGEABLE, Planned
from apps.worklist.taking import Change, Taken, take
from apps.worklist.wording import pn_of

# What an entry says, and what appointments and steps call it; `scheduled_start` aside.
_OF_APPOINTMENT: Final = {"station_ae_title": "station_title"}
_OF_STEP: Final = {"station_ae_title": "station_titles"}
_OF_PATIENT: Final = frozenset({"patient_id", "patient_name", "patient_birth_date", "patient_sex"})

# What is said of an entry, by the names of the API in snake_case.
Entry = Mapping[str, Any]


def plan(practice_id: int, entry: Entry, by: Principal, *, source: str) -> Taken:
    """Plan a step from what is said of a patient, or change the one of this `external_id`.

    One that has begun or ended is left as it is. Raises Refused, NotFound, Invalid.
    """
    return take(practice_id, _step_facts(entry), by, source=source)


def book(lead: Lead, entry: Entry, by: Principal, *, source: str) -> Taken:
    """Book an appointment of the lead, or change the one of this `external_id`; its step is what is answered.

    One that has begun or ended is left as it is. Raises Refused, NotFound, Invalid, Conflict.
    """
    scheduling.decide(by, lead.practice_id)
    if external_id := entry.get("external_id"):
        known = Appointment.objects.select_related("step").filter(practice=lead.practice_id, external_id=external_id)
        found = known.first()
        if found and found.step and not (found.is_open and found.step.state in CHANGEABLE):
            return Taken(found.step, Change.KEPT)
    taken = booking.take(lead.practice_id, _appointment_facts(entry) | {"lead": lead}, by, source=source)
    return Taken(_step(taken.appointment), Change.PLANNED if taken.is_new else Change.CHANGED)


def change(step: ScheduledStep, entry: Entry, lead: Lead | None, by: Principal, *, source: str) -> ScheduledStep:
    """Change an entry, or whose it is. Raises Refused, Invalid, and Conflict for one that has begun or ended."""
    scheduling.decide(by, step.practice_id)
    appointment = _appointment_of(step)
    if appointment is None and lead is None:
        facts = _step_facts(entry)
        return scheduling.change(step, replace(Planned.of(step), **facts), by, source=source) if facts else step
    facts = _appointment_facts(entry) | ({"lead": lead} if lead else {})
    if appointment is not None:
        return _step(booking.change(appointment, facts, by, source=source))
    if step.state not in CHANGEABLE:
        raise Conflict(
            say(
                "This entry is “{state}”: it is known whose it was.",
                state=in_english(StepState(step.state).label),
            )
        )
    wanted = Booking(**({"start_at": _start_of(step, facts)} | _told(step) | facts))
    return _step(booking.book(step.practice_id, wanted, by, source=source, step=step))


def cancel(step: ScheduledStep, by: Principal, reason: str, *, source: str) -> ScheduledStep:
    """Call the entry off, and its appointment with it. Raises Refused, Conflict."""
    if step.state == StepState.CANCELLED:
        scheduling.decide(by, step.practice_id)
        return step
    appointment = _appointment_of(step)
    if appointment is None:
        return scheduling.cancel(step, by, reason=reason, source=source)
    return _step(moving.cancel(appointment, by, reason=reason, source=source))


def reopen(step: ScheduledStep, by: Principal, *, source: str) -> ScheduledStep:
    """Put a cancelled entry on the worklists again, and its appointment with it. Raises Refused, Conflict."""
    if step.state == StepState.SCHEDULED:
        scheduling.decide(by, step.practice_id)
        return step
    appointment = _appointment_of(step)
    if appointment is None or appointment.is_open:
        return scheduling.reopen(step, by, source=source)
    return _step(moving.reopen(appointment, by, source=source))


def _appointment_of(step: ScheduledStep) -> Appointment | None:
    return Appointment.objects.select_related("lead", "step").filter(step=step).first()


def _step(appointment: Appointment) -> ScheduledStep:
    if appointment.step is None:
        raise Invalid(say("An entry of the worklist has a modality."), [("modality", say("Say the modality."))])
    return appointment.step


def _appointment_facts(entry: Entry) -> dict[str, Any]:
    """Without the patient's: an appointment has its lead's."""
    facts = {_OF_APPOINTMENT.get(name, name): value for name, value in entry.items() if name not in _OF_PATIENT}
    if start := facts.pop("scheduled_start", None):
        facts["start_at"] = start
    return facts


def _step_facts(entry: Entry) -> dict[str, Any]:
    facts = {_OF_STEP.get(name, name): value for name, value in entry.items()}
    if name := facts.get("patient_name"):
        facts["patient_name"] = name if "^" in name or "=" in name else pn_of(name)
    if start := facts.pop("scheduled_start", None):
        local = localtime(start)
        facts |= {"start_date": local.date(), "start_time": local.time().replace(microsecond=0)}
    return facts


def _told(step: ScheduledStep) -> dict[str, Any]:
    """What a step says of an appointment that it has none of yet."""
    return {
        "minutes": step.minutes, "modality": step.modality, "station_title": step.station_titles.split("\\")[0],
        "description": step.description, "external_id": step.external_id, "location": step.location,
    }  # fmt: skip


def _start_of(step: ScheduledStep, facts: Mapping[str, Any]) -> datetime:
    """Raises Invalid for a step without a time where none is said: nobody can be booked for it."""
    if start := facts.get("start_at"):
        return cast(datetime, start)
    if step.start_time is None:
        text = say("This entry has no time yet. Say when.")
        raise Invalid(text, [("scheduledStart", text)])
    return datetime.combine(step.start_date, step.start_time, get_current_timezone())
