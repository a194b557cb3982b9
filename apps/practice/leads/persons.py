"""A lead as matching compares it: all its names, numbers and addresses."""

from collections.abc import Iterator

from apps.practice.matching.person import Facts, Person, WrittenAddress, WrittenName, person
from apps.practice.models import Lead


def person_of(lead: Lead) -> Person:
    """The person that the lead is, in the spelling that is compared."""
    return person(
        Facts(
            names=tuple(_names(lead)),
            birth_date=lead.birth_date,
            sex=lead.sex,
            identifiers=tuple(_identifiers(lead)),
            phones=tuple(lead.phones),
            emails=tuple(lead.emails),
            addresses=tuple(
                WrittenAddress(
                    each.get("line", ""), each.get("city", ""), each.get("postcode", ""), each.get("region", "")
                )
                for each in lead.addresses
            ),
        )
    )


def _names(lead: Lead) -> Iterator[WrittenName]:
    yield WrittenName(lead.family_name, " ".join(filter(None, (lead.given_name, lead.middle_name))))
    for each in lead.other_names:
        # A maiden name or alias is often said without the given name, which stays the same.
        yield WrittenName(each.get("family") or lead.family_name, each.get("given") or lead.given_name)


def _identifiers(lead: Lead) -> Iterator[tuple[str, str]]:
    """The health-insurance number, the Patient ID of the practice's devices, what others call this person."""
    if lead.health_number:
        yield lead.health_number, lead.health_number_system
    yield lead.dicom_patient_id, ""
    if lead.external_id and lead.external_id != lead.dicom_patient_id:
        yield lead.external_id, ""
    for each in lead.identifiers:
        yield each.get("value", ""), each.get("issuer", "")
