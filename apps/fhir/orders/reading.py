"""What a ServiceRequest says of a step: what is to be done, when, at which device, and for whom it is asked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.timezone import localtime

from apps.fhir import terms
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element
from apps.fhir.finding import zone
from apps.fhir.orders.mapping import CODE_MEANING, CODE_SCHEME, CODE_VALUE, PRIORITIES, PROCEDURE_CODE, SCHEMES
from apps.practice.models.appointments import DEFAULT_MINUTES
from apps.saying import say
from apps.worklist.models import Priority, ScheduledStep
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, SHORT_LENGTH
from apps.worklist.wording import pn_of

_PRIORITIES: Final = {
    "asap": Priority.HIGH,
    "urgent": Priority.HIGH,
    "stat": Priority.STAT,
    "routine": Priority.ROUTINE,
}


def facts_of(resource: Element, step: ScheduledStep | None = None) -> Json:
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
