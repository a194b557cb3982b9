"""ServiceRequests that other systems send: planned as steps, changed, called off and put back."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from apps.accounts.principal import Principal
from apps.fhir import identifying, terms
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element
from apps.fhir.finding import uid_of, zone
from apps.fhir.orders.mapping import KIND
from apps.fhir.orders.reading import facts_of
from apps.fhir.patients.referring import Person, person_of
from apps.practice.appointments import booking, moving, steps, worklist
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.models.scheduled import LONG_LENGTH, PLANNING
from apps.worklist.scheduling import Planned

__all__ = ["PLANNING", "change", "create"]

SOURCE: Final = "FHIR"
OWNER: Final = "step"
ORDERS: Final = frozenset({"order", "original-order", "filler-order", "instance-order"})
TAKEN: Final = ("active", "completed", "revoked", "entered-in-error")
# What an appointment says of its step too.
_OF_VISIT: Final = {"station_titles": "station_title", "description": "description", "modality": "modality"}


def create(who: Principal, resource: Element) -> ScheduledStep:
    """Plan a step. Raises Unprocessable, Refused, Conflict for identifiers that a step of the practice has."""
    _check(resource)
    if resource.text("status") != "active":
        resource.at("status").wrong(say("A new order is active."))
    person = person_of(who, resource.at("subject"), resource)
    identifiers = identifying.read(resource)
    identifying.make_sure_new(OWNER, person.practice_id, identifiers, f"{KIND}/")
    external = identifying.external_id(identifiers, LONG_LENGTH)
    _make_sure_free(person.practice_id, external)
    made: Json = {
        "external_id": external,
        "accession_number": identifying.own(identifiers, terms.ACCESSION, terms.TYPE_ACCESSION),
        "step_id": identifying.own(identifiers, terms.STEP_ID),
        "study_instance_uid": uid_of(identifying.own(identifiers, terms.DICOM_UID)),
    }
    planned = Planned(**facts_of(resource), **_person(person), **made)
    step = scheduling.schedule(person.practice_id, planned, who, source=SOURCE)
    identifying.keep(OWNER, step, identifiers)
    return step


def change(who: Principal, step: ScheduledStep, resource: Element) -> ScheduledStep:
    """Bring a step to what the resource says: put back first, called off last. Raises as `create`."""
    _check(resource)
    scheduling.decide(who, step.practice_id)
    person = person_of(who, resource.at("subject"), resource)
    if person.practice_id != step.practice_id:
        resource.at("subject").wrong(say("An order stays in its practice."))
    status = resource.text("status")
    if status == "active" and step.state in (StepState.CANCELLED, StepState.EXPIRED):
        step = worklist.reopen(step, who, source=SOURCE)
    step = _planned(who, step, person, resource)
    identifying.keep(OWNER, step, identifying.read(resource))
    return _moved(who, step, status, resource)


def _planned(who: Principal, step: ScheduledStep, person: Person, resource: Element) -> ScheduledStep:
    before = Planned.of(step)
    facts = facts_of(resource, step) | _person(person)
    wanted = replace(before, **facts)
    if wanted == before:
        return step
    appointment = Appointment.objects.filter(step=step).first()
    if appointment is not None:
        _rebook(who, appointment, person, facts, resource)
        step = ScheduledStep.objects.get(pk=step.pk)
        wanted = replace(Planned.of(step), **facts)
    return scheduling.change(step, wanted, who, source=SOURCE) if wanted != Planned.of(step) else step


def _rebook(who: Principal, appointment: Appointment, person: Person, facts: Json, resource: Element) -> None:
    """The step's appointment says the same when, where, what and of whom."""
    said = {name: facts[known] for known, name in _OF_VISIT.items()}
    if facts["start_time"] is None:
        resource.at("occurrenceDateTime").wrong(say("This order has an appointment. Say at what time it is."))
    start = datetime.combine(facts["start_date"], facts["start_time"], zone())
    lead = {"lead": person} if isinstance(person, Lead) else {}
    titles = said["station_title"].split("\\")
    if appointment.station_title in titles:
        titles = [appointment.station_title]
    visit = {**said, **lead, "station_title": titles[0], "start_at": start, "minutes": facts["minutes"]}
    booking.change(appointment, visit, who, source=SOURCE)


def _moved(who: Principal, step: ScheduledStep, status: str, resource: Element) -> ScheduledStep:
    if status == "active":
        return step
    if status == "completed":
        return _complete(who, step)
    if step.state in (StepState.CANCELLED, StepState.DISCONTINUED, StepState.EXPIRED):
        return step
    reason = resource.first("note").text("text")
    return worklist.cancel(step, who, reason, source=SOURCE)


def _complete(who: Principal, step: ScheduledStep) -> ScheduledStep:
    if step.state == StepState.COMPLETED:
        return step
    appointment = Appointment.objects.filter(step=step).first()
    if appointment is not None and moving.may_become(appointment, AppointmentState.FULFILLED):
        moving.fulfil(appointment, who, source=SOURCE)
        return ScheduledStep.objects.get(pk=step.pk)
    return scheduling.complete(step, who, source=SOURCE)


def _check(resource: Element) -> None:
    """Raises Unprocessable for what is no order."""
    if resource.text("intent") not in ORDERS:
        resource.at("intent").wrong(say("Only orders are taken: write {values}.", values=", ".join(sorted(ORDERS))))
    if resource.truth("doNotPerform"):
        resource.at("doNotPerform").wrong(say("What is not to be done is no order."))
    if resource.text("status") not in TAKEN:
        resource.at("status").wrong(say("Write one of: {values}.", values=", ".join(TAKEN)))


def _person(person: Person) -> Json:
    if isinstance(person, Lead):
        return steps.patient_of(person)
    return {
        "patient_id": person.patient_id,
        "issuer": person.issuer,
        "patient_name": person.name,
        "patient_birth_date": person.birth_date,
        "patient_sex": person.sex,
    }


def _make_sure_free(practice_id: int, external_id: str) -> None:
    """Raises Conflict, which names the resource, for what the practice's software calls another one."""
    found = ScheduledStep.objects.filter(practice=practice_id, external_id=external_id).first() if external_id else None
    if found is not None:
        raise identifying.is_known(external_id, f"{KIND}/{found.pk}")
