"""Patients that other systems send: read as the facts of a lead, added or changed."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from apps.accounts.principal import Principal
from apps.core.errors import Conflict
from apps.fhir import identifying, terms
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element
from apps.fhir.identifying import Given
from apps.fhir.practices import practice_of
from apps.practice.leads import people
from apps.practice.leads.facts import FIELDS
from apps.practice.models import Lead, LeadStatus, NameUse
from apps.practice.models.leads import ID_LENGTH, KEEPING
from apps.saying import say

__all__ = ["KEEPING", "change", "create", "known_or_new"]

SOURCE: Final = "FHIR"
OWNER: Final = "lead"
UTC: Final = ZoneInfo("UTC")
_SEXES: Final[Mapping[str, str]] = {"female": "F", "male": "M", "other": "O", "unknown": "", "": ""}
_USES: Final = {"maiden": NameUse.MAIDEN, "old": NameUse.MAIDEN}
_GROUPS: Final = {"IDE": NameUse.IDEOGRAPHIC, "SYL": NameUse.PHONETIC}
# What a Patient says nothing of.
_NOT_SAID: Final = frozenset(
    {"status", "consents", "patient_id", "external_id", "health_number", "health_number_system", "identifiers"}
)


def create(who: Principal, resource: Element) -> Lead:
    """Add a lead. Raises Unprocessable, Refused, and Conflict for identifiers that a lead of the practice has."""
    practice_id, identifiers = practice_of(who), identifying.read(resource)
    identifying.make_sure_new(OWNER, practice_id, identifiers, "Patient/lead-")
    lead = people.create(who, practice_id, _facts(resource, identifiers), source=SOURCE)
    identifying.keep(OWNER, lead, identifiers)
    return lead


def change(who: Principal, lead: Any, resource: Element) -> Lead:
    """Say all of a lead: what a Patient can say and this one doesn't becomes empty. Raises as `create`."""
    if not isinstance(lead, Lead):
        raise Conflict(say("This patient is what images say, and is corrected with them. Change the lead instead."))
    identifiers = identifying.read(resource)
    empty = {name: None for name in FIELDS if name not in _NOT_SAID}
    facts = {**empty, **_facts(resource, identifiers)}
    if facts.get("patient_id") == lead.dicom_patient_id:
        # It was told so, and has perhaps no other Patient ID than what follows from its number.
        del facts["patient_id"]
    changed = people.change(who, lead, facts, source=SOURCE)
    identifying.keep(OWNER, changed, identifiers)
    return changed


def known_or_new(who: Principal, resource: Element) -> Lead:
    """The lead that has an identifier of this Patient as it is, else a new one. Raises as `create`."""
    practice_id = practice_of(who)
    for each in identifying.foreign(identifying.read(resource)):
        known = Lead.objects.visible_to(who, KEEPING).alive().filter(practice=practice_id)
        lead = known.filter(fhir_identifiers__system=each.system, fhir_identifiers__value=each.value).first()
        if lead is not None:
            return lead
    return create(who, resource)


def _facts(resource: Element, identifiers: list[Given]) -> Json:
    """What the Patient says, by the names of leads. What is wrong with it, `people` says."""
    gender = resource.text("gender")
    if gender not in _SEXES:
        resource.at("gender").wrong(say("Write one of: {values}.", values="male, female, other, unknown"))
    return {
        **_names(resource),
        "sex": _SEXES[gender],
        "birth_date": _birth_date(resource),
        "phones": list(_telecom(resource, "phone")),
        "emails": list(_telecom(resource, "email")),
        "addresses": [_address(each) for each in resource.each("address")],
        "preferred_language": resource.first("communication").at("language").first("coding").text("code"),
        **_numbers(identifiers),
        **({"status": LeadStatus.INACTIVE} if resource.truth("active") is False else {}),
    }


def _numbers(identifiers: list[Given]) -> Json:
    said = {
        "external_id": identifying.external_id(identifiers, ID_LENGTH),
        "patient_id": identifying.own(identifiers, terms.PATIENT_ID),
    }
    for each in identifiers:
        if each.system.startswith(terms.HEALTH_NUMBER):
            said |= {"health_number": each.value, "health_number_system": each.system.rpartition(":")[2]}
    if said.get("health_number_system") == terms.HEALTH_NUMBER.rpartition(":")[2]:
        said["health_number_system"] = ""
    return {name: value for name, value in said.items() if value}


def _birth_date(resource: Element) -> str | None:
    """A birth date that is known to the day; one that is not is none, since a lead has no other."""
    found = resource.span("birthDate", UTC)
    is_day = found is not None and len(resource.text("birthDate")) == len("1980-01-31")
    return resource.text("birthDate") if is_day else None


def _names(resource: Element) -> Json:
    """The official name, else the first; the others beside it."""
    names = resource.each("name")
    plain = [each for each in names if not _group(each) and each.text("use") not in _USES]
    main = next((each for each in plain if each.text("use") == "official"), next(iter(plain), Element(None, "name")))
    given = [each.text() for each in main.each("given")]
    return {
        "family_name": main.text("family"),
        "given_name": " ".join(given[:1]),
        "middle_name": " ".join(given[1:]),
        "prefix": " ".join(each.text() for each in main.each("prefix")),
        "suffix": " ".join(each.text() for each in main.each("suffix")),
        "other_names": [_other(each) for each in names if each is not main],
    }


def _other(name: Element) -> Json:
    use = _GROUPS.get(_group(name)) or _USES.get(name.text("use")) or NameUse.ALIAS
    given = " ".join(each.text() for each in name.each("given"))
    return {"family": name.text("family"), "given": given, "use": use.value}


def _group(name: Element) -> str:
    """Which component group of a DICOM name it is (iso21090-EN-representation)."""
    marks = (each for each in name.each("extension") if each.text("url") == terms.REPRESENTATION)
    return next((each.text("valueCode") for each in marks), "")


def _telecom(resource: Element, system: str) -> Iterator[str]:
    for each in resource.each("telecom"):
        if each.text("system") == system and each.text("value") and each.text("use") != "old":
            yield each.text("value")


def _address(address: Element) -> Json:
    return {
        "line": ", ".join(each.text() for each in address.each("line")),
        "city": address.text("city"),
        "postcode": address.text("postalCode"),
        "region": address.text("state"),
        "country": address.text("country"),
    }
