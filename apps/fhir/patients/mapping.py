"""Patient (FHIR R4) of a lead, and of the patient whom images show."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote

from apps.archive.models import Patient
from apps.fhir import terms
from apps.fhir.datatypes import (
    Json,
    coding,
    concept,
    filled,
    identifier,
    name_of,
    named,
    names_of,
    reference,
    versioned,
)
from apps.fhir.models import Identifier
from apps.fhir.patients.ids import IMAGES, KIND, LEAD
from apps.practice.models import Lead, LeadStatus, NameUse
from apps.worklist.wording import day_of

GENDERS: Final[Mapping[str, str]] = {"F": "female", "M": "male", "O": "other"}
_REPRESENTED: Final = {NameUse.IDEOGRAPHIC: "IDE", NameUse.PHONETIC: "SYL"}
_USES: Final = {NameUse.MAIDEN: "maiden", NameUse.ALIAS: "usual"}


def of_lead(lead: Lead, given: Collection[Identifier], images: Iterable[int]) -> Json:
    """`given` are identifiers of other systems, `images` the keys of images' patients that are this person."""
    resource = {
        "identifier": [each for each in _identifiers(lead, given) if each],
        "active": lead.status != LeadStatus.INACTIVE and lead.deleted_at is None,
        "name": list(_names(lead)),
        "telecom": [
            *({"system": "phone", "value": number} for number in lead.phones),
            *({"system": "email", "value": address} for address in lead.emails),
        ],
        "gender": GENDERS.get(lead.sex),
        "birthDate": lead.birth_date.isoformat() if lead.birth_date else None,
        "address": [each for each in map(_address, lead.addresses) if each],
        "communication": _spoken(lead.preferred_language),
        "managingOrganization": named(lead.practice.name, "Organization"),
        "link": [{"other": reference(KIND, f"{IMAGES}{pk}"), "type": "seealso"} for pk in sorted(images)],
    }
    return versioned(resource, KIND, f"{LEAD}{lead.pk}", lead.changed_at)


def of_images(patient: Patient, leads: Iterable[int]) -> Json:
    """`leads` are the keys of the leads whom images of this patient belong to."""
    born = day_of(patient.birth_date)
    merged = [{"other": reference(KIND, f"{IMAGES}{patient.merged_into_id}"), "type": "replaced-by"}]
    resource = {
        "identifier": [each for each in (id_of_images(patient.patient_id, patient.issuer),) if each],
        "active": patient.merged_into_id is None,
        "name": names_of(patient.name),
        "gender": GENDERS.get(patient.sex),
        "birthDate": born.isoformat() if born else None,
        "managingOrganization": named(patient.practice.name, "Organization"),
        "link": [
            *(merged if patient.merged_into_id else []),
            *({"other": reference(KIND, f"{LEAD}{pk}"), "type": "refer"} for pk in sorted(leads)),
        ],
    }
    return versioned(resource, KIND, f"{IMAGES}{patient.pk}")


def id_of_images(patient_id: str, issuer: str = "") -> Json:
    """A Patient ID (0010,0020) and its issuer (0010,0021)."""
    return identifier(patient_id, system_of(issuer), terms.TYPE_MEDICAL_RECORD, issuer)


def system_of(issuer: str) -> str:
    """The system of an issuer's Patient IDs: the issuer itself where it is a URI, the practice's own for none."""
    if not issuer:
        return terms.PATIENT_ID
    return issuer if ":" in issuer else f"{terms.ISSUER}{quote(issuer)}"


def external(external_id: str, given: Iterable[Identifier]) -> Iterator[Json]:
    """What other systems call a record: with their systems, where these are known."""
    known = list(given)
    yield from (filled({"system": each.system, "value": each.value}) for each in known)
    if external_id not in {each.value for each in known}:
        yield identifier(external_id, terms.EXTERNAL_ID)


def _identifiers(lead: Lead, given: Collection[Identifier]) -> Iterator[Json]:
    yield from external(lead.external_id, given)
    yield id_of_images(lead.dicom_patient_id)
    whose = f"{terms.HEALTH_NUMBER}:{lead.health_number_system}".removesuffix(":")
    yield identifier(lead.health_number, whose, terms.TYPE_HEALTH_CARD, lead.health_number_system)
    known = {(each.system, each.value) for each in given}
    for each in lead.identifiers:
        value, issuer = each.get("value", ""), each.get("issuer", "")
        if (system_of(issuer), value) not in known:
            yield id_of_images(value, issuer)


def _names(lead: Lead) -> Iterator[Json]:
    own = (lead.family_name, lead.given_name, lead.middle_name, lead.prefix, lead.suffix)
    yield name_of("^".join(own))
    for each in lead.other_names:
        use = each.get("use", "")
        name = name_of(f"{each.get('family', '')}^{each.get('given', '')}", _REPRESENTED.get(use, ""))
        if name:
            yield name | {"use": _USES.get(use, "official")}


def _address(address: Mapping[str, str]) -> Json:
    line = address.get("line", "")
    return filled(
        {
            "line": [line] if line else [], "city": address.get("city"), "state": address.get("region"),
            "postalCode": address.get("postcode"), "country": address.get("country"),
        }
    )  # fmt: skip


def _spoken(language: str) -> list[Json]:
    code = coding(terms.LANGUAGES, language)
    return [{"language": concept("", code), "preferred": True}] if code else []
