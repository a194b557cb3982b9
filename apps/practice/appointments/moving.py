"""Moving appointments on, by people and other software: arrived, fulfilled, cancelled, not come, and booked again.

Moving one to where it is already changes nothing, so that what was not answered can be sent again.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction

from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH
from apps.core.errors import Conflict
from apps.core.languages import in_english
from apps.practice.appointments import steps
from apps.practice.appointments.booking import ended, held, note, saved
from apps.practice.models import Appointment, AppointmentState
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.checking_in import check_in
from apps.worklist.models import StepState

# From which states an appointment comes into each.
MOVES: Final[Mapping[AppointmentState, tuple[AppointmentState, ...]]] = {
    AppointmentState.BOOKED: (AppointmentState.CANCELLED, AppointmentState.NO_SHOW),
    AppointmentState.ARRIVED: (AppointmentState.BOOKED,),
    AppointmentState.FULFILLED: (AppointmentState.BOOKED, AppointmentState.ARRIVED),
    AppointmentState.CANCELLED: (AppointmentState.BOOKED, AppointmentState.ARRIVED),
    AppointmentState.NO_SHOW: (AppointmentState.BOOKED,),
}
DID_NOT_COME: Final = say("The patient did not come.")

# What happens to the step: with the appointment, who asks, and from where.
Step = Callable[[Appointment, Principal, str], None]


def arrive(appointment: Appointment, by: Principal, *, source: str) -> Appointment:
    """The person is here; their step is checked in. Raises Refused, and Conflict for one that has ended."""
    return _move(appointment, AppointmentState.ARRIVED, by, source, _check_in)


def fulfil(appointment: Appointment, by: Principal, *, source: str) -> Appointment:
    """It is done, and its step completed. Raises Refused, and Conflict for one that was cancelled or missed."""
    return _move(appointment, AppointmentState.FULFILLED, by, source, _complete)


def cancel(appointment: Appointment, by: Principal, *, reason: str = "", source: str) -> Appointment:
    """It is called off, and its step with it. Raises Refused, Conflict for one that has ended or a device has begun."""
    return _move(appointment, AppointmentState.CANCELLED, by, source, _calling_off(reason), reason)


def no_show(appointment: Appointment, by: Principal, *, source: str) -> Appointment:
    """Nobody came, and nobody is expected at the device any more. Raises as `cancel`."""
    return _move(appointment, AppointmentState.NO_SHOW, by, source, _calling_off(DID_NOT_COME))


def reopen(appointment: Appointment, by: Principal, *, source: str) -> Appointment:
    """A cancelled or missed one is booked again, and its step planned. Raises Refused, Conflict for any other."""
    return _move(appointment, AppointmentState.BOOKED, by, source, _reopen)


def may_become(appointment: Appointment, state: AppointmentState) -> bool:
    """Whether it can be moved there."""
    return appointment.state in MOVES[state]


def _move(
    appointment: Appointment, state: AppointmentState, by: Principal, source: str, step: Step, reason: str = ""
) -> Appointment:
    scheduling.decide(by, appointment.practice_id)
    with transaction.atomic():
        appointment = held(appointment)
        if appointment.state == state:
            return appointment
        if not may_become(appointment, state):
            raise Conflict(
                say(
                    "This appointment is “{state}”, and can't become “{wanted}”.",
                    state=ended(appointment),
                    wanted=in_english(state.label),
                )
            )
        appointment.state, appointment.reason = state, reason[:TEXT_LENGTH]
        step(saved(appointment), by, source)
        note(appointment, by, in_english(state.label).lower(), source, reason=reason)
    return appointment


def _check_in(appointment: Appointment, by: Principal, source: str) -> None:
    if appointment.step and appointment.step.is_open:
        appointment.step = check_in(appointment.step, by, source=source)


def _complete(appointment: Appointment, by: Principal, source: str) -> None:
    if appointment.step and appointment.step.is_open:
        appointment.step = scheduling.complete(appointment.step, by, source=source)


def _calling_off(reason: str) -> Step:
    return lambda appointment, by, source: steps.call_off(appointment, by, reason, source=source)


def _reopen(appointment: Appointment, by: Principal, source: str) -> None:
    step = appointment.step
    if step is None:
        steps.plan(appointment, by, source=source)
    elif step.state in (StepState.CANCELLED, StepState.EXPIRED):
        appointment.step = scheduling.reopen(step, by, source=source)
