"""The kind: asked for, run, stored, and read back. What is scored is compared with loops over the phantom's voxels."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis import asking
from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.models import Analysis
from apps.archive.models import Series
from apps.calcium.chosen import chosen_in, words
from apps.calcium.scoring.vessels import NUMBERS, Vessel
from apps.core.errors import Conflict, Invalid
from apps.jobs import worker
from apps.measurements.reports import read_all
from apps.volumes.models import Volume
from tests.calcium.reference import looped
from tests.calcium.scans import POINTS, SPACING, hounsfield, marked, regions_labelled, scan, segmentation
from tests.conftest import client_of
from tests.dicoms import STUDY_UID
from tests.video.objects.validator import errors
from tests.volumes.derived.runs import asked, made

pytestmark = pytest.mark.django_db
PERSON: dict[str, Any] = {
    "ethnicity": "white", "totalCholesterol": 200, "hdlCholesterol": 45, "systolicPressure": 130, "diabetes": "no",
    "smoker": "no", "lipidMedication": "no", "pressureMedication": "no", "familyHistory": "no",
}  # fmt: skip
LESIONS = [{"vessel": vessel, "point": list(point)} for vessel, point in POINTS.items()]
NOWHERE = {"vessel": "LM", "centre": [0.0, 0.0, -30.0], "radius": 5.0}


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return scan(practice)


def truth(labels: np.ndarray[Any, Any], vessel: Vessel) -> float:
    return looped(np.rint(hounsfield()), labels == NUMBERS[vessel], SPACING).agatston


def test_by_a_segmentation(user: User, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    drawn = segmentation(practice, volume, tmp_path)
    row = asked(user, "calcium", volume=volume.pk, segmentation=drawn.pk, calibration=0.8, **PERSON)
    [[lesions], [report], [picture]] = made(row)
    labels, summary = regions_labelled(), row.summary
    found = {each["vessel"]: each["agatston"] for each in summary["scores"]}
    assert found == {name: truth(labels, Vessel(name)) for name in ("LM", "LAD", "LCX", "RCA")}
    assert all(found.values())
    assert summary["total"]["agatston"] == pytest.approx(sum(found.values()))
    assert summary["cacDrs"] == "A2/N4"
    assert summary["person"] == {"age": 62, "sex": "M", "ethnicity": "white"}
    assert 1 < summary["risk"]["percent"] < 30
    assert row.verdict == "unverified"
    _is_shown(row, user)
    _is_segmentation(lesions, summary)
    _is_report(report, lesions, summary)
    _is_picture(picture)
    for each in (lesions, report, picture):
        assert (each.PatientID, each.StudyInstanceUID) == ("P1", STUDY_UID)
        assert valid(each, tmp_path) == []


def test_what_is_offered_and_shown(user: User, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    user.is_staff = True
    user.save()
    admin, study = client_of(user), volume.series.study
    form = reverse("admin:analysis_analysis_new", args=[study.pk, "calcium"])
    page = reverse("admin:archive_study_change", args=[study.pk])
    assert form not in admin.get(page).content.decode()
    report = marked(practice, volume, LAD="LAD")
    read_all(Series.objects.filter(study=study))
    assert form in admin.get(page).content.decode()
    assert f'<option value="{report}"' in admin.get(form).content.decode()
    drawn = segmentation(practice, volume, tmp_path)
    assert f'<option value="{drawn.pk}"' in admin.get(form).content.decode()


def _is_segmentation(lesions: pydicom.Dataset, summary: dict[str, Any]) -> None:
    assert [each.SegmentLabel for each in lesions.SegmentSequence] == [
        "Calcium LM", "Calcium LAD", "Calcium LCX", "Calcium RCA",
    ]  # fmt: skip
    assert {each.SegmentAlgorithmType for each in lesions.SegmentSequence} == {"SEMIAUTOMATIC"}
    counted = np.count_nonzero(lesions.pixel_array)
    assert counted * np.prod(SPACING) == pytest.approx(summary["total"]["volume"])


def _is_shown(row: Analysis, user: User) -> None:
    user.is_staff = True
    user.save()
    page = client_of(user).get(reverse("admin:analysis_analysis_change", args=[row.pk])).content.decode()
    for text in ("A2/N4", "Left anterior descending", "Segments that are no coronary artery: Spine"):
        assert text in page


def _is_report(report: pydicom.Dataset, lesions: pydicom.Dataset, summary: dict[str, Any]) -> None:
    assert (report.VerificationFlag, report.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    values = {}
    for group in groups_of(report):
        site = next(concept(each) for each in group if name(each) == "Finding Site")
        values[site] = {name(each): number(each) for each in group if each.ValueType == "NUM"}
        segment = [each for each in group if name(each) == "Referenced Segment"]
        assert bool(segment) == (site != "Coronary artery")
        for each in segment:
            assert each.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == lesions.SOPInstanceUID
    by_vessel = {each["vessel"]: each for each in summary["scores"]}
    for site, vessel in {
        "Left Main Coronary Artery": "LM", "Left Anterior Descending Coronary Artery": "LAD",
        "Circumflex Coronary Artery": "LCX", "Right Coronary Artery": "RCA",
    }.items():  # fmt: skip
        assert values[site]["Calcium score"] == pytest.approx(by_vessel[vessel]["agatston"], rel=1e-9)
        assert values[site]["Calcium Mass"] == pytest.approx(by_vessel[vessel]["mass"], rel=1e-9)
    assert values["Coronary artery"]["Calcium score"] == pytest.approx(summary["total"]["agatston"], rel=1e-9)
    assert values["Coronary artery"]["10 Year CHD Risk"] == pytest.approx(summary["risk"]["percent"], rel=1e-9)


def _is_picture(picture: pydicom.Dataset) -> None:
    pixels = picture.pixel_array
    assert picture.SOPClassUID.name == "Secondary Capture Image Storage"
    assert [each.CodeValue for each in picture.DerivationCodeSequence] == ["113076"]
    assert len(picture.SourceImageSequence) == 4
    # Every artery's colour is in it, in a slice or in the table.
    assert pixels.shape[2] == 3
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 200


def test_by_lesions_with_a_declared_table(user: User, practice: Practice) -> None:
    volume = scan(practice, KVP="100")
    thresholds = {"kvp": 100, "limits": [145, 222, 334, 446], "citation": "A publication, 2018"}
    row = asked(user, "calcium", volume=volume.pk, lesions=LESIONS, thresholds=thresholds)
    first = made(row)
    assert row.summary["thresholds"] == {"kvp": 100, "limits": [145, 222, 334, 446], "source": "A publication, 2018"}
    assert [each["vessel"] for each in row.summary["scores"]] == ["LM", "LAD", "LCX", "RCA"]
    assert all(each["agatston"] > 0 for each in row.summary["scores"])
    assert row.summary["risk"]["percent"] is None
    assert row.summary["risk"]["missing"] == [
        "ethnicity", "totalCholesterol", "hdlCholesterol", "systolicPressure", "diabetes", "smoker",
        "lipidMedication", "pressureMedication", "familyHistory",
    ]  # fmt: skip
    again = asking.rerun(Principal.of(user), row)
    assert [[bytes_of(each) for each in series] for series in first] == [
        [bytes_of(each) for each in series] for series in made(again.analysis)
    ]
    assert Series.objects.count() == 4


def test_by_marks(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    labels = {vessel: f"{vessel} calcified" for vessel in POINTS}
    asked_for = {"marks": marked(practice, volume, **labels, somewhere="stent")}
    found = chosen_in(volume.series.study, asked_for, volume, tmp_path)
    points = {each["vessel"]: each["point"] for each in found.asked["lesions"]}
    assert list(points) == list(POINTS)
    for vessel, point in points.items():
        assert np.abs(np.subtract(point, POINTS[vessel])).max() <= SPACING[0] / 2
    assert found.left_out == ("stent",)


def test_marks_that_say_no_vessel(user: User, practice: Practice, volume: Volume) -> None:
    report = marked(practice, volume, LM="", LAD="calcium")
    assert "call it LM, LAD, LCX or RCA" in why_failed(asked(user, "calcium", volume=volume.pk, marks=report))
    with pytest.raises(Invalid):
        asked(user, "calcium", volume=volume.pk, marks="1.2.3")


def test_no_calcium_at_all(user: User, volume: Volume) -> None:
    row = asked(user, "calcium", volume=volume.pk, regions=[NOWHERE])
    [[report], [picture]] = made(row)
    assert (report.Modality, picture.Modality) == ("SR", "CT")
    assert (row.summary["total"]["agatston"], row.summary["cacDrs"], row.summary["category"]) == (0, "A0", "none")


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"KVP": "100"}, "100 kVp"),
        ({"KVP": None}, "KVP"),
        ({"ContrastBolusAgent": "Iomeron"}, "contrast agent"),
        ({"SliceThickness": "1.5"}, "1.5 mm thick"),
        ({"positions": [*range(0, 45, 3), *range(48, 93, 3)]}, "missing"),
    ],
)
def test_what_is_refused(user: User, practice: Practice, attributes: dict[str, Any], said: str) -> None:
    volume = scan(practice, **attributes)
    with pytest.raises(Conflict, match=said):
        asked(user, "calcium", volume=volume.pk, lesions=LESIONS)
    assert not Analysis.objects.exists()


def test_what_the_run_refuses(user: User, volume: Volume) -> None:
    nothing = [{"vessel": "LM", "point": [0, 0, -30]}]
    said = why_failed(asked(user, "calcium", volume=volume.pk, lesions=nothing))
    assert "no calcium within 3 mm of the point of lesion 1" in said


@pytest.mark.parametrize(
    ("reason", "said"),
    [("nothing-there", "lesion 2"), ("too-large", "bone"), ("in-two-vessels", "another vessel"), ("odd", "(odd)")],
)
def test_why_not_in_words(reason: str, said: str) -> None:
    assert said in words(Unanswerable(reason, number=2))


def test_segments_that_are_no_arteries(user: User, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    drawn = segmentation(practice, volume, tmp_path, has_names=False)
    said = why_failed(asked(user, "calcium", volume=volume.pk, segmentation=drawn.pk))
    assert "Name them LM, LAD, LCX and RCA" in said


def test_another_studys_segmentation(user: User, volume: Volume) -> None:
    with pytest.raises(Invalid) as error:
        asked(user, "calcium", volume=volume.pk, segmentation=99)
    assert error.value.errors[0][0] == "parameters.segmentation"


def test_by_rest(client: Client, stranger_client: Client, anonymous: Client, volume: Volume) -> None:
    url = reverse("api-study-analyses", args=[STUDY_UID])
    body = {"kind": "calcium", "parameters": {"volume": volume.pk, "regions": [NOWHERE]}}
    codes = [
        each.post(url, body, content_type="application/json").status_code
        for each in (client, stranger_client, anonymous)
    ]
    assert codes == [202, 404, 401]
    unsaid = client.post(url, {**body, "parameters": {"volume": volume.pk}}, content_type="application/json")
    assert unsaid.status_code == 400
    assert "LM, LAD, LCX or RCA" in unsaid.content.decode()


def why_failed(row: Analysis) -> str:
    """What people read, after its job."""
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert row.last_state == "failed"
    return row.reason


def valid(object_: pydicom.Dataset, folder: Path) -> list[str]:
    path = folder / "object.dcm"
    object_.save_as(path)
    return errors(path)


def bytes_of(object_: pydicom.Dataset) -> bytes:
    target = io.BytesIO()
    object_.save_as(target)
    return target.getvalue()


def groups_of(report: pydicom.Dataset) -> list[list[pydicom.Dataset]]:
    [measurements] = [each for each in report.ContentSequence if name(each) == "Imaging Measurements"]
    return [list(group.ContentSequence) for group in measurements.ContentSequence]


def name(item: pydicom.Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeMeaning) if "ConceptNameCodeSequence" in item else ""


def concept(item: pydicom.Dataset) -> str:
    return str(item.ConceptCodeSequence[0].CodeMeaning)


def number(item: pydicom.Dataset) -> float:
    return float(item.MeasuredValueSequence[0].NumericValue)
