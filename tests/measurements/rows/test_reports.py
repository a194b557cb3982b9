"""Reports become rows, a row for each value, and the rows go with their reports."""

from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pydicom
import pytest
from pydicom.dataset import Dataset

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis.models import Analysis
from apps.archive import events, lifecycle
from apps.archive.models import Series, Study
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.measurements import reports as reading
from apps.measurements import rows
from apps.measurements.content import concepts
from apps.measurements.models import Measurement, MeasurementReport, Reading
from apps.measurements.reports import reading_of, unread
from apps.measurements.tasks import measurements_read
from tests import dicoms, documents
from tests.measurements.measured import (
    LINE,
    LIVER,
    SLICE,
    TRACKING,
    drawn,
    group,
    instead_of,
    length,
    report,
    store,
    value,
    verified,
)

pytestmark = pytest.mark.django_db


def read(practice: Practice, *objects: bytes) -> list[Measurement]:
    """Store these and read what reports there are; the rows in their order."""
    for series in store(practice, *objects):
        reading_of(series)
    return list(Measurement.objects.order_by("report_id", "group", "number"))


def test_a_value_becomes_a_row_with_all_that_its_group_says(practice: Practice) -> None:
    (row,) = read(practice, dicoms.ct_slice(), report(length(label="Tumour", site=LIVER)))
    assert (row.value, row.concept, row.unit) == (50.0, concepts.LENGTH, concepts.MILLIMETRE)
    assert (row.tracking_uid, row.tool, row.label, row.site) == (TRACKING, "Length", "Tumour", LIVER)
    assert (row.study.study_instance_uid, row.group, row.number) == (dicoms.STUDY_UID, 1, 1)
    assert (row.series_instance_uid, row.sop_instance_uid, row.frame_number) == (dicoms.SERIES_UID, SLICE, 0)
    assert row.coordinates[0]["points"] == [list(LINE[:2]), list(LINE[2:])]
    assert row.measured_at.isoformat() == "2024-03-01T10:15:30+00:00"
    assert (row.report.observer, row.report.is_machine_made, row.report.is_verified) == ("Ray^Xavier", False, False)


def test_its_middle_lies_where_the_image_lies(practice: Practice) -> None:
    """Position of the slice is (-32, -32, 2), and its pixels are 1 mm apart: PS3.3 C.7.6.2.1.1."""
    (row,) = read(practice, dicoms.ct_slice(), report(length()))
    assert row.position == pytest.approx((-32 + 25, -32 + 40, 2))


def test_values_keep_all_of_their_digits(practice: Practice) -> None:
    (row,) = read(practice, report(length(12.345678901234567)))
    assert row.value == 12.345678901234567


def test_several_values_of_several_groups(practice: Practice) -> None:
    area = value(12.5, concepts.AREA, concepts.SQUARE_MILLIMETRE, drawn())
    mean = value(-40.25, concepts.MEAN, concepts.HOUNSFIELD)
    rows = read(practice, report(length(), group(area, mean, tool="PlanarFreehandROI", tracking=dicoms.uid(5, 2))))
    assert [(row.group, row.number, row.value) for row in rows] == [(1, 1, 50.0), (2, 1, 12.5), (2, 2, -40.25)]
    # What is of the same figure is of the same image, and the first has the figure.
    assert {row.sop_instance_uid for row in rows} == {SLICE}
    assert [len(row.coordinates) for row in rows] == [1, 1, 0]


def test_who_verified_it_is_known(practice: Practice) -> None:
    (row,) = read(practice, report(length(), **verified("Roe^Rita")))
    assert (row.report.is_verified, row.report.verified_by) == (True, "Roe^Rita")


def test_what_was_measured_in_the_viewer_is_read_back(practice: Practice) -> None:
    """A report that OHIF has saved of all of its tools: what is said, to the last digit, and each in its image."""
    saved = Dataset.from_json(Path(__file__).parents[1].joinpath("content", "ohif.json").read_text())
    rows = read(practice, dicoms.part10(saved))
    told = {row.tool: row.value for row in reversed(rows)}
    assert told == {
        "Length": 29.4618475336104,
        "Bidirectional": 37.0864395930528,
        "Angle": 87.3181363081939,
        "CobbAngle": 5.81715182339892,
        "EllipticalROI": 303.217029097062,
        "CircleROI": 62.7529610589702,
        "RectangleROI": 299.247109734762,
        "PlanarFreehandROI": 70.674251729953,
        "SplineROI": 590.961646758265,
        "LivewireContour": 265.500000000021,
    }
    assert (len(rows), len({row.sop_instance_uid for row in rows}), rows[0].label) == (28, 1, "Lesion 1")
    assert all(row.tracking_uid and row.series_instance_uid for row in rows)


def test_other_reports_have_no_rows(practice: Practice) -> None:
    assert read(practice, documents.report(documents.number("Length", "3", "mm"))) == []
    assert not MeasurementReport.objects.exists()
    assert Reading.objects.count() == 1


