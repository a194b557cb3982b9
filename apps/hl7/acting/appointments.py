"""SIU: appointments made, moved and called off (HL7 v2.9, 10.4)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import connection

from apps.hl7.acting import people
from apps.hl7.acting.context import Context, as_faults
from apps.hl7.acting.planning import device_of, procedure_of
from apps.hl7.acting.values import When, first_of, line, minutes, spoken, when
from apps.hl7.v2.faults import Condition, Faulty
from apps.hl7.v2.message import Message, Segment
from apps.practice.appointments import booking, moving
from apps.practice.appointments.booking import Booking
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.saying import say
from apps.worklist.models import ScheduledStep
from apps.worklist.models.scheduled import LONG_LENGTH
from apps.worklist.scheduling import CHANGEABLE

# Most are new: the ORM would cost as much for this question as for booking one.
_KNOWN: Final = "SELECT id FROM practice_appointment WHERE practice_id = %s AND external_id = %s AND external_id <> ''"
_CALLED_OFF: Final = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)
# Filler status codes (SCH-25, table 0278), as far as they move an appointment on.
_MOVES: Final[Mapping[str, Callable[..., Appointment]]] = {
    "STARTED": moving.arrive,
    "ARRIVED": moving.arrive,
    "COMPLETE": moving.fulfil,
    "NOSHOW": moving.no_show,
    "CANCELLED": moving.cancel,
    "CANCELED": moving.cancel,
    "DELETED": moving.cancel,
}


def book(context: Context) -> str:
    """S12, S13, S14: book it, or change what is booked; one that was called off is booked again. Raises Faulty."""
    sch = context.message.needed("SCH")
    lead, _ = people.taken(context)
    known = _known(context, sch)
    facts = _facts(context, sch) | {"lead": lead}
    with as_faults(sch.place()):
        if known is None:
            made, what = _booked(context, sch, facts), "booked"
        else:
            made, what = _changed(context, known, facts), "changed"
        if move := _MOVES.get(_status(sch)):
            made = move(made, context.by, source=context.source)
    moved = "" if made.state == AppointmentState.BOOKED else f", {made.state}"
    return f"appointment {made.pk} {what}{moved}"


def cancel(context: Context) -> str:
    """S15: it is called off. Said again, it changes nothing. Raises Faulty."""
    sch, found = _needed(context)
    reason = first_of(sch.value(6, 2), sch.value(6))
    with as_faults(sch.place(2)):
        moving.cancel(found, context.by, reason=reason, source=context.source)
    return f"appointment {found.pk} cancelled"


def delete(context: Context) -> str:
    """S17: it was never meant. Raises Faulty."""
    sch, found = _needed(context)
    with as_faults(sch.place(2)):
        booking.remove(found, context.by, source=context.source)
    return f"appointment {found.pk} deleted"


def miss(context: Context) -> str:
    """S26: nobody came. Raises Faulty."""
    sch, found = _needed(context)
    with as_faults(sch.place(2)):
        moving.no_show(found, context.by, source=context.source)
    return f"appointment {found.pk} missed"


def _needed(context: Context) -> tuple[Segment, Appointment]:
    sch = context.message.needed("SCH")
    found = _known(context, sch)
    if found is None:
        raise Faulty(Condition.UNKNOWN_KEY, say("No appointment of this ID is known."), sch.place(2))
    return sch, found


def _external_id(sch: Segment) -> str:
    """The ID of who keeps the calendar (SCH-2), else of who asked for the appointment (SCH-1). Raises Faulty."""
    found = first_of(sch.value(2), sch.value(1))
    if not found:
        raise Faulty(Condition.REQUIRED_FIELD, say("The appointment has no ID."), sch.place(2))
    return found


def _known(context: Context, sch: Segment) -> Appointment | None:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [context.practice_id, _external_id(sch)])
        row = cursor.fetchone()
    return Appointment.objects.select_related("lead", "step").get(pk=row[0]) if row else None


def _booked(context: Context, sch: Segment, facts: dict[str, Any]) -> Appointment:
    if "start_at" not in facts:
        raise Faulty(Condition.REQUIRED_FIELD, say("The appointment has no start."), sch.place(11, 4))
    step = _ordered(context, sch, facts["lead"])
    if step is not None:
        facts.setdefault("modality", step.modality)
        facts.setdefault("description", step.description)
    wanted = Booking(**facts)
    return booking.book(context.practice_id, wanted, context.by, source=context.source, step=step)


def _ordered(context: Context, sch: Segment, lead: Lead) -> ScheduledStep | None:
    """The step of the order that it is for (SCH-26): this patient's, still to come, and no other appointment's."""
    number = sch.value(26)
    if not number:
        return None
    mine = ScheduledStep.objects.filter(practice=context.practice_id, external_id=number, appointment=None)
    return mine.filter(state__in=CHANGEABLE, patient_id=lead.dicom_patient_id).first()


def _changed(context: Context, known: Appointment, facts: Mapping[str, Any]) -> Appointment:
    is_again = context.head.event in ("S12", "S13") and known.state in _CALLED_OFF
    if is_again:
        known = moving.reopen(known, context.by, source=context.source)
    return booking.change(known, facts, context.by, source=context.source)


def _facts(context: Context, sch: Segment) -> dict[str, Any]:
    """What is said of an appointment, by the names of `Booking`: what is empty isn't said. Raises Faulty."""
    message = context.message
    start = _start(sch, message)
    said = {
        "external_id": _external_id(sch),
        "start_at": start.at if start else None,
        "minutes": _minutes(sch, message),
        "practitioner": _practitioner(message),
        "location": _location(message),
        "description": _description(sch, message),
        **_device(context),
    }
    return {name: value for name, value in said.items() if value not in ("", None)}


