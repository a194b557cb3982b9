"""Observation (FHIR R4) of a measurement, by the example of HL7's guide for DICOM SR (hl7.fhir.uv.dicom-sr)."""

from collections.abc import Iterator
from typing import Final

from apps.dicom.spoken import spoken_name, unturned
from apps.dicom.sr_tree import Code
from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, concept, filled, identifier, instant, named, reference, versioned
from apps.fhir.orders.mapping import SCHEMES
from apps.fhir.studies import mapping as studies
from apps.measurements.content import concepts
from apps.measurements.models import Measurement

KIND: Final = "Observation"
CATEGORY: Final = "imaging"
UCUM: Final = "UCUM"


def of_measurement(row: Measurement, subject: Json) -> Json:
    """`subject` is a Reference. What nobody has verified is preliminary."""
    study, report = row.study, row.report
    observer = spoken_name(report.observer)
    resource = {
        "identifier": [identifier(f"{terms.OID}{row.tracking_uid}", terms.DICOM_UID)] if row.tracking_uid else [],
        "status": status_of(is_verified=report.is_verified),
        "category": [concept("", coding(terms.OBSERVATION_CATEGORIES, CATEGORY, "Imaging"))],
        "code": _coded(row.concept),
        "subject": subject,
        "effectiveDateTime": studies.moment(study.study_date, study.study_time),
        "issued": instant(row.measured_at),
        "performer": [] if report.is_machine_made or not observer else [named(observer, "Practitioner")],
        "device": named(unturned(report.observer), "Device") if report.is_machine_made else {},
        "valueQuantity": _quantity(row),
        "bodySite": _coded(row.site),
        "note": [{"text": unturned(row.label)}] if row.label else [],
        "derivedFrom": [reference(studies.KIND, study.pk)],
        "component": [*_components(row)],
    }
    return versioned(resource, KIND, row.pk, report.instance.received_at)


def status_of(*, is_verified: bool) -> str:
    """A code of http://hl7.org/fhir/observation-status."""
    return "final" if is_verified else "preliminary"


def _quantity(row: Measurement) -> Json:
    """In UCUM where the report's unit is; another unit is a text."""
    is_ucum = row.unit_scheme == UCUM and bool(row.unit_value)
    system = {"system": terms.UCUM, "code": row.unit_value} if is_ucum else {}
    return {"value": row.value, **filled({"unit": unturned(row.unit.said)}), **system}


def _components(row: Measurement) -> Iterator[Json]:
    """What the report says of the measurement beside the number."""
    if row.derivation:
        yield {"code": _coded(concepts.DERIVATION), "valueCodeableConcept": _coded(row.derivation)}
    if row.finding:
        yield {"code": _coded(concepts.FINDING), "valueCodeableConcept": _coded(row.finding)}
    for each in row.evaluations:
        if each["concept"] and each["text"]:
            yield {"code": concept(unturned(each["concept"])), "valueString": unturned(each["text"])}


def _coded(code: Code) -> Json:
    """A CodeableConcept: its code in the system that FHIR has for its scheme (PS3.16 8), else its meaning alone."""
    system = SCHEMES.get(code.scheme, "")
    return concept(unturned(code.said), coding(system, code.value, unturned(code.meaning)) if system else {})
