"""DiagnosticReport: reports of studies, and their PDFs."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.jobs.handle import JobHandle
from apps.measurements.models import Measurement
from apps.practice.models import Lead, Match, MatchState
from apps.reports.models import Report, Signature, Status
from apps.reports.storing import store_outputs
from tests import dicoms
from tests.fhir.speaking import found, get, valid
from tests.reports.objects import signed
from tests.reports.objects.documents import DOCUMENT, IMPRESSION
from tests.reports.objects.signed import PDF, report_of, sign

NAME = "DiagnosticReport"


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """The tests do their jobs themselves."""


@pytest.fixture
def study(practice: Practice) -> Study:
    return signed.study_of(practice)


@pytest.fixture
def report(study: Study) -> Report:
    """Final, and stored."""
    written = report_of(study)
    signature = sign(written)
    store_outputs(signature, PDF, JobHandle(0, 1))
    Signature.objects.filter(pk=signature.pk).update(stored_at=signature.signed_at)
    return written


def ids(client: Client, query: str = "") -> list[str]:
    return [each["id"] for each in found(client, f"{NAME}{query}")]


def test_a_signed_report_says_what_it_comes_to(client: Client, report: Report) -> None:
    shown = valid(get(client, f"{NAME}/{report.pk}").json())
    assert (shown["status"], shown["conclusion"]) == ("final", "A nodule.")
    assert (shown["code"]["text"], shown["code"]["coding"][0]["code"]) == ("CT of the chest", "24627-2")
    assert shown["category"][0]["coding"][0]["code"] == "RAD"
    assert shown["subject"]["reference"] == f"Patient/images-{report.study.patient_id}"
    assert shown["resultsInterpreter"] == [{"type": "Practitioner", "display": "Sign, Ada Dr"}]
    assert shown["performer"] == [{"type": "Organization", "display": "Praxis"}]
    assert shown["imagingStudy"] == [{"reference": f"ImagingStudy/{report.study_id}"}]
    assert shown["result"] == [{"reference": f"Observation/{Measurement.objects.get().pk}"}]
    assert {each["value"] for each in shown["identifier"]} == {str(report.pk), f"urn:oid:{dicoms.uid(7, 1, 1)}"}


def test_its_pdf_is_to_be_had_as_it_is_and_within_a_resource(client: Client, report: Report) -> None:
    (form,) = get(client, f"{NAME}/{report.pk}").json()["presentedForm"]
    assert (form["contentType"], form["language"]) == ("application/pdf", "en")
    answer = get(client, form["url"])
    assert (answer["Content-Type"], answer.content) == ("application/pdf", PDF)
    told = valid(get(client, form["url"], HTTP_ACCEPT="application/fhir+json").json())
    assert base64.b64decode(told["data"]) == PDF
    assert get(client, f"{form['url']}?_format=json").json()["resourceType"] == "Binary"
    assert get(client, form["url"], HTTP_ACCEPT="image/png").status_code == 406
    assert get(client, "Binary/report-999999").status_code == 404
    assert get(client, "Binary/x").status_code == 404


def test_what_was_chosen_in_the_conclusion_is_coded(client: Client, study: Study) -> None:
    chosen = replace(DOCUMENT.passages[0].statements[3], text="Spiculated")
    written = report_of(study)
    sign(written, passages=(replace(IMPRESSION, statements=(*IMPRESSION.statements, chosen)),))
    shown = valid(get(client, f"{NAME}/{written.pk}").json())
    assert shown["conclusion"] == "A nodule.\nSpiculated"
    assert shown["conclusionCode"][0]["coding"][0]["code"] == "129742005"


def test_an_amendment_takes_its_place(client: Client, report: Report) -> None:
    sign(report, 2, passages=(replace(IMPRESSION, statements=(replace(IMPRESSION.statements[0], text="None."),)),))
    shown = valid(get(client, f"{NAME}/{report.pk}").json())
    assert (shown["status"], shown["conclusion"]) == ("amended", "None.")


def test_while_it_is_being_amended_it_is_as_it_was_signed(client: Client, report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(status=Status.AMENDING)
    assert get(client, f"{NAME}/{report.pk}").json()["status"] == "final"
    assert ids(client, "?status=final") == [str(report.pk)]


def test_a_draft_is_not_there_and_a_preliminary_report_is(client: Client, study: Study) -> None:
    text = {"value": "Perhaps a nodule.", "source": None, "isConfirmed": True}
    written = report_of(study, content={"entries": {"impression": text}})
    assert ids(client) == []
    assert get(client, f"{NAME}/{written.pk}").status_code == 404
    Report.objects.filter(pk=written.pk).update(status=Status.PRELIMINARY, preliminary_at=written.changed_at)
    (shown,) = found(client, NAME)
    assert (shown["status"], shown["conclusion"]) == ("preliminary", "Perhaps a nodule.")
    assert "presentedForm" not in shown
    assert ids(client, "?status=preliminary") == [str(written.pk)]


def test_a_report_is_found_by(client: Client, report: Report) -> None:
    facts = {"patient": report.study.patient_id, "study": report.study_id, "id": report.pk}
    facts["result"] = Measurement.objects.get().pk
    for query in (
        "patient=images-{patient}", "subject=Patient/images-{patient}", "patient.identifier=P1", "date=2024-02-29",
        "issued=ge2020", "status=final", "category=RAD", "code=24627-2", "code=http://loinc.org|24627-2", "_id={id}",
        "identifier=urn:fovea:report|{id}", f"identifier=urn:dicom:uid|urn:oid:{dicoms.uid(7, 1, 1)}",
        "imaging-study=ImagingStudy/{study}", "result=Observation/{result}", "_lastUpdated=ge2020", "_sort=-issued",
        "_sort=date", "_elements=status",
    ):  # fmt: skip
        assert ids(client, f"?{query.format(**facts)}") == [str(report.pk)], query


def test_a_report_is_not_found_by(client: Client, report: Report) -> None:
    for query in (
        "patient=images-999999", "patient.identifier=P2", "date=2024-03-01", "issued=lt2020", "status=amended",
        "status=registered", "category=LAB", "code=1", "code=http://snomed.info/sct|24627-2", "code=http://x|24627-2",
        "_id=x", "identifier=urn:fovea:report|x", "imaging-study=ImagingStudy/999999", "result=Observation/999999",
        "result=Patient/1", "based-on=ServiceRequest/1",
    ):  # fmt: skip
        assert ids(client, f"?{query}") == [], query


def test_what_it_refers_to_comes_with_it(client: Client, report: Report) -> None:
    query = "_include=DiagnosticReport:result&_include=DiagnosticReport:subject&_include=DiagnosticReport:imaging-study"
    entries = valid(get(client, f"{NAME}?{query}").json())["entry"]
    kinds = {each["resource"]["resourceType"] for each in entries}
    assert kinds == {NAME, "Observation", "Patient", "ImagingStudy"}


def test_a_matched_study_is_its_leads(client: Client, report: Report, lead: Lead, practice: Practice) -> None:
    Match.objects.create(practice=practice, study=report.study, lead=lead, state=MatchState.LINKED)
    assert ids(client, f"?patient=lead-{lead.pk}") == [str(report.pk)]


def test_a_search_takes_few_queries(client: Client, report: Report, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20):
        assert len(ids(client)) == 1


def test_who_may_look_sees_it_and_others_do_not(
    report: Report, viewer: Client, stranger_client: Client, anonymous: Client
) -> None:
    pdf = f"Binary/report-{Signature.objects.get().pk}"
    assert ids(viewer) == [str(report.pk)]
    assert get(viewer, pdf).status_code == 200
    assert ids(stranger_client) == []
    for place in (f"{NAME}/{report.pk}", pdf):
        assert get(stranger_client, place).status_code == 404
        assert get(anonymous, place).status_code == 401