def _start(sch: Segment, message: Message) -> When | None:
    """From the appointment's own timing, else from the first thing that is reserved for it."""
    places = (("TQ1", 7, 1), ("SCH", 11, 4), ("AIS", 4, 1), ("AIG", 8, 1), ("AIL", 6, 1), ("AIP", 6, 1))
    for name, field, component in places:
        segment = sch if name == "SCH" else message.first(name)
        if segment and (found := when(segment, field, component)):
            if not found.has_time:
                raise Faulty(Condition.DATA_TYPE, say("Say the time too."), segment.place(field, component))
            return found
    return None


def _minutes(sch: Segment, message: Message) -> int | None:
    tq1, ais = message.first("TQ1"), message.first("AIS")
    return (
        minutes(sch.value(9), sch.value(10))
        or (minutes(tq1.value(6), tq1.value(6, 2)) if tq1 else None)
        or (minutes(ais.value(7), ais.value(8)) if ais else None)
        or _span(sch)
    )


def _span(sch: Segment) -> int | None:
    """From the start to the end of SCH-11 (TQ)."""
    start, end = when(sch, 11, 4), when(sch, 11, 5)
    if not (start and end):
        return None
    return minutes(str((end.at - start.at).total_seconds() / 60), "MIN")


def _practitioner(message: Message) -> str:
    aip = message.first("AIP")
    return line(spoken(aip, 3), LONG_LENGTH) if aip else ""


def _location(message: Message) -> str:
    """Of a PL (HL7 v2.9, 2.A.53): the room, else the point of care, else the description."""
    ail = message.first("AIL")
    return line(first_of(ail.value(3, 2), ail.value(3), ail.value(3, 9)), LONG_LENGTH) if ail else ""


def _description(sch: Segment, message: Message) -> str:
    ais = message.first("AIS")
    service = (ais.value(3, 2), ais.value(3)) if ais else ()
    said = first_of(*service, sch.value(7, 2), sch.value(7), sch.value(8, 2), sch.value(8))
    return line(said, LONG_LENGTH)


def _device(context: Context) -> dict[str, str]:
    """The modality and the device, from the service and the resources that are reserved."""
    ais, resources = context.message.first("AIS"), list(context.message.all("AIG"))[:20]
    codes = [*([ais.value(3)] if ais else []), *(each.value(3) for each in resources)]
    procedure = procedure_of(context, *codes)
    station = device_of(context, *(each.value(3) for each in resources))
    return {
        "modality": procedure.modality if procedure else "",
        "station_title": first_of(station, procedure.station_title if procedure else ""),
    }


def _status(sch: Segment) -> str:
    return first_of(sch.value(25), sch.value(25, 2)).upper().replace("-", "").replace(" ", "")
