"""The kind `measure`: asked for, run, stored, and read back."""

import io
from typing import Any

import numpy as np
import pydicom
import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis import asking, kinds
from apps.archive.models import Instance
from apps.core.errors import Invalid
from apps.dicom.reader import read
from apps.jobs import worker
from apps.measurements.content import concepts, figures
from apps.measurements.content.groups import Report
from apps.measurements.content.reading import report_of
from apps.measurements.measuring import parameters
from tests import dicoms
from tests.conftest import client_of
from tests.dicoms import STUDY_UID
from tests.rights import give
from tests.volumes.derived.runs import asked, made, objects
from tests.volumes.series import ct_series, enhanced_ct
from tests.volumes.stored import store

pytestmark = pytest.mark.django_db

SHAPE = (3, 20, 24)
# As stored; Hounsfield units are 1024 less.
VALUES = np.random.default_rng(3).integers(0, 2000, SHAPE, np.int16)
SPACING = (3.0, 2.0, 0.5)
RECTANGLE = [[4.2, 3.7], [12.8, 3.7], [12.8, 9.8], [4.2, 9.8]]


@pytest.fixture
def images(practice: Practice) -> list[str]:
    """The slices' UIDs, in their order along the patient."""
    series = store(practice, ct_series(VALUES, spacing=SPACING))
    return list(series.instances.order_by("instance_number").values_list("sop_instance_uid", flat=True))


def figure(instance: str, tool: str = "length", points: Any = ((1.0, 2.0), (7.0, 4.0)), **more: Any) -> dict[str, Any]:
    return {"tool": tool, "instance": instance, "points": [list(point) for point in points], **more}


def measured(user: User, *wanted: dict[str, Any], **more: Any) -> tuple[Report, pydicom.Dataset, Any]:
    row = asked(user, "measure", measurements=list(wanted), **more)
    [[report]] = made(row)
    file = io.BytesIO()
    report.save_as(file)
    found = report_of(read(file.getvalue()).attributes)
    assert found is not None
    return found, report, row


def told(report: Report, number: int = 0) -> dict[str, float]:
    return {each.concept.meaning: each.value for each in report.groups[number].values}


