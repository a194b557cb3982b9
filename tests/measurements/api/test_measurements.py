"""GET /api/measurements: as JSON and as a table, to who may see the study."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Study
from apps.audit import access
from apps.audit.models import Event
from apps.dicom.sr_tree import Code
from apps.measurements.api import reaching, tables
from apps.measurements.content import concepts
from apps.measurements.models import Measurement
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import body
from tests.measurements.measured import (
    LINE,
    LIVER,
    SLICE,
    TRACKING,
    drawn,
    group,
    instead_of,
    length,
    listed,
    report,
    store,
    value,
    verified,
)
from tests.rights import give

pytestmark = pytest.mark.django_db
OTHER = dicoms.uid(7)


@pytest.fixture
def stored(practice: Practice) -> None:
    """A slice, a length in it and an area that a person has verified, a day later."""
    area = value(12.5, concepts.AREA, concepts.SQUARE_MILLIMETRE, drawn())
    later = {"ContentDate": "20240302", **verified()}
    of_area = group(area, tool="PlanarFreehandROI", tracking=dicoms.uid(5, 2))
    store(practice, dicoms.ct_slice(), report(length(label="Tumour", site=LIVER)), report(of_area, number=2, **later))


def table(client: Client, headers: dict[str, str] | None = None, **parameters: Any) -> list[dict[str, str]]:
    answer = client.get("/api/measurements", parameters, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8"), body(answer)
    return list(csv.DictReader(StringIO(body(answer).decode())))


def test_what_came_is_told_right_then(client: Client, stored: None) -> None:
    assert not Measurement.objects.exists()
    area, line = listed(client, study=dicoms.STUDY_UID)
    assert area["measuredAt"] > line["measuredAt"]
    study = Study.objects.get()
    told = {name: line[name] for name in ("studyInstanceUid", "studyDate", "patient", "patientId", "trackingUid")}
    assert told == {
        "studyInstanceUid": dicoms.STUDY_UID, "studyDate": "2024-02-29", "patient": study.patient_id,
        "patientId": "P1", "trackingUid": TRACKING,
    }  # fmt: skip
    assert (line["value"], line["unit"]["value"], line["concept"]["value"]) == (50.0, "mm", "410668003")
    assert (line["label"], line["tool"], line["site"]["meaning"]) == ("Tumour", "Length", "Liver")
    assert (line["finding"], line["derivation"]) == (None, None)
    assert (line["sopInstanceUid"], line["position"]) == (SLICE, pytest.approx([-7, 8, 2]))
    assert line["coordinates"][0]["points"] == [list(LINE[:2]), list(LINE[2:])]
    assert line["report"]["observer"] == "Ray^Xavier"
    assert (line["report"]["isVerified"], area["report"]["isVerified"]) == (False, True)
    assert line["viewerUrl"].endswith(f"&initialSeriesInstanceUID={dicoms.STUDY_UID}.9.1")
    assert client.get(f"/api/measurements/{line['id']}").json() == line


def test_what_is_asked_for(client: Client, stored: None) -> None:
    cases: list[tuple[dict[str, Any], list[float]]] = [
        ({}, [12.5, 50.0]),
        ({"patient": Study.objects.get().patient_id}, [12.5, 50.0]),
        ({"patient": 999_999}, []),
        ({"study": OTHER}, []),
        ({"tracking": TRACKING}, [50.0]),
        ({"concept": "42798000"}, [12.5]),
        ({"unit": "mm2"}, [12.5]),
        ({"tool": "Length"}, [50.0]),
        ({"verified": "true"}, [12.5]),
        ({"verified": "false"}, [50.0]),
        ({"after": "2024-03-01T12:00:00Z"}, [12.5]),
        ({"after": "2024-03-02T12:00:00Z"}, []),
    ]
    for wanted, values in cases:
        assert [each["value"] for each in listed(client, **wanted)] == values, wanted
        assert [float(each["value"]) for each in table(client, format="csv", **wanted)] == values, wanted


@pytest.mark.parametrize("wanted", [{"colour": "red"}, {"patient": "x"}, {"verified": "perhaps"}, {"after": "soon"}])
def test_what_makes_no_sense_is_refused(client: Client, wanted: dict[str, str]) -> None:
    assert client.get("/api/measurements", wanted).status_code == 400


def test_a_page_leads_to_the_next(client: Client, stored: None) -> None:
    first = client.get("/api/measurements", {"limit": 1}).json()
    assert [each["value"] for each in first["results"]] == [12.5]
    assert [each["value"] for each in client.get(first["next"]).json()["results"]] == [50.0]


def test_what_has_been_taken_the_place_of_is_left_out(client: Client, practice: Practice, stored: None) -> None:
    store(practice, report(length(55.0), number=3, **instead_of(f"{dicoms.STUDY_UID}.9.1.1")))
    assert [each["value"] for each in listed(client)] == [12.5, 55.0]


def test_a_table_is_given_where_accept_says_so(client: Client, stored: None) -> None:
    area, line = table(client, {"accept": "text/csv"})
    assert list(line) == list(tables.COLUMNS)
    assert (line["patientId"], line["studyDate"], line["label"], line["site"]) == ("P1", "20240229", "Tumour", "Liver")
    assert (line["concept"], line["conceptScheme"], line["conceptCode"]) == ("Length", "SCT", "410668003")
    assert (line["unit"], line["measuredAt"], line["x"]) == ("mm", "2024-03-01T10:15:30+00:00", "-7.0")
    assert (line["value"], area["isVerified"], line["segmentNumber"]) == ("50.0", "true", "")


def test_a_table_keeps_all_digits_and_runs_nothing(client: Client, practice: Practice) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    store(practice, report(group(value(-0.1234567890123456, Code("@SUM", "1", "99X")), label=evil)))
    unnamed = group(value(1.0, Code("", "V1", "99X")), tracking=dicoms.uid(5, 2))
    store(practice, report(unnamed, number=2, ContentDate="20240101"))
    (row, other) = table(client, format="csv")
    assert float(row["value"]) == -0.1234567890123456
    assert (row["label"], row["concept"]) == (f"'{evil}", "'@SUM")
    # A code without a meaning is told by its value.
    assert other["concept"] == "V1"


def test_a_table_has_an_end(client: Client, stored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    assert client.get("/api/measurements", {"format": "csv"}).status_code == 400
    assert len(table(client, format="csv", tool="Length")) == 1


def test_other_forms_are_not_given(client: Client) -> None:
    assert client.get("/api/measurements", {"format": "xlsx"}).status_code in (400, 404)
    assert client.get("/api/measurements", headers={"accept": "application/xml"}).status_code == 406


def test_others_see_nothing(stored: None, client: Client, stranger_client: Client, anonymous: Client) -> None:
    (first, *_) = listed(client)
    patient = Study.objects.get().patient_id
    assert listed(stranger_client, study=dicoms.STUDY_UID) == []
    assert table(stranger_client, format="csv") == []
    for place in (f"/api/measurements/{first['id']}", f"/api/measurements/series?patient={patient}"):
        assert stranger_client.get(place).status_code == 404
    for place in ("", f"/{first['id']}", "/series?patient=1", "?format=csv"):
        assert anonymous.get(f"/api/measurements{place}").status_code == 401


def test_nobody_has_read_what_they_do_not_see(stored: None, stranger_client: Client) -> None:
    assert listed(stranger_client, study=dicoms.STUDY_UID) == []
    assert not Measurement.objects.exists()


def test_who_sees_some_studies_alone_sees_their_measurements(practice: Practice, stored: None) -> None:
    store(practice, report(length(99.0), study=OTHER, PatientID="P2"))
    user = User.objects.create_user("fay", practice=practice)
    give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=OTHER)
    narrow = client_of(user)
    assert [each["value"] for each in listed(narrow)] == [99.0]
    assert narrow.get(f"/api/measurements/{Measurement.objects.get(value=99.0).pk}").status_code == 200
    patient = Study.objects.get(study_instance_uid=dicoms.STUDY_UID).patient_id
    assert narrow.get("/api/measurements/series", {"patient": patient}).status_code == 404


def test_reading_and_taking_away_are_on_record(client: Client, stored: None) -> None:
    (first, *_) = listed(client, study=dicoms.STUDY_UID)
    table(client, format="csv")
    client.get(f"/api/measurements/{first['id']}")
    access.flush()
    searched = Event.objects.filter(action=Event.Action.QUERY).values_list("source", "detail", "count")
    assert set(searched) == {("measurements", "study", 2), ("measurements as CSV", "format", 2)}
    assert Event.objects.filter(action=Event.Action.ACCESS, source="a measurement").count() == 1


def test_one_request_reads_so_many_series(
    client: Client, practice: Practice, stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "MOST_READ", 1)
    assert [len(listed(client, study=dicoms.STUDY_UID)) for _ in range(3)] == [1, 2, 2]
