"""Derived objects: conformant, in their place, exact to rounding, and of the patient and the study of their source."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from apps.volumes.derived.encoding import Encoding
from apps.volumes.derived.facts import MOST_NAMED, Source
from apps.volumes.derived.heritage import flattened
from apps.volumes.derived.objects import Calibration, panoramic_object, picture_object, plane_object
from apps.volumes.geometry.flags import Flag
from apps.volumes.resampling.planes import Projection, Slab
from tests.video.objects.validator import errors
from tests.volumes.derived.samples import (
    HU,
    IMAGE,
    PET,
    PLANE,
    PULSES,
    SOURCES,
    enhanced,
    facts,
    header,
    told,
    values_of,
)
from tests.volumes.series import ct_series

CT, MR, PT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.128"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
PICTURE = np.arange(5 * 5 * 3, dtype=np.uint8).reshape(5, 5, 3)
ONLY_COUNTS = Encoding(0.5, 0.0, "US")
SOURCES_OF: dict[str, tuple[dict[str, Any], Encoding, str]] = {
    "CT": (header(), HU, CT),
    "enhanced CT": (enhanced(), HU, CT),
    "MR": (header("MR", **PULSES), Encoding(1.0, 0.0), MR),
    "rescaled MR": (header("MR", **PULSES), ONLY_COUNTS, MR),
    "MR of unknown pulses": (header("MR"), Encoding(1.0, 0.0), CAPTURE),
    "PET": (header("PT", **PET), ONLY_COUNTS, PT),
    "gated PET": (header("PT", **{**PET, "SeriesType": ["GATED", "IMAGE"]}), ONLY_COUNTS, CAPTURE),
    "PET without a factor": (header("PT", **{**PET, "DecayFactor": None}), ONLY_COUNTS, CAPTURE),
    "bare": (header(PatientName=None, StudyDate=None, ConvolutionKernel=None, BodyPartExamined="JAW"), HU, CT),
}


def read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize("slab", [None, Slab(10, Projection.MAXIMUM)], ids=["plane", "slab"])
@pytest.mark.parametrize("name", SOURCES_OF)
def test_planes_are_conformant(name: str, slab: Slab | None, tmp_path: Path) -> None:
    source, encoding, sop_class = SOURCES_OF[name]
    series = facts(encoding, slab=slab, thickness=2.0, spacing=2.0, count=3)
    file = tmp_path / "plane.dcm"
    file.write_bytes(plane_object(source, IMAGE, PLANE, series=series, number=2, sources=SOURCES))
    assert pydicom.dcmread(file).SOPClassUID == sop_class
    assert errors(file) == []


@pytest.mark.parametrize("name", ["CT", "enhanced CT", "MR of unknown pulses", "PET"])
def test_panoramics_and_pictures_are_conformant(name: str, tmp_path: Path) -> None:
    source, encoding, _ = SOURCES_OF[name]
    files = {
        "panoramic": panoramic_object(source, IMAGE, Calibration(0.3, 0.4), series=facts(encoding), sources=SOURCES),
        "picture": picture_object(source, PICTURE, series=facts(encoding), number=1, sources=SOURCES),
    }
    for kind, data in files.items():
        file = tmp_path / f"{kind}.dcm"
        file.write_bytes(data)
        assert errors(file) == []


@pytest.mark.parametrize("name", SOURCES_OF)
def test_values_are_exact_to_rounding(name: str) -> None:
    source, encoding, _ = SOURCES_OF[name]
    made = read(plane_object(source, IMAGE, PLANE, series=facts(encoding), number=1))
    assert np.abs(values_of(made) - IMAGE).max() <= encoding.slope / 2 + 1e-4


def test_where_it_lies() -> None:
    slab = Slab(4, Projection.MEAN)
    series = facts(slab=slab, thickness=4.0, spacing=1.5)
    made = read(plane_object(header(), IMAGE, PLANE, series=series, number=1))
    assert made.ImagePositionPatient == pytest.approx(PLANE.origin, abs=1e-12)
    assert made.ImageOrientationPatient == [1, 0, 0, 0, 0, -1]
    assert made.PixelSpacing == pytest.approx([1 / 3, 0.7], abs=1e-14)
    assert (made.SliceThickness, made.SpacingBetweenSlices) == (4, 1.5)
    assert made.FrameOfReferenceUID == told(ct_series(np.zeros((1, 4, 4), np.int16))[0])["00200052"]["Value"][0]


def test_without_a_frame_of_reference_it_has_that_of_its_volume() -> None:
    source = header(FrameOfReferenceUID=None)
    first, second = (read(plane_object(source, IMAGE, PLANE, series=facts(), number=number)) for number in (1, 2))
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    assert first.FrameOfReferenceUID.is_valid


def test_what_it_is_of() -> None:
    series = facts(slab=Slab(10, Projection.MINIMUM), flags=(Flag.GANTRY_TILT, Flag.UNEVEN_SPACING))
    made = read(plane_object(header(), IMAGE, PLANE, series=series, number=7, sources=SOURCES))
    assert (made.PatientName, made.PatientID, made.StudyInstanceUID) == (
        "Doe^Jane", "P1", header()["0020000D"]["Value"][0],
    )  # fmt: skip
    assert (made.SeriesInstanceUID, made.InstanceNumber, made.SeriesDescription) == ("2.25.77", 7, "Coronal")
    assert made.ImageType == ["DERIVED", "SECONDARY", "AXIAL", "MINIP"]
    assert [each.ReferencedSOPInstanceUID for each in made.SourceImageSequence] == ["2.25.1", "2.25.2", "2.25.3"]
    assert [each.CodeValue for each in made.DerivationCodeSequence] == ["113072", "113079"]
    assert "Not quantifiable: uneven-spacing." in made.ImageComments
    assert "Geometry: gantry-tilt-corrected." in made.ImageComments
    assert "not a certified medical device" in made.ImageComments
    [equipment] = made.ContributingEquipmentSequence
    assert equipment.Manufacturer == "Fovea"


def test_the_same_is_made_again_and_each_image_has_a_name_of_its_own() -> None:
    files = [plane_object(header(), IMAGE, PLANE, series=facts(), number=number) for number in (1, 1, 2)]
    assert files[0] == files[1]
    assert read(files[0]).SOPInstanceUID != read(files[2]).SOPInstanceUID


def test_of_too_many_sources_the_first_and_the_last_are_named() -> None:
    many = [Source(CT, f"2.25.{number}") for number in range(1, MOST_NAMED + 2)]
    made = read(plane_object(header(), IMAGE, PLANE, series=facts(), number=1, sources=many))
    named = [each.ReferencedSOPInstanceUID for each in made.SourceImageSequence]
    assert named == ["2.25.1", f"2.25.{MOST_NAMED + 1}"]
    assert f"of {MOST_NAMED + 1} source images" in made.DerivationDescription


def test_frames_of_an_enhanced_source_are_named() -> None:
    sources = [Source(f"{CT}.1", "2.25.9", (2, 3))]
    made = read(plane_object(enhanced(), IMAGE, PLANE, series=facts(), number=1, sources=sources))
    [source] = made.SourceImageSequence
    assert source.ReferencedFrameNumber == [2, 3]
    assert made.ConvolutionKernel == "B30f"


def test_an_enhanced_source_speaks_for_its_frame() -> None:
    times = [
        {"00189114": {"vr": "SQ", "Value": [{"00189082": {"vr": "FD", "Value": [each]}}]}} for each in (14.5, 1e2 / 3)
    ]
    source = header("MR") | {
        "00080016": {"vr": "UI", "Value": [f"{MR}.1"]},
        "00189008": {"vr": "CS", "Value": ["GRADIENT"]},
        "00189009": {"vr": "CS", "Value": ["YES"]},
        "00189016": {"vr": "CS", "Value": ["RF"]},
        "52009230": {"vr": "SQ", "Value": times},
    }
    made = read(plane_object(flattened(source, 2), IMAGE, PLANE, series=facts(Encoding(1.0, 0.0)), number=1))
    assert (made.SOPClassUID, made.ScanningSequence, made.SequenceVariant) == (MR, ["GR", "IR"], "SP")
    assert str(made.EchoTime) == "33.3333333333333"
    assert made["InversionTime"].value is None


def test_what_is_dark_stays_dark() -> None:
    made = read(plane_object(header(PhotometricInterpretation="MONOCHROME1"), IMAGE, PLANE, series=facts(), number=1))
    assert made.PhotometricInterpretation == "MONOCHROME1"


@pytest.mark.filterwarnings("ignore:Value of data element")
def test_nonsense_is_not_said_again() -> None:
    source = header() | {
        "00180060": {"vr": "DS", "Value": ["much"]},
        "00281050": {"vr": "DS", "Value": [{}]},
        "00080020": {"vr": "DA", "BulkDataURI": "http://elsewhere"},
        "00200011": {"vr": "IS", "Value": [1e300]},
        "00100010": {"vr": "PN", "Value": [5]},
        "52009229": {"vr": "SQ", "Value": ["no item"]},
        "52009230": {"vr": "SQ", "Value": [7]},
    }
    made = read(plane_object(source, IMAGE, PLANE, series=facts(), number=1))
    assert made.PatientID == "P1"
    assert (made.StudyDate, made.KVP) == ("", None)


def test_a_panoramic_has_a_scale_and_no_place() -> None:
    made = read(panoramic_object(header(), IMAGE, Calibration(0.3, 0.4), series=facts()))
    assert (made.SOPClassUID, made.PixelSpacing) == (CAPTURE, [0.3, 0.4])
    assert (made.PixelSpacingCalibrationType, made.PatientOrientation) == ("GEOMETRY", ["L", "F"])
    assert "ImagePositionPatient" not in made
    assert "FrameOfReferenceUID" not in made
    assert np.abs(values_of(made) - IMAGE).max() <= 0.5


def test_a_picture_has_no_scale() -> None:
    made = read(picture_object(header(), PICTURE, series=facts(), number=1))
    assert np.array_equal(made.pixel_array, PICTURE)
    assert not {"PixelSpacing", "ImagePositionPatient", "RescaleSlope", "WindowCenter"} & set(made.dir())
