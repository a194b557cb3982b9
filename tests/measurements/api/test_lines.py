"""GET /api/measurements/series: a patient's values over time."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Patient
from apps.measurements.api import views
from apps.measurements.content import concepts
from tests import dicoms
from tests.measurements.measured import LIVER, group, length, report, store, value

pytestmark = pytest.mark.django_db


def uid(year: int) -> str:
    return dicoms.uid(year)


def visit(year: int, *groups: Any, **overrides: Any) -> bytes:
    """A report of a study of that year."""
    return report(*groups, study=uid(year), **{"StudyDate": f"{year}0601", **overrides})


def lines(client: Client) -> Any:
    answer = client.get("/api/measurements/series", {"patient": Patient.objects.get().pk})
    assert answer.status_code == 200, answer.content
    return answer.json()


def values(line: Any) -> list[tuple[str, float]]:
    return [(point["at"][:4], point["value"]) for point in line["points"]]


def test_the_same_tracking_uid_in_several_studies_is_one_thing(client: Client, practice: Practice) -> None:
    """Whatever it was called at the time."""
    store(practice, visit(2025, length(40.0, label="A")), visit(2024, length(50.0, label="B")))
    (line,) = lines(client)["results"]
    assert values(line) == [("2024", 50.0), ("2025", 40.0)]
    assert (line["name"], line["unit"]["value"]) == ("A · Length", "mm")
    assert line["trackingUid"]


def test_else_it_is_what_has_the_same_name(client: Client, practice: Practice) -> None:
    for year, size in ((2024, 50.0), (2025, 40.0)):
        named = length(size, site=LIVER, tracking=dicoms.uid(5, year))
        volume = group(
            value(size / 10, concepts.VOLUME, concepts.MILLILITRE), label="Cyst", tracking=dicoms.uid(6, year)
        )
        store(practice, visit(year, named, volume))
    told = {line["name"]: values(line) for line in lines(client)["results"]}
    assert told == {
        "Liver · Length": [("2024", 50.0), ("2025", 40.0)], "Cyst · Volume": [("2024", 5.0), ("2025", 4.0)],
    }  # fmt: skip


def test_what_could_be_anything_is_in_no_line(client: Client, practice: Practice) -> None:
    store(practice, visit(2024, length(50.0)), visit(2025, length(40.0, tracking=dicoms.uid(5, 2))))
    assert lines(client) == {"results": [], "isWhole": True}


def test_what_is_of_the_whole_study_needs_no_name(client: Client, practice: Practice) -> None:
    for year in (2024, 2025):
        store(practice, visit(year, group(value(year), tracking=dicoms.uid(5, year))))
    (line,) = lines(client)["results"]
    assert [point["value"] for point in line["points"]] == [2024, 2025]


def test_other_units_make_other_lines(client: Client, practice: Practice) -> None:
    in_pixels = group(value(12.0, concepts.LENGTH, concepts.PIXELS), label="Tumour")
    store(practice, visit(2024, length(50.0, label="Tumour")), visit(2025, in_pixels))
    assert [len(line["points"]) for line in lines(client)["results"]] == [1, 1]


def test_of_one_study_what_was_measured_last_counts(client: Client, practice: Practice) -> None:
    again = {"number": 2, "ContentDate": "20250701"}
    store(practice, visit(2024, length(50.0)), visit(2025, length(40.0)), visit(2025, length(41.0), **again))
    (line,) = lines(client)["results"]
    assert values(line) == [("2024", 50.0), ("2025", 41.0)]


def test_a_study_without_a_date_is_as_old_as_its_measurement(client: Client, practice: Practice) -> None:
    store(practice, visit(2024, length(50.0)), visit(2025, length(40.0), StudyDate="", ContentDate="20230101"))
    (line,) = lines(client)["results"]
    assert values(line) == [("2023", 40.0), ("2024", 50.0)]


def test_older_ones_are_left_out_and_that_is_said(
    client: Client, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_VALUES", 1)
    store(practice, visit(2024, length(50.0, label="X")), visit(2025, length(40.0, label="X"), ContentDate="20250601"))
    told = lines(client)
    assert not told["isWhole"]
    assert [values(line) for line in told["results"]] == [[("2025", 40.0)]]


@pytest.mark.parametrize("patient", [None, "x", 0, 999_999])
def test_a_patient_must_be_named(client: Client, patient: Any) -> None:
    asked = {} if patient is None else {"patient": patient}
    assert client.get("/api/measurements/series", asked).status_code == (404 if patient == 999_999 else 400)
