"""ImagingStudy and Endpoint: the archive's studies, and where their images are."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.practice.models import Lead, Match, MatchState
from apps.worklist.models import ScheduledStep
from tests import dicoms
from tests.conftest import client_of
from tests.fhir.speaking import DCM, found, get, issues, valid
from tests.rights import give
from tests.worklist.arriving import arrive, plan

MADE = {"StudyTime": "093000", "StudyDescription": "Head", "SeriesNumber": "3", "AccessionNumber": "ACC1"}


@pytest.fixture
def study(practice: Practice) -> Any:
    return arrive(practice, StudyDate="20240131", **MADE)


def ids(client: Client, query: str = "") -> list[str]:
    return [each["id"] for each in found(client, f"ImagingStudy{query}")]


def test_a_study_is_shown_with_its_series_and_where_its_images_are(client: Client, study: Any) -> None:
    (shown,) = found(client, "ImagingStudy")
    assert shown == valid(get(client, f"ImagingStudy/{study.pk}").json())
    assert shown["identifier"][0] == {"system": "urn:dicom:uid", "value": f"urn:oid:{dicoms.STUDY_UID}"}
    assert (shown["started"], shown["status"]) == ("2024-01-31T09:30:00+00:00", "available")
    assert shown["modality"] == [{"system": DCM, "code": "CT"}]
    assert (shown["numberOfSeries"], shown["numberOfInstances"], shown["description"]) == (1, 1, "Head")
    assert shown["series"][0]["uid"] == dicoms.SERIES_UID
    assert shown["subject"] == {"reference": f"Patient/images-{study.patient_id}", "display": "Doe, Jane"}
    endpoint = valid(get(client, shown["endpoint"][0]["reference"]).json())
    assert endpoint["address"] == "http://testserver/dicom-web"
    assert client.get(f"/dicom-web/studies/{shown['series'][0]['uid']}/metadata").status_code in (200, 404)
    assert valid(get(client, "Endpoint").json())["total"] == 1


def test_a_matched_study_is_its_leads(client: Client, study: Any, lead: Lead, practice: Practice) -> None:
    Match.objects.create(practice=practice, study=study, lead=lead, state=MatchState.LINKED)
    step = plan(practice)
    ScheduledStep.objects.filter(pk=step.pk).update(study=study)
    (shown,) = found(client, f"ImagingStudy?patient=lead-{lead.pk}")
    assert shown["subject"]["reference"] == f"Patient/lead-{lead.pk}"
    assert shown["basedOn"] == [{"reference": f"ServiceRequest/{step.pk}"}]
    for query in ("patient.identifier=L-1", f"subject=Patient/lead-{lead.pk}", f"basedon=ServiceRequest/{step.pk}"):
        assert ids(client, f"?{query}") == [str(study.pk)]


@pytest.mark.parametrize(
    "query",
    [
        "identifier=urn:oid:{uid}", "identifier=urn:dicom:uid|urn:oid:{uid}", "identifier={uid}", "identifier=ACC1",
        "patient=images-{patient}", "patient=Patient/images-{patient}", "subject:Patient=images-{patient}",
        "patient=http://testserver/api/fhir/Patient/images-{patient}", "patient.identifier=P1",
        "started=2024-01-31", "started=2024", "started=ge2024-01-31&started=le2024-01-31", "started=gt2024-01-30",
        "started=2024-01-31T09:30:00Z", "started=lt2024-01-31T09:31:00Z", "modality=CT,MR", f"modality={DCM}|CT",
        "status=available", "_id={pk}", "series={series}", "_lastUpdated=ge2020",
    ],
)  # fmt: skip
def test_a_study_is_found_by(client: Client, study: Any, query: str) -> None:
    facts = {"uid": dicoms.STUDY_UID, "series": dicoms.SERIES_UID, "patient": study.patient_id, "pk": study.pk}
    assert ids(client, f"?{query.format(**facts)}") == [str(study.pk)]


@pytest.mark.parametrize(
    "query",
    [
        "identifier=urn:oid:1.2", "patient=images-999999", "patient=lead-1", "patient=Group/1", "patient.identifier=P2",
        "started=2024-02", "started=gt2024-01-31", "started=lt2024-01-31", "started=2024-01-31T09:31:00Z",
        "modality=MR",
        "modality=http://other|CT", "status=cancelled", "_id=x", "_lastUpdated=lt2020",
    ],
)  # fmt: skip
def test_a_study_is_not_found_by(client: Client, study: Any, query: str) -> None:
    assert ids(client, f"?{query}") == []


def test_what_a_study_refers_to_comes_with_it(client: Client, study: Any) -> None:
    query = "_include=ImagingStudy:patient&_include=ImagingStudy:endpoint"
    entries = valid(get(client, f"ImagingStudy?{query}").json())["entry"]
    assert [(each["resource"]["resourceType"], each["search"]["mode"]) for each in entries] == [
        ("ImagingStudy", "match"), ("Patient", "include"), ("Endpoint", "include"),
    ]  # fmt: skip
    assert issues(get(client, "ImagingStudy?_include=ImagingStudy:series"), 400) == [("invalid", "")]


def test_a_date_that_is_none_is_left_out(client: Client, practice: Practice) -> None:
    arrive(practice, StudyDate="2024", StudyTime="xx")
    (shown,) = found(client, "ImagingStudy")
    assert "started" not in shown


def test_who_sees_some_patients_alone_sees_their_studies_and_no_leads(
    practice: Practice, study: Any, lead: Lead
) -> None:
    Match.objects.create(practice=practice, study=study, lead=lead, state=MatchState.LINKED)
    arrive(
        practice,
        StudyInstanceUID="1.2.3.4",
        SeriesInstanceUID="1.2.3.4.1",
        SOPInstanceUID="1.2.3.4.1.1",
        PatientID="P2",
    )
    user = User.objects.create_user("fay", practice=practice)
    give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=study.study_instance_uid)
    narrow = client_of(user)
    (shown,) = found(narrow, "ImagingStudy")
    assert shown["subject"]["reference"] == f"Patient/images-{study.patient_id}"
    assert [each["id"] for each in found(narrow, "Patient")] == [f"images-{study.patient_id}"]
    assert get(narrow, f"Patient/lead-{lead.pk}").status_code == 404
    assert found(narrow, "ServiceRequest") == []
