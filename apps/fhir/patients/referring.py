"""Whom a resource that came is about: the lead or the images' patient that it refers to, literally or by identifier."""

from collections.abc import Callable
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.archive.models import Patient
from apps.fhir.elements import Element
from apps.fhir.patients import finding, ids, taking
from apps.practice.models import Lead
from apps.practice.models.leads import KEEPING
from apps.saying import say
from apps.worklist.models.scheduled import PLANNING

Person = Lead | Patient

BASE: Final = "/api/fhir/"
NO_SUCH: Final = say("There is no such patient among yours.")
_LENGTH: Final = 500


def person_of(who: Principal, node: Element, resource: Element) -> Person:
    """Who is referred to by this Reference of the resource. Raises Unprocessable for nobody, or several."""
    named = node.text("reference", _LENGTH)
    if named.startswith("#"):
        return _contained(who, named, node, resource)
    if named:
        return _literal(who, named, node)
    value = node.at("identifier").text("value")
    if not value:
        node.wrong(say("Say whose it is: a reference to a Patient, or an identifier."))
    system = node.at("identifier").text("system")
    return _identified(who, f"{system}|{_escaped(value)}" if system else _escaped(value), node)


def _literal(who: Principal, named: str, node: Element) -> Person:
    if "://" in named and BASE not in named:
        node.wrong(say("This resource is on another server. Name a Patient of this one."))
    *_, kind, key = ["", *named.rpartition(BASE)[2].strip("/").split("/")]
    person = ids.read(key) if kind == ids.KIND else None
    row: Person | None = None
    if person and person.prefix == ids.LEAD:
        row = Lead.objects.visible_to(who, KEEPING).alive().filter(pk=person.key).first()
    elif person:
        row = Patient.objects.visible_to(who, PLANNING).filter(pk=person.key, merged_into=None).first()
    return row or node.wrong(NO_SUCH)


def _identified(who: Principal, text: str, node: Element) -> Person:
    """A lead before an images' patient: who is known to the practice is known better."""
    leads = Lead.objects.visible_to(who, KEEPING).alive().filter(finding.OF_LEADS["identifier"].find(text))
    images = Patient.objects.visible_to(who, PLANNING).filter(
        finding.OF_IMAGES["identifier"].find(text), merged_into=None
    )
    sources: tuple[Callable[[], Any], ...] = (lambda: leads[:2], lambda: images[:2])
    for rows in sources:
        found = list(rows())
        if len(found) > 1:
            node.wrong(say("Several patients have this identifier. Name one by a reference."))
        if found:
            return found[0]
    return node.wrong(NO_SUCH)


def _contained(who: Principal, named: str, node: Element, resource: Element) -> Person:
    """A Patient within the resource is the lead of its identifiers, or a new one."""
    for each in resource.each("contained"):
        if each.text("id") == named[1:] and each.text("resourceType") == ids.KIND:
            return taking.known_or_new(who, each)
    return node.wrong(say("The resource contains no Patient of this id."))


def _escaped(value: str) -> str:
    return value.replace("|", "\\|")
