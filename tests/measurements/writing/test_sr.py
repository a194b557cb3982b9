"""Reports that are written: valid, read again as they were, and laid out as OHIF reads them."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.dicom.reader import read
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import concepts, tools
from apps.measurements.content.groups import Coordinates, Evaluation, Group, Report, SegmentReference, Value
from apps.measurements.content.reading import report_of
from apps.measurements.writing.sr import (
    COMPREHENSIVE,
    COMPREHENSIVE_3D,
    Evidence,
    Observer,
    ReportSeries,
    report_object,
)
from tests import dicoms
from tests.video.objects.validator import errors

CT = dicoms.CTImageStorage
IMAGE, SEG = dicoms.uid(1, 1, 1), dicoms.uid(7, 1)
# Of single bits: dicom3tools of 2022 does not know label maps, and says that they have no segments.
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
HEADER = read(dicoms.ct_slice()).attributes
STUDY = dicoms.STUDY_UID
EVIDENCE = (Evidence(STUDY, dicoms.SERIES_UID, CT, IMAGE), Evidence(STUDY, dicoms.uid(7), SEGMENTATION, SEG))
SERIES = ReportSeries(dicoms.uid(8), dicoms.uid(8, 1), "Measurements", 42)
LINE = Coordinates("POLYLINE", ((10.5, 20.5), (40.25, 60.75)), CT, IMAGE)
LENGTH = Group(
    tracking_uid=dicoms.uid(5, 1),
    tracking_identifier=tools.identifier_of(tools.LENGTH),
    tool=tools.LENGTH,
    label="Knoten, größter",
    finding=concepts.LESION,
    sites=(Code("Lung", "39607008", "SCT"),),
    values=(Value(concepts.LENGTH, 49.8765432109876543, concepts.MILLIMETRE, coordinates=(LINE,)),),
)
LUNG = Group(
    tracking_uid=dicoms.uid(5, 2),
    tracking_identifier="Left lung",
    values=(
        Value(concepts.VOLUME, 1 / 3, concepts.MILLILITRE),
        Value(concepts.ATTENUATION, -812.25, concepts.HOUNSFIELD, derivation=concepts.MEAN),
    ),
    segment=SegmentReference(SEGMENTATION, SEG, 2, dicoms.SERIES_UID),
)
IN_PATIENT = Group(
    tracking_uid=dicoms.uid(5, 3),
    tracking_identifier="Somewhere",
    evaluations=(
        Evaluation(Code("Level of Significance", "121403", "DCM"), code=Code("Not significant", "371928007", "SCT")),
        Evaluation(Code("Calibration", "122505", "DCM"), text="As it came"),
    ),
    coordinates=(Coordinates("POINT", ((1.5, -2.0, 3.25),), frame_of_reference_uid=dicoms.uid(6)),),
)


PERSON = Observer("Ray^Xavier")


def written(*groups: Group, observer: Observer = PERSON) -> bytes:
    return report_object(HEADER, groups, series=SERIES, evidence=EVIDENCE, observer=observer)


def read_again(file: bytes) -> Report:
    found = report_of(read(file).attributes)
    assert found is not None
    return found


def test_what_is_written_is_read_again() -> None:
    found = read_again(written(LENGTH, LUNG, IN_PATIENT))
    assert found.groups == (LENGTH, LUNG, IN_PATIENT)
    assert (found.observer, found.is_machine_made, found.is_verified) == ("Ray^Xavier", False, False)
    assert found.title == concepts.MEASUREMENT_REPORT


def test_the_same_measurements_are_the_same_object() -> None:
    assert written(LENGTH, LUNG) == written(LENGTH, LUNG)


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).map(
    lambda text: " ".join(text.replace("\\", "/").split())
)
SHORT = st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=30)
CODES = st.builds(Code, TEXTS.filter(bool), SHORT, st.sampled_from(["SCT", "DCM", "99TEST"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FLOATS = st.floats(0, 4096, width=32)
POINTS = st.lists(st.tuples(FLOATS, FLOATS), min_size=2, max_size=6).map(tuple)
REGIONS = st.builds(
    Coordinates, st.just("POLYLINE"), POINTS, st.just(CT), st.just(IMAGE), st.integers(0, 3), st.just("")
)
VALUES = st.builds(Value, CODES, NUMBERS, CODES, st.just(NO_CODE) | CODES, st.lists(REGIONS, max_size=2).map(tuple))
GROUPS = st.builds(
    Group,
    tracking_uid=st.integers(1, 10**9).map(lambda number: dicoms.uid(5, number)),
    tracking_identifier=TEXTS.filter(bool),
    label=st.just("") | TEXTS,
    finding=st.just(NO_CODE) | CODES,
    sites=st.lists(CODES, max_size=2).map(tuple),
    values=st.lists(VALUES, max_size=3).map(tuple),
    coordinates=st.lists(REGIONS, max_size=1).map(tuple),
    segment=st.none()
    | st.builds(SegmentReference, st.just(SEGMENTATION), st.just(SEG), st.integers(1, 255), st.just(dicoms.SERIES_UID)),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(GROUPS, min_size=1, max_size=3))
def test_any_groups_are_read_as_they_were_written(groups: list[Group]) -> None:
    assert read_again(written(*groups)).groups == tuple(groups)


def test_numbers_stand_in_sixteen_characters_too() -> None:
    """For who reads Numeric Value alone: to a millionth."""
    for number in (49.8765432109876543, -1 / 3, 1e-12, 123456789.123456789, -1.23456789e-7, 0.0, 5.0):
        group = replace(LENGTH, values=(replace(LENGTH.values[0], value=number),))
        item = groups_of(written(group))[0].ContentSequence[-2]
        measured = item.MeasuredValueSequence[0]
        assert len(str(measured.NumericValue)) <= 16
        assert float(measured.NumericValue) == pytest.approx(number, rel=1e-6)
        assert ("FloatingPointValue" in measured) == (float(str(measured.NumericValue)) != number)


def groups_of(file: bytes) -> list[pydicom.Dataset]:
    report = pydicom.dcmread(io.BytesIO(file))
    return list(report.ContentSequence[-1].ContentSequence)


def test_the_layout_that_ohif_reads() -> None:
    """Texts as it looks for them, the region as the only SCOORD of the first number, with one image."""
    report = pydicom.dcmread(io.BytesIO(written(LENGTH)))
    assert report.ConceptNameCodeSequence[0].CodeValue == "126000"
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    imaging = report.ContentSequence[-1]
    assert imaging.ConceptNameCodeSequence[0].CodeMeaning == "Imaging Measurements"
    [group] = imaging.ContentSequence
    assert group.ConceptNameCodeSequence[0].CodeMeaning == "Measurement Group"
    names = [item.ConceptNameCodeSequence[0].CodeMeaning for item in group.ContentSequence]
    assert names == [
        "Tracking Identifier",
        "Tracking Unique Identifier",
        "Finding",
        "Finding Site",
        "Length",
        "Comment",
    ]
    assert group.ContentSequence[0].TextValue == "Cornerstone3DTools@^0.1.0:Length"
    number = group.ContentSequence[4]
    assert number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    [region] = number.ContentSequence
    assert (region.RelationshipType, region.ValueType, region.GraphicType) == ("INFERRED FROM", "SCOORD", "POLYLINE")
    assert list(region.GraphicData) == np.ravel(LINE.points).tolist()
    [image] = region.ContentSequence
    assert (image.RelationshipType, image.ValueType) == ("SELECTED FROM", "IMAGE")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == IMAGE
    assert "ReferencedFrameNumber" not in image.ReferencedSOPSequence[0]


def test_a_tool_keeps_a_name_behind_its_own() -> None:
    [group] = groups_of(written(replace(LENGTH, tracking_identifier="Lesion 3")))
    assert group.ContentSequence[0].TextValue == "Cornerstone3DTools@^0.1.0:Length:Lesion 3"


def test_patient_and_study_are_those_of_the_images() -> None:
    report, image = pydicom.dcmread(io.BytesIO(written(LENGTH))), dicoms.ct_dataset()
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "StudyDate"):
        assert report.get(keyword) == image.get(keyword), keyword
    assert (report.Modality, report.SeriesNumber, report.SeriesDescription) == ("SR", 42, "Measurements")
    assert not {"WindowCenter", "PixelSpacing", "FrameOfReferenceUID", "ImageType"} & set(report.dir())
    [study] = report.CurrentRequestedProcedureEvidenceSequence
    assert [series.SeriesInstanceUID for series in study.ReferencedSeriesSequence] == [dicoms.SERIES_UID, dicoms.uid(7)]


def test_a_machine_says_that_it_is_one() -> None:
    file = written(LUNG, observer=Observer("lung", is_device=True, version="1"))
    report, found = pydicom.dcmread(io.BytesIO(file)), read_again(file)
    assert (report.VerificationFlag, report.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert (found.observer, found.is_machine_made) == ("lung", True)
    assert "Not a certified medical device" in report.ContributingEquipmentSequence[0].ContributionDescription
    assert "PreliminaryFlag" not in pydicom.dcmread(io.BytesIO(written(LENGTH)))


def test_evidence_of_another_study_is_other_evidence() -> None:
    other = Evidence(dicoms.uid(99), dicoms.uid(99, 1), CT, dicoms.uid(99, 1, 1))
    report = pydicom.dcmread(
        io.BytesIO(
            report_object(HEADER, [LENGTH], series=SERIES, evidence=(*EVIDENCE, other), observer=Observer("A^B"))
        )
    )
    [study] = report.PertinentOtherEvidenceSequence
    assert study.StudyInstanceUID == dicoms.uid(99)


@pytest.mark.parametrize(
    ("groups", "sop_class"),
    [((LENGTH,), COMPREHENSIVE), ((LUNG,), COMPREHENSIVE), ((LENGTH, LUNG, IN_PATIENT), COMPREHENSIVE_3D)],
)
@pytest.mark.parametrize("observer", [PERSON, Observer("lung", is_device=True, version="1")])
def test_a_validator_finds_no_error(
    tmp_path: Path, groups: tuple[Group, ...], sop_class: str, observer: Observer
) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(written(*groups, observer=observer))
    assert errors(path) == []
    assert pydicom.dcmread(path).SOPClassUID == sop_class


def test_highdicom_reads_it_as_the_template() -> None:
    sr = pytest.importorskip("highdicom.sr")
    content = sr.srread(io.BytesIO(written(LENGTH, LUNG))).content
    [length] = content.get_image_measurement_groups()
    assert length.tracking_uid == LENGTH.tracking_uid
    assert length.get_measurements()[0].value == pytest.approx(LENGTH.values[0].value)
    [lung] = content.get_volumetric_roi_measurement_groups()
    assert lung.referenced_segment[0].ReferencedSOPSequence[0].ReferencedSegmentNumber == 2


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"tracking_uid": ""}, "Tracking UID"),
        ({"values": (Value(concepts.LENGTH, float("nan"), concepts.MILLIMETRE),)}, "finite"),
        ({"coordinates": (replace(LINE, sop_instance_uid=dicoms.uid(1, 2)),)}, "evidence"),
        ({"segment": SegmentReference(SEGMENTATION, dicoms.uid(7, 2), 1, dicoms.SERIES_UID)}, "evidence"),
        ({"segment": SegmentReference(SEGMENTATION, SEG, 1)}, "series"),
        ({"coordinates": (replace(LINE, graphic_type="ELLIPSE"),)}, "ELLIPSE of 2"),
        ({"coordinates": (replace(LINE, graphic_type="POLYGON"),)}, "POLYGON"),
        ({"coordinates": (replace(LINE, points=((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))),)}, "2 finite"),
        ({"coordinates": (Coordinates("CIRCLE", ((1.0,) * 3,) * 2, frame_of_reference_uid="1.2"),)}, "CIRCLE"),
        ({"finding": Code("Nothing")}, "value and a scheme"),
    ],
)
def test_what_no_report_can_say_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        written(replace(LENGTH, **changed))


def test_a_report_has_groups() -> None:
    with pytest.raises(ValueError, match="groups"):
        written()
    with pytest.raises(ValueError, match="groups"):
        written(*[LENGTH] * 1001)