def test_a_report_is_read_once(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    (series,) = store(practice, report(length()))
    first = reading_of(series)
    monkeypatch.setattr(reading, "report_of", lambda header: pytest.fail("It was read again."))
    assert reading_of(series).pk == first.pk
    assert not unread(Series.objects.all()).exists()


def test_a_series_that_grows_is_read_again_and_its_rows_keep_their_keys(practice: Practice) -> None:
    (before,) = read(practice, report(length()))
    kept, added = read(practice, report(length(60.0), SOPInstanceUID=dicoms.uid(9, 9)))
    assert (kept.pk, kept.value, added.value) == (before.pk, 50.0, 60.0)


def test_what_another_reader_reads_replaces_the_rows_in_place(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    two, one = report(length(), length(60.0)), report(length(70.0))
    first, _ = read(practice, two)
    of_one = reading.report_of(header_of(one))
    monkeypatch.setattr(reading, "READER", reading.READER + 1)
    monkeypatch.setattr(reading, "report_of", lambda _: of_one)
    assert [(row.pk, row.value) for row in read(practice)] == [(first.pk, 70.0)]


def header_of(file: bytes) -> Any:
    return orjson.loads(pydicom.dcmread(BytesIO(file)).to_json())


def test_rows_go_with_their_report(practice: Practice, user: User) -> None:
    read(practice, dicoms.ct_slice(), report(length()))
    lifecycle.delete_series(Principal.of(user), dicoms.STUDY_UID, f"{dicoms.STUDY_UID}.9.1")
    assert not Measurement.objects.exists()
    assert not MeasurementReport.objects.exists()


def test_an_image_that_comes_later_tells_where_it_was_measured(practice: Practice) -> None:
    (row,) = read(practice, report(length()))
    assert (row.position, row.report.unplaced) == (None, 1)
    store(practice, dicoms.ct_slice())
    assert do_job(practice) == {"measurements": 1}
    row.refresh_from_db()
    assert row.position == pytest.approx((-7, 8, 2))


def test_an_image_of_another_practice_tells_nothing(practice: Practice, other_practice: Practice) -> None:
    store(other_practice, dicoms.ct_slice())
    (row,) = read(practice, report(length()))
    assert row.position is None


def test_a_study_that_has_settled_is_read_by_a_job(practice: Practice) -> None:
    store(practice, dicoms.ct_slice(), report(length()))
    events.settled.send(None, study=Study.objects.get())
    job = Job.objects.get(kind="measurements-read")
    assert (job.practice, job.parameters) == (practice, {"study": Study.objects.get().pk})
    assert do_job(practice) == {"measurements": 1}
    Study.objects.all().delete()
    assert measurements_read(JobHandle(job.pk, 1), **job.parameters) == {"measurements": 0}


def test_a_study_without_reports_asks_for_no_job(practice: Practice) -> None:
    store(practice, dicoms.ct_slice())
    events.settled.send(None, study=Study.objects.get())
    assert not Job.objects.filter(kind="measurements-read").exists()


def do_job(practice: Practice) -> Any:
    job = Job.objects.create(kind="measurements-read", practice=practice)
    return measurements_read(JobHandle(job.pk, 1), study=Study.objects.get().pk)


def test_a_report_whose_place_another_one_has_taken_does_not_count(practice: Practice) -> None:
    first = f"{dicoms.STUDY_UID}.9.1.1"
    read(practice, report(length()), report(length(60.0), number=2, **instead_of(first)))
    assert [row.value for row in Measurement.objects.current()] == [60.0]
    MeasurementReport.objects.get(instance__sop_instance_uid=f"{dicoms.STUDY_UID}.9.2.1").delete()
    assert [row.value for row in Measurement.objects.current()] == [50.0]


def test_a_report_of_another_study_takes_no_place(practice: Practice) -> None:
    first = f"{dicoms.STUDY_UID}.9.1.1"
    read(practice, report(length()), report(length(60.0), study=dicoms.uid(7), **instead_of(first)))
    assert Measurement.objects.current().count() == 2


@pytest.mark.parametrize(("verdict", "count"), [("unverified", 1), ("accepted", 1), ("rejected", 0)])
def test_what_a_person_has_rejected_does_not_count(practice: Practice, verdict: str, count: int) -> None:
    (row,) = read(practice, report(length()))
    uids = [f"{dicoms.STUDY_UID}.9.1"]
    Analysis.objects.create(study=row.study, kind="calcium", verdict=verdict, series_instance_uids=uids)
    # A longer UID that begins with the rejected one's is another series.
    longer = [f"{dicoms.STUDY_UID}.9.11"]
    Analysis.objects.create(study=row.study, kind="lesions", verdict="rejected", series_instance_uids=longer)
    assert Measurement.objects.current().count() == count


def test_what_came_in_pieces_is_read_within_bounds(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_POINTS", 3)
    many = drawn([0.0, 0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 4.0], "POLYLINE")
    (row,) = read(practice, dicoms.ct_slice(), report(group(value(16, concepts.AREA, concepts.MILLIMETRE, many))))
    assert row.coordinates == []
    assert row.position == pytest.approx((-32 + 1.5, -32 + 1.5, 2))


@pytest.mark.parametrize(
    ("day", "time", "offset", "moment"),
    [
        ("20240301", "101530", "+0200", "2024-03-01T08:15:30+00:00"),
        ("20240301", "", "", "2024-03-01T00:00:00+00:00"),
        ("20240301", "noon", "", "2024-03-01T00:00:00+00:00"),
    ],
)
def test_when_it_was_measured(practice: Practice, day: str, time: str, offset: str, moment: str) -> None:
    written = {"ContentDate": day, "ContentTime": time, "TimezoneOffsetFromUTC": offset}
    (row,) = read(practice, report(length(), **written))
    assert row.measured_at.isoformat() == moment


def test_a_report_without_a_date_was_made_when_it_came(practice: Practice) -> None:
    (row,) = read(practice, report(length(), ContentDate="00010101"))
    assert row.measured_at == row.report.instance.received_at
