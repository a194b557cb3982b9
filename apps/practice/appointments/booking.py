"""Booking appointments and changing them: each is checked, saved with its step, and put on record."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid
from apps.core.languages import in_english
from apps.practice.appointments import steps
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.practice.models.appointments import DEFAULT_MINUTES
from apps.remotes.administering import Occupied, save_checked
from apps.saying import Sentence, say
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep

# What nobody books, and calendars of devices may not hold.
FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What is said of an appointment; the fields are those of Appointment."""

    lead: Lead
    start_at: datetime
    minutes: int = DEFAULT_MINUTES
    practitioner: str = ""
    location: str = ""
    description: str = ""
    modality: str = ""
    station_title: str = ""
    external_id: str = ""

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        """What is booked as it stands; `dataclasses.replace` makes another booking of it."""
        return cls(**{each.name: getattr(appointment, each.name) for each in fields(cls)})


# Fields of Booking by their names, as far as they are said.
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment that came from elsewhere, and whether it was new."""

    appointment: Appointment
    is_new: bool


def book(
    practice_id: int, booking: Booking, by: Principal, *, source: str, step: ScheduledStep | None = None
) -> Appointment:
    """Book an appointment; with a modality its step is planned, or `step` is what the devices know of it already.

    Raises Refused, NotFound for a practice out of sight, Invalid with what is wrong, Conflict.
    """
    scheduling.decide(by, practice_id)
    appointment = Appointment(practice_id=practice_id, source=source, created_by_id=by.user_id or None)
    _put(appointment, booking)
    _check(appointment)
    with transaction.atomic():
        appointment.step = step
        save_checked(appointment)
        steps.replan(appointment, by, source=source)
        note(appointment, by, "booked", source)
    return appointment


def change(appointment: Appointment, facts: Facts, by: Principal, *, source: str) -> Appointment:
    """Book an open appointment otherwise: what isn't said stays. Saying the same again changes nothing.

    Raises Refused, Invalid with what is wrong, Conflict for one that has ended, or that a device has begun with.
    """
    scheduling.decide(by, appointment.practice_id)
    with transaction.atomic():
        appointment = held(appointment)
        changed = _put(appointment, replace(Booking.of(appointment), **facts))
        if not changed:
            return appointment
        if not appointment.is_open:
            raise Conflict(
                say("This appointment is “{state}”: reopen it, or book another one.", state=ended(appointment))
            )
        if "lead" in changed and appointment.step and appointment.step.state not in scheduling.CHANGEABLE:
            raise Conflict(steps.BEGUN)
        _check(appointment)
        save_checked(_next(appointment))
        steps.replan(appointment, by, source=source)
        note(appointment, by, f"changed: {', '.join(changed)}", source)
    return appointment


def take(practice_id: int, facts: Facts, by: Principal, *, source: str) -> Taken:
    """Book an appointment of other software, or change the one that it has booked by the same `external_id`.

    Raises as `book` and `change`.
    """
    scheduling.decide(by, practice_id)
    if found := _known(practice_id, facts):
        return Taken(change(found, facts, by, source=source), is_new=False)
    try:
        with transaction.atomic():
            return Taken(book(practice_id, Booking(**facts), by, source=source), is_new=True)
    except (IntegrityError, Occupied) as error:
        # The same was sent twice at once.
        if found := _known(practice_id, facts):
            return Taken(change(found, facts, by, source=source), is_new=False)
        if isinstance(error, Occupied):
            raise
        raise Conflict(say("The same is being booked by somebody else. Try again.")) from error


def remove(appointment: Appointment, by: Principal, *, source: str) -> None:
    """Delete an appointment that nothing came of; its step is cancelled.

    Raises Refused, and Conflict where a device has begun with it or images have come.
    """
    scheduling.decide(by, appointment.practice_id)
    with transaction.atomic():
        appointment = held(appointment)
        if appointment.step and appointment.step.study_id:
            raise Conflict(say("Images have come of this appointment: it stays."))
        steps.call_off(appointment, by, "The appointment was deleted.", source=source)
        note(appointment, by, "deleted", source)
        appointment.delete()


def held(appointment: Appointment) -> Appointment:
    """The appointment as it is now, kept from others until the transaction ends."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("lead", "step")
    return rows.get(pk=appointment.pk)


def saved(appointment: Appointment) -> Appointment:
    """Save it as its next version."""
    _next(appointment).save()
    return appointment


def _next(appointment: Appointment) -> Appointment:
    appointment.version += 1
    appointment.changed_at = timezone.now()
    return appointment


def ended(appointment: Appointment) -> Sentence:
    """Its state, for a sentence."""
    return in_english(AppointmentState(appointment.state).label)


def note(appointment: Appointment, by: Principal, what: str, source: str, *, reason: str = "") -> None:
    """Put on record what became of the appointment, which names its person by a pseudonym."""
    lead, step = appointment.lead, appointment.step
    tell(
        Action.SCHEDULE,
        principal=by,
        practice_id=appointment.practice_id,
        study_instance_uid=step.study_instance_uid if step else "",
        patient=pseudonym(appointment.practice_id, identity_of("", lead.dicom_patient_id)),
        detail=f"appointment {appointment.pk} {what}",
        reason=reason,
        source=source,
    )


def _known(practice_id: int, facts: Facts) -> Appointment | None:
    external_id = facts.get("external_id")
    return Appointment.objects.filter(practice=practice_id, external_id=external_id).first() if external_id else None


def _put(appointment: Appointment, booking: Booking) -> list[str]:
    """Write what is booked into the appointment; returns the names of the fields that differ."""
    changed = []
    for name in booking.__slots__:
        value = getattr(booking, name)
        before = getattr(appointment, f"{name}_id", None) if name == "lead" else getattr(appointment, name)
        if before != (value.pk if name == "lead" else value):
            setattr(appointment, name, value)
            changed.append(name)
    return changed


def _check(appointment: Appointment) -> None:
    """Raises Invalid with what is wrong."""
    if not FIRST <= appointment.start_at < LAST:
        text = say("An appointment is between {first} and {last}.", first=FIRST.year, last=LAST.year)
        raise Invalid(text, [("startAt", text)])
    if appointment.lead.practice_id != appointment.practice_id or appointment.lead.deleted_at:
        text = say("This practice has no such lead.")
        raise Invalid(text, [("leadId", text)])
