"""ServiceRequests that other systems send: planned as steps, changed, called off and put back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.timezone import localtime

from apps.accounts.principal import Principal
from apps.fhir import identifying, terms
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element
from apps.fhir.finding import uid_of, zone
from apps.fhir.orders.mapping import CODE_MEANING, CODE_SCHEME, CODE_VALUE, KIND, PRIORITIES, PROCEDURE_CODE, SCHEMES
from apps.fhir.patients.referring import Person, person_of
from apps.practice.appointments import booking, moving, steps, worklist
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.practice.models.appointments import DEFAULT_MINUTES
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import Priority, ScheduledStep, StepState
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, PLANNING, SHORT_LENGTH
from apps.worklist.scheduling import Planned
from apps.worklist.wording import pn_of

__all__ = ["PLANNING", "change", "create"]

SOURCE: Final = "FHIR"
OWNER: Final = "step"
ORDERS: Final = frozenset({"order", "original-order", "filler-order", "instance-order"})
TAKEN: Final = ("active", "completed", "revoked", "entered-in-error")
_PRIORITIES: Final = {
    "asap": Priority.HIGH,
    "urgent": Priority.HIGH,
    "stat": Priority.STAT,
    "routine": Priority.ROUTINE,
}
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
    planned = Planned(**_facts(resource), **_person(person), **made)
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
    facts = _facts(resource, step) | _person(person)
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


def _facts(resource: Element, step: ScheduledStep | None = None) -> Json:
    """What the resource says of a step, by the names of Planned; `step` is what there is already."""
    text = _description(resource)
    kept = step.attributes if step else {}
    others = {tag: value for tag, value in kept.items() if tag != PROCEDURE_CODE}
    return {
        "modality": modality_of(resource, ("orderDetail", "category")),
        **_occurrence(resource, step),
        "requested_description": text,
        "description": step.description if step and text == step.requested_description else text,
        "priority": _priority(resource, step),
        "referring_physician": pn_of(
            resource.at("requester").text("display"), step.referring_physician if step else ""
        ),
        "location": resource.first("locationReference").text("display", SHORT_LENGTH),
        **_performers(resource, step),
        "attributes": {**others, **_codes(resource)},
    }


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


def modality_of(resource: Element, names: tuple[str, ...]) -> str:
    """The code of DICOM's system in one of these lists of concepts. Raises Unprocessable for none."""
    for name in names:
        for each in resource.each(name):
            for coding in each.each("coding"):
                if coding.text("system") == terms.DCM and coding.text("code"):
                    return coding.text("code", SHORT_LENGTH).upper()
    return resource.at(names[0]).wrong(
        say("Say the modality: a coding of the system {system}, such as PX.", system=terms.DCM)
    )


def _occurrence(resource: Element, step: ScheduledStep | None) -> Json:
    """When: a day, or a moment and for how long."""
    if resource.at("occurrenceTiming").value is not None:
        resource.at("occurrenceTiming").wrong(say("An order that is to be done again and again is not taken."))
    period = resource.at("occurrencePeriod")
    node, name = (period, "start") if period.value is not None else (resource, "occurrenceDateTime")
    found = node.span(name, zone())
    if found is None:
        return node.at(name).wrong(say("Say on which day it is to be, or when."))
    minutes = step.minutes if step else DEFAULT_MINUTES
    if not found.is_timed:
        if found.high - found.low > timedelta(hours=25):
            node.at(name).wrong(say("Say the day, and not the month or the year alone."))
        return {"start_date": found.low.date(), "start_time": None, "minutes": minutes}
    day, at = _local(found.low)
    until = period.span("end", zone())
    if until is not None:
        minutes = minutes_between(found.low, until.low, period.at("end"))
    return {"start_date": day, "start_time": at, "minutes": minutes}


def minutes_between(start: datetime, end: datetime, node: Element) -> int:
    """How long it takes. Raises Unprocessable for no time at all, or more than a day."""
    minutes = round((end - start).total_seconds() / 60)
    if not 1 <= minutes <= DAY:
        node.wrong(say("The end is at least a minute after the start, and at most a day."))
    return minutes


def _local(moment: datetime) -> tuple[date, time]:
    local = localtime(moment)
    return local.date(), local.time().replace(microsecond=0)


def _priority(resource: Element, step: ScheduledStep | None) -> str:
    said = resource.text("priority") or "routine"
    if said not in _PRIORITIES:
        resource.at("priority").wrong(say("Write one of: {values}.", values=", ".join(_PRIORITIES)))
    is_same = step is not None and PRIORITIES.get(step.priority) == said
    return step.priority if step and is_same else _PRIORITIES[said].value


def _description(resource: Element) -> str:
    code = resource.at("code")
    shown = (each.text("display", LONG_LENGTH) for each in code.each("coding"))
    return code.text("text", LONG_LENGTH) or next((text for text in shown if text), "")


def _performers(resource: Element, step: ScheduledStep | None) -> Json:
    """Who does it, and at which devices: those by their AE titles."""
    performers = resource.each("performer")
    devices = [title_of(each) for each in performers if each.text("type") == "Device"]
    people = [each.text("display") for each in performers if each.text("type") != "Device"]
    known = step.performing_physician if step else ""
    named = next((name for name in people if name), "")
    return {"station_titles": "\\".join(devices), "performing_physician": pn_of(named, known)}


def title_of(node: Element) -> str:
    """The AE title of a Reference to a device. Raises Unprocessable for a device without one."""
    value = node.at("identifier").text("value", SHORT_LENGTH)
    return value or node.at("identifier").wrong(say("Name the device by its AE title."))


def _codes(resource: Element) -> Json:
    items = list(_items(resource.at("code").each("coding")))
    return {PROCEDURE_CODE: {"vr": "SQ", "Value": items}} if items else {}


def _items(codings: list[Element]) -> Iterator[Json]:
    """Code sequence items (PS3.3 8.8) of the codes in systems that DICOM has a scheme for."""
    schemes = {system: scheme for scheme, system in SCHEMES.items()}
    for each in codings:
        scheme, value = schemes.get(each.text("system")), each.text("code")
        if scheme and 0 < len(value) <= SHORT_LENGTH:
            meaning = each.text("display", LONG_LENGTH) or value
            yield {
                CODE_VALUE: {"vr": "SH", "Value": [value]},
                CODE_SCHEME: {"vr": "SH", "Value": [scheme]},
                CODE_MEANING: {"vr": "LO", "Value": [meaning]},
            }


def _make_sure_free(practice_id: int, external_id: str) -> None:
    """Raises Conflict, which names the resource, for what the practice's software calls another one."""
    found = ScheduledStep.objects.filter(practice=practice_id, external_id=external_id).first() if external_id else None
    if found is not None:
        raise identifying.is_known(external_id, f"{KIND}/{found.pk}")