def test_figures_become_a_report_of_who_drew_them(user: User, images: list[str]) -> None:
    user.last_name, user.first_name = "Ray", "Xavier"
    user.save()
    lung = {"value": "39607008", "scheme": "SCT", "meaning": "Lung"}
    found, report, row = measured(
        user,
        figure(images[1], label="Knoten", finding={"value": "52988006", "scheme": "SCT", "meaning": "Lesion"}),
        figure(images[2], "rectangle", RECTANGLE, sites=[lung]),
    )
    assert (found.observer, found.is_machine_made, found.is_verified) == ("Ray^Xavier", False, False)
    assert (report.Modality, report.SeriesDescription, report.PatientID) == ("SR", "Measurements", "P1")
    line, rectangle = found.groups
    assert (line.label, line.finding, line.values[0].value) == ("Knoten", concepts.LESION, 5.0)
    assert line.values[0].coordinates[0].sop_instance_uid == images[1]
    assert [site.meaning for site in rectangle.sites] == ["Lung"]
    inside = stored_values(images[2])[4:10, 4:13]
    expected = {"Mean": inside.mean(), "Standard Deviation": inside.std(), "Area": 8.6 * 0.5 * 6.1 * 2}
    assert {name: told(found, 1)[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    assert {each.unit for each in rectangle.values[2:]} == {concepts.HOUNSFIELD}
    assert row.inputs["seriesInstanceUids"] == [series_of(images[1])]
    [table] = tables(row)
    assert table.rows[0] == ("Knoten", "Length", "5", "mm")
    assert row.verdict == ""


def series_of(uid: str) -> str:
    return Instance.objects.get(sop_instance_uid=uid).series.series_instance_uid


def stored_values(uid: str) -> np.ndarray:
    """Hounsfield units of a slice, by pydicom."""
    [image] = [each for each in objects(series_of(uid)) if uid == each.SOPInstanceUID]
    return image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)


def tables(row: Any) -> Any:
    kind = kinds.find("measure")
    assert kind is not None
    return kind.tables(row.summary)


def test_every_tool(user: User, images: list[str]) -> None:
    points: dict[str, Any] = {
        "length": RECTANGLE[:2], "angle": RECTANGLE[:3], "cobb": [[1, 1], [9, 1], [1, 9], [9, 12]],
        "bidirectional": [[2, 5], [14, 5], [8, 4], [8, 6]], "polygon": RECTANGLE[:3], "rectangle": RECTANGLE,
        "ellipse": [[2, 10], [18, 10], [10, 8], [10, 12]], "circle": [[10, 10], [14, 10]], "point": [[3.5, 3.5]],
    }  # fmt: skip
    assert points.keys() == figures.FIGURES.keys() == dict(parameters.TOOLS).keys()
    found, _, _ = measured(user, *(figure(images[0], tool, at) for tool, at in points.items()))
    assert [group.tool for group in found.groups] == [kind.tool for kind in figures.FIGURES.values()]
    assert len({group.tracking_uid for group in found.groups}) == len(points)
    assert told(found, 8) == {"Attenuation Coefficient": stored_values(images[0])[3, 3]}


def test_the_bounds_are_those_of_figures() -> None:
    assert parameters.MOST_POINTS == figures.MOST_POINTS
    assert parameters.OUTLINE == figures.POLYGON


def test_the_volume_of_contours_in_slices(user: User, images: list[str]) -> None:
    """8.6 columns of 0.5 mm by 6.1 rows of 2 mm in three slices, 3 mm apart."""
    outlines = [figure(image, "polygon", RECTANGLE) for image in images]
    lung = {"value": "39607008", "scheme": "SCT", "meaning": "Lung"}
    volume = {"label": "Ventricle", "contours": [2, 0, 1], "sites": [lung]}
    found, _, row = measured(user, *outlines, volumes=[volume])
    assert told(found, 3) == pytest.approx({"Volume": 4.3 * 12.2 * 9 / 1000})
    drawn = [place.sop_instance_uid for place in found.groups[3].values[0].coordinates]
    assert drawn == [images[2], images[0], images[1]]
    assert (found.groups[3].label, [site.meaning for site in found.groups[3].sites]) == ("Ventricle", ["Lung"])
    assert row.summary["measurements"][3]["tool"] == "volume"


@pytest.mark.parametrize("contours", [[0], [0, 3], [0, 2], [0, -1], "ab"])
def test_volumes_of_what_is_no_outline_are_refused(user: User, images: list[str], contours: Any) -> None:
    drawn = [figure(images[0], "polygon", RECTANGLE), figure(images[1], "polygon", RECTANGLE), figure(images[2])]
    with pytest.raises(Invalid) as caught:
        asked(user, "measure", measurements=drawn, volumes=[{"label": "x", "contours": contours}])
    assert all(path.startswith("parameters.volumes") for path, _ in caught.value.errors)


def test_in_an_image_of_uncertain_geometry_there_are_no_millimetres(user: User, practice: Practice) -> None:
    told_so = "Made by Fovea, which is not a certified medical device. Not quantifiable: missing-slices."
    series = store(practice, ct_series(VALUES, spacing=SPACING, ImageComments=told_so))
    drawn = [figure(each.sop_instance_uid, "polygon", RECTANGLE) for each in series.instances.all()]
    found, _, _ = measured(user, *drawn)
    assert found.groups[0].values[0].unit.value == "1"
    assert "uncertain" in found.groups[0].evaluations[0].text
    row = asked(user, "measure", measurements=drawn, volumes=[{"label": "x", "contours": [0, 1]}])
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert "uncertain" in row.reason


def test_contours_in_one_image_have_no_volume(user: User, images: list[str]) -> None:
    drawn = [figure(images[0], "polygon", RECTANGLE)] * 2
    row = asked(user, "measure", measurements=drawn, volumes=[{"label": "x", "contours": [0, 1]}])
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert (row.last_state, row.reason) == ("failed", "Contours in one plane have no volume.")


def test_frames_of_an_enhanced_object(user: User, practice: Practice) -> None:
    series = store(practice, [enhanced_ct(VALUES, spacing=SPACING)])
    uid = series.instances.get().sop_instance_uid
    found, _, _ = measured(user, figure(uid, "point", [[3.5, 2.5]], frame=3), figure(uid, frame=1))
    [value] = found.groups[0].values
    assert value.coordinates[0].frame_number == 3
    assert found.groups[1].values[0].value == 5.0


def test_an_image_of_colours_without_millimetres(user: User, practice: Practice) -> None:
    capture = dicoms.secondary_capture(StudyInstanceUID=STUDY_UID, PatientID="P1")
    series = store(practice, [capture])
    uid = series.instances.get().sop_instance_uid
    size = read(capture).attributes["00280011"]["Value"][0]
    found, _, row = measured(user, figure(uid, "rectangle", [[0, 0], [2, 0], [2, 2], [0, 2]]))
    assert size >= 2
    assert told(found) == {"Area": 4.0, "Perimeter": 8.0}
    assert {each.unit.value for each in found.groups[0].values} == {"1"}
    assert row.summary["measurements"][0]["calibration"] == "The image says nothing of millimetres: pixels."


def test_the_same_again_is_the_same_report(user: User, images: list[str]) -> None:
    _, first, row = measured(user, figure(images[0]))
    again = asking.rerun(Principal.of(user), row).analysis
    [[second]] = made(again)
    assert second.SOPInstanceUID == first.SOPInstanceUID
    user.last_name = "Other"
    user.save()
    [[other]] = made(asking.rerun(Principal.of(user), row).analysis)
    assert other.SOPInstanceUID != first.SOPInstanceUID
    assert other.SeriesInstanceUID != first.SeriesInstanceUID


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"instance": "1.2.3"}, "parameters.measurements.0.instance"),
        ({"instance": "x"}, "parameters.measurements.0.instance"),
        ({"tool": "ruler"}, "parameters.measurements.0.tool"),
        ({"points": [[1, 1]]}, "parameters.measurements.0.points"),
        ({"points": [[1, 1], [25, 1]]}, "parameters.measurements.0.points"),
        ({"points": [[1, 1, 1], [2, 2, 2]]}, "parameters.measurements.0.points.0"),
        ({"points": [[1, -1], [2, 2]]}, "parameters.measurements.0.points.0.1"),
        ({"frame": 2}, "parameters.measurements.0.frame"),
        ({"label": "x" * 65}, "parameters.measurements.0.label"),
        ({"finding": {"value": "a\\b", "scheme": "SCT", "meaning": "x"}}, "parameters.measurements.0.finding"),
    ],
)
def test_what_can_not_be_measured_is_refused_at_once(
    user: User, images: list[str], changed: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        asked(user, "measure", measurements=[figure(images[0]) | changed])
    assert any(each.startswith(path) for each, _ in caught.value.errors), caught.value.errors


def test_a_figure_without_an_extent_is_told(user: User, images: list[str]) -> None:
    row = asked(user, "measure", measurements=[figure(images[0], "angle", [[1, 1], [1, 1], [2, 2]])])
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert (row.last_state, row.reason) == ("failed", "Two points in one place have no direction.")


def test_who_may_ask(practice: Practice, user: User, stranger: User, images: list[str]) -> None:
    """With the permission, nobody of another practice, and nobody without an account."""
    body = {"kind": "measure", "parameters": {"measurements": [figure(images[0])]}}
    address = f"/api/studies/{STUDY_UID}/analyses"

    def post(client: Client) -> int:
        return client.post(address, body, content_type="application/json").status_code

    assert post(client_of(user)) == 202
    assert post(client_of(stranger)) == 404
    looker = User.objects.create_user("looker")
    give(looker, practice, Permission.VIEW)
    assert post(client_of(looker)) == 403
    assert post(Client()) == 401
