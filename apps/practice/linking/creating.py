"""A lead made of what a study's images say of their patient."""

from typing import Any

from apps.accounts.principal import Principal
from apps.archive import attributes as index
from apps.archive.models import Study
from apps.core.errors import Invalid
from apps.practice.leads import people
from apps.practice.models import Lead, NameUse
from apps.saying import say
from apps.worklist.models import Sex
from apps.worklist.wording import day_of

NO_NAME = say(
    "The images have no name of their patient to make a lead of. Add the lead by hand, then link the study to it."
)
_USES = {"Ideographic": NameUse.IDEOGRAPHIC, "Phonetic": NameUse.PHONETIC}


def lead_of(principal: Principal, study: Study, *, source: str) -> Lead:
    """Add the lead. Raises Refused, Invalid for images without a name, Conflict."""
    known = index.unpack(bytes(study.found))
    facts = {**_names(known), **_identifier(study)}
    if not (facts.get("family_name") or facts.get("given_name")):
        raise Invalid(NO_NAME)
    facts["birth_date"] = day_of(study.patient_birth_date)
    facts["sex"] = study.patient_sex if study.patient_sex in Sex.values else ""
    return people.create(principal, study.practice_id, facts, source=source)


def _names(known: dict[str, Any]) -> dict[str, Any]:
    value = index.first(known, "00100010")
    groups: dict[str, str] = value if isinstance(value, dict) else {}
    parts = _parts(groups.get("Alphabetic") or "")
    others = [
        {"family": family, "given": given, "use": use.value}
        for group, use in _USES.items()
        for family, given, *_ in [_parts(groups.get(group) or "")]
        if family or given
    ]
    if not any(parts) and others:
        parts = [others[0]["family"], others[0]["given"], "", "", ""]
    fields = ("family_name", "given_name", "middle_name", "prefix", "suffix")
    return {**dict(zip(fields, parts, strict=True)), "other_names": others}


def _parts(group: str) -> list[str]:
    """The five components of a name (PS3.5 6.2.1.1)."""
    return [part.strip() for part in [*group.split("^"), "", "", "", "", ""][:5]]


def _identifier(study: Study) -> dict[str, Any]:
    """The Patient ID: the one of the practice's devices, unless it is another's or somebody else's to give."""
    if not study.patient_identifier:
        return {}
    taken = Lead.objects.filter(practice=study.practice_id, patient_id=study.patient_identifier).exists()
    if study.patient_id_issuer or taken:
        return {"identifiers": [{"value": study.patient_identifier, "issuer": study.patient_id_issuer}]}
    return {"patient_id": study.patient_identifier}
