"""Observation: what structured reports have measured."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.models import Measurement
from apps.measurements.reports import reading_of
from apps.practice.models import Lead, Match, MatchState
from tests import dicoms
from tests.fhir.speaking import found, get, issues, valid
from tests.measurements.measured import (
    LIVER,
    TRACKING,
    as_dataset,
    coded,
    group,
    instead_of,
    length,
    report,
    store,
    value,
    verified,
)

AREA = dicoms.uid(5, 2)


@pytest.fixture
def study(practice: Practice) -> Study:
    """A length that somebody has verified, and the mean of an area that nobody has."""
    mean = value(-40.5, concepts.ATTENUATION, concepts.HOUNSFIELD)
    mean.ContentSequence = [_said(concepts.DERIVATION, concepts.MEAN, "HAS CONCEPT MOD")]
    of_area = group(mean, _said(concepts.FINDING, concepts.LESION), tool="CircleROI", tracking=AREA)
    line = report(length(label="Tumour", site=LIVER), StudyTime="093000", **verified())
    read(practice, line, report(of_area, number=2))
    return Study.objects.get()


def _said(concept: Code, code: Code, relationship: str = "CONTAINS") -> Any:
    return coded("CODE", concept, relationship, ConceptCodeSequence=[as_dataset(code)])


def read(practice: Practice, *objects: bytes) -> None:
    for series in store(practice, *objects):
        reading_of(series)


def ids(client: Client, query: str = "") -> list[str]:
    return [each["id"] for each in found(client, f"Observation{query}")]


def pk(uid: str) -> str:
    return str(Measurement.objects.get(tracking_uid=uid).pk)


def test_a_measurement_is_shown_with_its_code_its_value_and_where_it_comes_from(client: Client, study: Study) -> None:
    shown = valid(get(client, f"Observation/{pk(TRACKING)}").json())
    assert shown["valueQuantity"] == {"value": 50.0, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}
    assert shown["code"]["coding"] == [{"system": "http://snomed.info/sct", "code": "410668003", "display": "Length"}]
    assert (shown["status"], shown["category"][0]["coding"][0]["code"]) == ("final", "imaging")
    assert shown["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{TRACKING}"}]
    assert (shown["effectiveDateTime"], shown["issued"]) == ("2024-02-29T09:30:00+00:00", "2024-03-01T10:15:30Z")
    assert (shown["bodySite"]["text"], shown["note"]) == ("Liver", [{"text": "Tumour"}])
    assert shown["performer"] == [{"type": "Practitioner", "display": "Ray, Xavier"}]
    assert shown["subject"] == {"reference": f"Patient/images-{study.patient_id}", "display": "Doe, Jane"}
    assert shown["derivedFrom"] == [{"reference": f"ImagingStudy/{study.pk}"}]


def test_what_nobody_has_verified_is_preliminary_and_says_how_it_was_worked_out(client: Client, study: Study) -> None:
    shown = valid(get(client, f"Observation/{pk(AREA)}").json())
    assert (shown["status"], shown["valueQuantity"]["code"]) == ("preliminary", "[hnsf'U]")
    said = {each["code"]["text"]: each["valueCodeableConcept"]["text"] for each in shown["component"]}
    assert said == {"Derivation": "Mean", "Finding": "Lesion"}


def test_a_machine_is_a_device(client: Client, study: Study) -> None:
    row = Measurement.objects.get(tracking_uid=AREA)
    type(row.report).objects.filter(pk=row.report_id).update(is_machine_made=True, observer="Fovea")
    shown = valid(get(client, f"Observation/{row.pk}").json())
    assert shown["device"] == {"type": "Device", "display": "Fovea"}
    assert "performer" not in shown


def test_codes_and_units_of_other_schemes_are_texts(client: Client, practice: Practice) -> None:
    read(practice, report(group(value(3.0, Code("Bonwill", "B1", "99X"), Code("ells", "ell", "99X")))))
    (shown,) = found(client, "Observation")
    assert (shown["code"], shown["valueQuantity"]) == ({"text": "Bonwill"}, {"value": 3.0, "unit": "ells"})


def test_a_measurement_is_found_by(client: Client, study: Study) -> None:
    facts = {"patient": study.patient_id, "pk": study.pk, "tracking": TRACKING, "id": pk(TRACKING)}
    for query in (
        "patient=images-{patient}", "subject=Patient/images-{patient}", "patient.identifier=P1", "date=2024-02-29",
        "date=ge2024-02&date=le2024-03", "code=410668003", "code=http://snomed.info/sct|410668003", "status=final",
        "category=imaging", "derived-from=ImagingStudy/{pk}", "identifier=urn:dicom:uid|urn:oid:{tracking}",
        "identifier={tracking}", "_id={id}", "_lastUpdated=ge2020&code=410668003", "_sort=-date&code=410668003",
    ):  # fmt: skip
        assert pk(TRACKING) in ids(client, f"?{query.format(**facts)}"), query


def test_a_measurement_is_not_found_by(client: Client, study: Study) -> None:
    for query in (
        "patient=images-999999", "patient=lead-1", "patient.identifier=P2", "date=2024-03-01", "code=1",
        "code=http://loinc.org|410668003", "code=http://other|410668003", "status=cancelled", "category=laboratory",
        "derived-from=ImagingStudy/999999", "derived-from=Patient/1", "identifier=urn:oid:1.2", "_id=x",
        "identifier=http://other|1", "_lastUpdated=lt2020",
    ):  # fmt: skip
        assert ids(client, f"?{query}") == [], query


def test_a_matched_study_is_its_leads(client: Client, study: Study, lead: Lead, practice: Practice) -> None:
    Match.objects.create(practice=practice, study=study, lead=lead, state=MatchState.LINKED)
    shown = found(client, f"Observation?patient=lead-{lead.pk}&_sort=date")
    assert [each["subject"]["reference"] for each in shown] == [f"Patient/lead-{lead.pk}"] * 2


def test_what_it_refers_to_comes_with_it(client: Client, study: Study) -> None:
    query = "code=410668003&_include=Observation:patient&_include=Observation:derived-from"
    entries = valid(get(client, f"Observation?{query}").json())["entry"]
    assert [each["resource"]["resourceType"] for each in entries] == ["Observation", "Patient", "ImagingStudy"]


def test_what_no_longer_counts_is_not_there(client: Client, study: Study, practice: Practice) -> None:
    before = pk(TRACKING)
    read(practice, report(length(51.0, tracking=AREA), number=3, **instead_of(f"{dicoms.STUDY_UID}.9.1.1")))
    assert before not in ids(client)
    assert get(client, f"Observation/{before}").status_code == 404


def test_others_see_nothing(study: Study, client: Client, stranger_client: Client, anonymous: Client) -> None:
    assert ids(stranger_client) == []
    assert get(stranger_client, f"Observation/{pk(TRACKING)}").status_code == 404
    assert get(anonymous, "Observation").status_code == 401
    assert get(anonymous, f"Observation/{pk(TRACKING)}").status_code == 401
    assert len(issues(client.post("/api/fhir/Observation"), 405)) == 1
