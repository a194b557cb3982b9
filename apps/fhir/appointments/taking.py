"""Appointments that other systems send: booked, changed, and moved on by their status."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from apps.accounts.principal import Principal
from apps.fhir import identifying
from apps.fhir.appointments.mapping import KIND
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element
from apps.fhir.orders.reading import minutes_between, modality_of, title_of
from apps.fhir.patients.referring import person_of
from apps.practice.appointments import booking, moving
from apps.practice.appointments.booking import Booking
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.practice.models.appointments import DEFAULT_MINUTES
from apps.saying import say
from apps.worklist.models import ScheduledStep
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, PLANNING, SHORT_LENGTH

__all__ = ["PLANNING", "change", "create"]

SOURCE: Final = "FHIR"
OWNER: Final = "appointment"
_MOVES: Final[Mapping[str, Callable[..., Appointment]]] = {
    AppointmentState.BOOKED: moving.reopen,
    AppointmentState.ARRIVED: moving.arrive,
    AppointmentState.FULFILLED: moving.fulfil,
    AppointmentState.NO_SHOW: moving.no_show,
}
# Statuses of FHIR that mean one of ours.
_SAME: Final = {"checked-in": AppointmentState.ARRIVED, "entered-in-error": AppointmentState.CANCELLED}
_NEW: Final = (AppointmentState.BOOKED, AppointmentState.ARRIVED)


def create(who: Principal, resource: Element) -> Appointment:
    """Book an appointment; one that is based on an order is what the devices are told by that one's step.

    Raises Unprocessable, Refused, Conflict for identifiers that an appointment of the practice has.
    """
    state, lead = _state(resource), _lead(who, resource)
    if state not in _NEW:
        resource.at("status").wrong(say("A new appointment is booked or arrived."))
    identifiers = identifying.read(resource)
    identifying.make_sure_new(OWNER, lead.practice_id, identifiers, f"{KIND}/")
    external = identifying.external_id(identifiers, LONG_LENGTH)
    _make_sure_free(lead.practice_id, external)
    step = _order(who, lead, resource)
    facts = _facts(resource, step) | {"external_id": external, "lead": lead}
    appointment = booking.book(lead.practice_id, Booking(**facts), who, source=SOURCE, step=step)
    identifying.keep(OWNER, appointment, identifiers)
    return _moved(who, appointment, state, resource)


def change(who: Principal, appointment: Appointment, resource: Element) -> Appointment:
    """Bring an appointment to what the resource says: booked again first, called off last. Raises as `create`."""
    state, lead = _state(resource), _lead(who, resource)
    if lead.practice_id != appointment.practice_id:
        resource.at("participant").wrong(say("An appointment stays in its practice."))
    if state in _NEW and moving.may_become(appointment, AppointmentState.BOOKED):
        appointment = moving.reopen(appointment, who, source=SOURCE)
    facts = _facts(resource, None) | {"lead": lead}
    appointment = booking.change(appointment, facts, who, source=SOURCE)
    identifying.keep(OWNER, appointment, identifying.read(resource))
    return _moved(who, appointment, state, resource)


def _moved(who: Principal, appointment: Appointment, state: AppointmentState, resource: Element) -> Appointment:
    if appointment.state == state:
        return appointment
    if state == AppointmentState.CANCELLED:
        reason = resource.at("cancelationReason").text("text")
        return moving.cancel(appointment, who, reason=reason, source=SOURCE)
    return _MOVES[state](appointment, who, source=SOURCE)


def _state(resource: Element) -> AppointmentState:
    said = resource.text("status")
    if said in _SAME:
        return _SAME[said]
    if said not in AppointmentState.values:
        known = ", ".join(AppointmentState.values)
        resource.at("status").wrong(say("Write one of: {values}.", values=known))
    return AppointmentState(said)


def _lead(who: Principal, resource: Element) -> Lead:
    """The one participant who is a patient."""
    named = [each.at("actor") for each in resource.each("participant") if _is_patient(each.at("actor"))]
    if len(named) != 1:
        resource.at("participant").wrong(say("Name one patient whose appointment it is."))
    person = person_of(who, named[0], resource)
    if not isinstance(person, Lead):
        return named[0].wrong(say("This patient is known by images alone. Add a lead, and name that one."))
    return person


def _is_patient(actor: Element) -> bool:
    named = actor.text("reference")
    is_contained = named.startswith("#") and actor.text("type") in ("", "Patient")
    return is_contained or actor.text("type") == "Patient" or "Patient" in named.split("/")[-2:-1]


def _facts(resource: Element, step: ScheduledStep | None) -> Json:
    """What the resource says of an appointment, by the names of Booking; what it leaves out, the order says."""
    start = resource.instant("start")
    if start is None:
        resource.at("start").wrong(say("Say when it begins."))
    known = {"description": step.description, "modality": step.modality} if step else {}
    title = step.station_titles.split("\\")[0] if step else ""
    is_typed = bool(resource.each("serviceType"))
    return {
        "start_at": start,
        "minutes": _minutes(resource, start),
        "practitioner": _display(resource, "Practitioner"),
        "location": _display(resource, "Location"),
        "description": resource.text("description", LONG_LENGTH) or known.get("description", ""),
        "modality": modality_of(resource, ("serviceType",)) if is_typed else known.get("modality", ""),
        "station_title": _title(resource) or title,
    }


def _minutes(resource: Element, start: datetime | None) -> int:
    end = resource.instant("end")
    if end is not None and start is not None:
        return minutes_between(start, end, resource.at("end"))
    said = resource.number("minutesDuration")
    if said is not None and not 1 <= said <= DAY:
        resource.at("minutesDuration").wrong(say("Write a number from 1 to {most}.", most=DAY))
    return said or DEFAULT_MINUTES


def _actors(resource: Element, kind: str) -> list[Element]:
    actors = [each.at("actor") for each in resource.each("participant")]
    return [each for each in actors if each.text("type") == kind or each.text("reference").startswith(f"{kind}/")]


def _display(resource: Element, kind: str) -> str:
    return next((name for each in _actors(resource, kind) if (name := each.text("display", LONG_LENGTH))), "")


def _title(resource: Element) -> str:
    return next((title_of(each)[:SHORT_LENGTH] for each in _actors(resource, "Device")), "")


def _order(who: Principal, lead: Lead, resource: Element) -> ScheduledStep | None:
    """The step of the order that it is based on. Raises Unprocessable for another patient's, or one that is booked."""
    node = resource.first("basedOn")
    named = node.text("reference")
    if not named:
        return None
    kind, key = ["", *named.rstrip("/").split("/")][-2:]
    steps = ScheduledStep.objects.visible_to(who, PLANNING).filter(practice=lead.practice_id)
    step = steps.filter(pk=int(key)).first() if kind == "ServiceRequest" and key.isdecimal() and len(key) < 19 else None
    if step is None:
        return node.wrong(say("There is no such order in the practice of this patient."))
    if step.patient_id != lead.dicom_patient_id:
        node.wrong(say("This order is of another patient."))
    if Appointment.objects.filter(step=step).exists():
        node.wrong(say("This order has an appointment already."))
    return step


def _make_sure_free(practice_id: int, external_id: str) -> None:
    """Raises Conflict, which names the resource, for what the practice's software calls another one."""
    found = Appointment.objects.filter(practice=practice_id, external_id=external_id).first() if external_id else None
    if found is not None:
        raise identifying.is_known(external_id, f"{KIND}/{found.pk}")
