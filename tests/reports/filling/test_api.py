"""Filled in again, earlier studies and measurements by the REST API."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.audit import access
from apps.audit.models import Event
from apps.measurements.models import Measurement
from apps.reports.api.filling import ReportMeasurementSerializer
from apps.reports.content.structure import Field, FieldKind, Section, Structure
from apps.reports.documents import document_of
from apps.reports.models import Report, Signature, Status
from tests.conftest import client_of
from tests.lesions.studies import imaged, line, reported
from tests.reports.drafts.made import begin, save, template
from tests.reports.filling.made import LENGTH, MM

pytestmark = pytest.mark.django_db

FIELDS = (
    Field("size", FieldKind.NUMBER, "Largest nodule", LENGTH, MM, fill="measurement(pick=largest)"),
    Field("technique", FieldKind.LONG_TEXT, "Technique", fill="{series.modality}, {series.kvp}"),
    Field("text", FieldKind.LONG_TEXT, "Findings", default="Clear."),
    Field("compared", FieldKind.LONG_TEXT, "Comparison", fill="prior.comparison"),
)
STRUCTURE = Structure(
    "https://example.org/filled", "Filled", "en", (Section("all", "All", items=FIELDS),), modalities=("CT",)
)
BEFORE, NOW = 1, 2


@pytest.fixture
def report(practice: Practice, client: Client) -> Any:
    """Begun when nothing was measured yet."""
    study = imaged(practice, NOW, KVP="100")
    template(practice, STRUCTURE)
    return begin(client, study, template=STRUCTURE.identifier)


def measure(practice: Practice, number: int = NOW, size: float = 12.0, report_number: int = 1) -> None:
    reported(practice, number, line(number, size, (20, 20), tracking=1, label="Nodule"), report_number=report_number)


def filled_again(client: Client, report: Any, **given: Any) -> Any:
    return client.post(f"/api/reports/{report['id']}/fill", given, content_type="application/json")


def values(told: Any) -> dict[str, Any]:
    return {key: entry["value"] for key, entry in told["content"]["entries"].items()}


def test_what_has_come_since_is_filled_in(client: Client, practice: Practice, report: Any) -> None:
    assert values(report) == {"technique": "CT, 100 kV", "text": "Clear."}
    assert save(client, report, entries={"technique": {"value": "By hand"}}).status_code == 200
    measure(practice)
    answer = filled_again(client, report)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert values(told) == {"size": "12", "technique": "By hand", "text": "Clear."}
    assert told["content"]["measurements"] == [Measurement.objects.get().pk]
    assert told["content"]["entries"]["size"]["source"]["kind"] == "measurement"
    assert told["content"]["entries"]["technique"]["isEdited"]
    assert told["revision"] == 3
    assert filled_again(client, report).json()["revision"] == 3


def test_a_newer_value_takes_the_place_of_an_untouched_one(client: Client, practice: Practice, report: Any) -> None:
    measure(practice)
    assert values(filled_again(client, report).json())["size"] == "12"
    measure(practice, size=15, report_number=2)
    told = filled_again(client, report).json()
    assert values(told)["size"] == "15"
    emptied = save(client, report, told["revision"], entries={"size": {"value": ""}})
    assert emptied.status_code == 200
    assert values(filled_again(client, report).json())["size"] == ""


def test_who_has_not_read_the_newest_is_told(client: Client, practice: Practice, report: Any) -> None:
    assert save(client, report, entries={"text": {"value": "More."}}).status_code == 200
    measure(practice)
    assert filled_again(client, report, revision=1).status_code == 409
    assert filled_again(client, report, revision=2).status_code == 200
    Report.objects.update(status=Status.FINAL)
    assert filled_again(client, report).status_code == 409


def test_earlier_studies_with_their_reports(client: Client, practice: Practice, user: User, report: Any) -> None:
    assert client.get(f"/api/reports/{report['id']}/priors").json() == []
    before = imaged(practice, BEFORE, StudyDescription="First one")
    imaged(practice, 3, StudyDescription="Later")
    earlier = begin(client, before, template=STRUCTURE.identifier)
    row = Report.objects.get(pk=earlier["id"])
    Signature.objects.create(
        report=row, number=1, document=document_of(row, status="final").as_json(), digest="0", name="Ray^Xavier",
        signed_at=row.changed_at, verification="v", pdf_series_uid="1.1", pdf_instance_uid="1.2", sr_series_uid="1.3",
        sr_instance_uid="1.4",
    )  # fmt: skip
    Report.objects.filter(pk=row.pk).update(status=Status.FINAL)
    [prior] = client.get(f"/api/reports/{report['id']}/priors").json()
    assert (prior["date"], prior["description"], prior["modalities"], prior["isAlike"]) == (
        "20250310", "First one", ["CT"], True,
    )  # fmt: skip
    assert "Clear." in prior["text"]
    assert [(each["id"], each["title"], each["signedBy"]) for each in prior["reports"]] == [
        (row.pk, "Filled", "Ray^Xavier")
    ]
    assert values(filled_again(client, report).json())["compared"] == "Compared with: CT, First one, 2025-03-10."
    access.flush()
    read = Event.objects.filter(action="access", study_instance_uid=before.study_instance_uid, source="a report")
    assert read.exists()


def test_measurements_to_choose_from(client: Client, practice: Practice, user: User, report: Any) -> None:
    imaged(practice, BEFORE)
    measure(practice, BEFORE, 10)
    measure(practice)
    [told] = client.get(f"/api/reports/{report['id']}/measurements").json()
    assert (told["label"], told["site"], told["text"], told["isChosen"]) == ("Nodule, Length", "Liver", "12 mm", False)
    assert told["earlier"] == [{"date": "20250310", "value": 10.0}]
    assert told["change"] == pytest.approx(20)
    assert told["said"].startswith("Length, measured on ")
    assert told["link"].startswith("/viewer/viewer?")
    filled_again(client, report)
    [again] = client.get(f"/api/reports/{report['id']}/measurements").json()
    assert again["isChosen"]
    [line_told] = document_of(Report.objects.get(pk=report["id"]), who=Principal.of(user)).measurements
    assert line_told.change == pytest.approx(20)


@pytest.mark.parametrize(("method", "what"), [("post", "fill"), ("get", "priors"), ("get", "measurements")])
def test_for_nobody_else(client: Client, stranger: User, report: Any, method: str, what: str) -> None:
    address = f"/api/reports/{report['id']}/{what}"
    assert getattr(client, method)(address, content_type="application/json").status_code == 200
    assert getattr(client_of(stranger), method)(address, content_type="application/json").status_code == 404
    assert getattr(Client(), method)(address, content_type="application/json").status_code == 401


def test_measurements_are_told_as_the_schema_says(client: Client, practice: Practice, report: Any) -> None:
    measure(practice)
    [told] = client.get(f"/api/reports/{report['id']}/measurements").json()
    assert set(told) == set(ReportMeasurementSerializer().fields)
