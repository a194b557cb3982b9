"""By what Patients are found: the same parameters for leads and for the images' patients."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from django.db.models import Exists, OuterRef, Q

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.dicom.names import fold
from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of
from apps.fhir.kinds import Parameter
from apps.fhir.parameters import unescaped
from apps.fhir.patients.ids import IMAGES, LEAD
from apps.practice.leads import finding as leads
from apps.practice.leads.writing import name_key
from apps.practice.models import LeadStatus, Match, MatchState

_SEXES: Final = {"female": "F", "male": "M", "other": "O", "unknown": ""}


def patient_id_is(value: str) -> Q:
    """The lead whose pictures and worklist items carry this Patient ID (`Lead.dicom_patient_id`)."""
    found = Q(patient_id=value) | Q(patient_id="", external_id=value)
    key = finding.number_of(value.removeprefix("L")) if value.startswith("L") else None
    return found if key is None else found | Q(patient_id="", external_id="", pk=key)


def _of_lead(system: str | None, value: str) -> Iterator[Q]:
    if is_of(system, terms.EXTERNAL_ID):
        yield Q(external_id=value)
    if is_of(system, terms.PATIENT_ID):
        yield patient_id_is(value)
    if system is None or system.startswith(terms.HEALTH_NUMBER):
        whose = (system or "").removeprefix(terms.HEALTH_NUMBER).lstrip(":")
        yield leads.by_health_number(value) & (Q(health_number_system=whose) if system else Q())


def _of_images(system: str | None, value: str) -> Iterator[Q]:
    if is_of(system, terms.PATIENT_ID):
        yield Q(patient_id=value, **({"issuer": ""} if system else {}))
    elif system:
        yield Q(patient_id=value, issuer=unquote(system.removeprefix(terms.ISSUER)))


def _words(text: str) -> Q:
    found = Q()
    for word in fold(unescaped(text)).replace("^", " ").split()[: leads.MOST_WORDS]:
        found &= Q(name_key__startswith=word) | Q(name_key__contains=f"^{word}") | Q(name_key__contains=f" {word}")
    return found


def _given(text: str) -> Q:
    found = Q()
    for word in name_key([unescaped(text)]).split()[: leads.MOST_WORDS]:
        found &= Q(name_key__contains=f" {word}") | Q(family_name="", name_key__startswith=word)
    return found


def _contact(text: str) -> Q:
    value = unescaped(finding.token(text)[1])
    return leads.by_email(value) if "@" in value else leads.by_phone(value)


def _nothing(_: str) -> Q:
    return NOTHING


def _updated(text: str) -> Q:
    """By when something last came of their studies."""
    changed = Study.objects.filter(finding.moments("updated_at")(text), patient=OuterRef("pk"))
    return Q(Exists(changed))


ACTIVE: Final = {"true": ~Q(status=LeadStatus.INACTIVE), "false": Q(status=LeadStatus.INACTIVE)}
OF_LEADS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id(LEAD)),
    "_lastUpdated": Parameter("date", finding.moments("changed_at")),
    "identifier": Parameter("token", finding.identified("lead", _of_lead)),
    "name": Parameter("string", lambda text: leads.by_name(unescaped(text))),
    "family": Parameter("string", lambda text: Q(name_key__startswith=name_key([unescaped(text)]))),
    "given": Parameter("string", _given),
    "birthdate": Parameter("date", finding.days("birth_date")),
    "gender": Parameter("token", finding.coded({name: Q(sex=sex) for name, sex in _SEXES.items()})),
    "phone": Parameter("token", lambda text: leads.by_phone(finding.token(text)[1])),
    "email": Parameter("token", lambda text: leads.by_email(finding.token(text)[1])),
    "telecom": Parameter("token", _contact),
    "active": Parameter("token", finding.coded(ACTIVE)),
}
OF_IMAGES: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id(IMAGES)),
    "_lastUpdated": Parameter("date", _updated),
    "identifier": Parameter("token", finding.identified("", _of_images)),
    "name": Parameter("string", _words),
    "family": Parameter("string", lambda text: Q(name_key__startswith=fold(unescaped(text)))),
    "given": Parameter("string", lambda text: Q(name_key__contains=f"^{fold(unescaped(text))}")),
    "birthdate": Parameter("date", finding.days("birth_date", "%Y%m%d")),
    "gender": Parameter("token", finding.coded({name: Q(sex=sex) for name, sex in _SEXES.items()})),
    "phone": Parameter("token", _nothing),
    "email": Parameter("token", _nothing),
    "telecom": Parameter("token", _nothing),
    "active": Parameter("token", finding.coded({"true": Q(merged_into=None), "false": ~Q(merged_into=None)})),
}


def listed_leads(_: Principal) -> Q:
    """Those that nobody has taken away."""
    return Q(deleted_at=None)


def listed_images(who: Principal) -> Q:
    """Those that are not merged into others, nor known as a lead (to whoever asks) in all their studies."""
    linked = Match.objects.visible_to(who).filter(state=MatchState.LINKED, lead__deleted_at=None)
    others = Study.objects.filter(~Exists(linked.filter(study=OuterRef("pk"))), patient=OuterRef("pk"))
    return Q(merged_into=None) & Q(Exists(others))
