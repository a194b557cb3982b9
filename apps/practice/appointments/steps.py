"""What the devices are told of an appointment: its scheduled step, planned and changed as the appointment is."""

from dataclasses import replace
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localtime

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid
from apps.practice.models import Appointment, Lead
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.models.scheduled import SHORT_LENGTH
from apps.worklist.scheduling import CHANGEABLE, Planned
from apps.worklist.taking import Change, take
from apps.worklist.wording import pn_of

_SET_STEP: Final = "UPDATE practice_appointment SET step_id = %s WHERE id = %s"
BEGUN: Final = say(
    "The device has begun with this appointment: its lead, time, device and what is done stay as they are."
)


def patient_of(lead: Lead) -> dict[str, Any]:
    """Who is expected, as a step says it. Raises Invalid for a lead without a name: devices show nothing else."""
    if not lead.dicom_name:
        text = say("This lead has no name, and the devices need one. Give the lead a name first.")
        raise Invalid(text, [("leadId", text)])
    return {
        "patient_id": lead.dicom_patient_id,
        "issuer": "",
        "patient_name": lead.dicom_name,
        "patient_birth_date": lead.dicom_birth_date,
        "patient_sex": lead.sex,
    }


def visit_of(appointment: Appointment) -> dict[str, Any]:
    """When, where and what, as a step says it; of a room, what fits (SH)."""
    start = localtime(appointment.start_at)
    return {
        "modality": appointment.modality,
        "station_titles": appointment.station_title,
        "location": appointment.location[:SHORT_LENGTH].strip(),
        "start_date": start.date(),
        "start_time": start.time().replace(microsecond=0),
        "minutes": appointment.minutes,
        "performing_physician": pn_of(appointment.practitioner),
        "description": appointment.description,
        "requested_description": appointment.description,
    }


def plan(appointment: Appointment, by: Principal, *, source: str) -> None:
    """Plan the step of a saved appointment with a modality; one that was planned by the same ID elsewhere is taken.

    Raises Refused, Invalid, Conflict for a step that is another appointment's.
    """
    if not appointment.modality:
        return
    facts = patient_of(appointment.lead) | visit_of(appointment)
    if appointment.external_id:
        facts |= {"external_id": appointment.external_id}
        taken = take(appointment.practice_id, facts, by, source=source)
        step = taken.step
        if taken.change is not Change.PLANNED and Appointment.objects.filter(step=step).exists():
            raise Conflict(say("The worklist's entry of this ID belongs to another appointment."))
    else:
        step = scheduling.schedule(appointment.practice_id, Planned(**facts), by, source=source)
    appointment.step = step
    with connection.cursor() as cursor:
        cursor.execute(_SET_STEP, [step.pk, appointment.pk])


def replan(appointment: Appointment, by: Principal, *, source: str) -> None:
    """Bring the step to what the appointment is now. Raises Conflict where the device has begun, and as `plan`."""
    step = appointment.step
    if step is None:
        plan(appointment, by, source=source)
    elif not appointment.modality:
        _drop(appointment, step, by, source)
    elif step.state in CHANGEABLE:
        facts = patient_of(appointment.lead) | visit_of(appointment)
        appointment.step = scheduling.change(step, replace(Planned.of(step), **facts), by, source=source)
    elif differs(appointment, step):
        raise Conflict(BEGUN)


def differs(appointment: Appointment, step: ScheduledStep) -> bool:
    """Whether the step says otherwise when, where or what."""
    return any(getattr(step, name) != value for name, value in visit_of(appointment).items())


def call_off(appointment: Appointment, by: Principal, reason: str, *, source: str) -> None:
    """Take the step off the worklists. Raises Conflict where the device has begun."""
    step = appointment.step
    if step is None:
        return
    if step.state == StepState.IN_PROGRESS:
        raise Conflict(say("The device has begun with this appointment. Say that it is fulfilled when it has ended."))
    if step.state == StepState.SCHEDULED:
        appointment.step = scheduling.cancel(step, by, reason=reason, source=source)


def _drop(appointment: Appointment, step: ScheduledStep, by: Principal, source: str) -> None:
    """The appointment needs no device any more."""
    if step.state not in (*CHANGEABLE, StepState.CANCELLED):
        raise Conflict(BEGUN)
    call_off(appointment, by, "The appointment needs no device any more.", source=source)
    appointment.step = None
    appointment.save(update_fields=["step"])
