"""The DICOM objects that pictures become: their modules, their codes, their pixels."""

import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.sr import _cid_dict
from pydicom.sr._concepts_dict import concepts

from apps.core.errors import Invalid
from apps.practice.models import XrayType
from apps.practice.xrays import pictures, teeth
from apps.practice.xrays.kinds import KINDS
from apps.practice.xrays.objects import Person, Place, Shown
from tests.practice.xrays.images import colours, encoded, noise, shades

TAKEN = datetime(2024, 5, 6, 9, 30, tzinfo=UTC)
GREY_COLOURS = np.repeat(shades()[:, :, None], 3, axis=2)
PICTURES = {
    "grey JPEG": encoded(shades(), "JPEG"),
    "colour JPEG": encoded(colours(), "JPEG"),
    "grey in colour": encoded(GREY_COLOURS, "JPEG"),
    "colour PNG": encoded(colours(), "PNG"),
    "16 bits": encoded(shades().astype("u2") * 257, "PNG"),
    "grey TIFF": encoded(shades(), "TIFF"),
}


def built(data: bytes, kind: XrayType, **facts: Any) -> bytes:
    shown = Shown(KINDS[kind], TAKEN, **facts)
    framed = pictures.frame(data, pictures.look(data), shown.kind)
    person = Person("Rossi^Élise", "K-7", "19840302", "F")
    return b"".join(pictures.file_pieces(person, Place("1.2.3", "1.2.3.4", "1.2.3.4.5", 2, 7), shown, framed))


def read(data: bytes, kind: XrayType, **facts: Any) -> pydicom.FileDataset:
    return pydicom.dcmread(BytesIO(built(data, kind, **facts)))


@pytest.mark.parametrize("kind", XrayType)
@pytest.mark.parametrize("name", PICTURES)
def test_what_others_read(kind: XrayType, name: str) -> None:
    dataset = read(PICTURES[name], kind)
    assert (dataset.PatientName, dataset.PatientID, dataset.PatientSex) == ("Rossi^Élise", "K-7", "F")
    assert (dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber) == (KINDS[kind].picture_modality, 2, 7)
    assert (dataset.AcquisitionDate, dataset.AcquisitionTime) == ("20240506", "093000")
    assert dataset.pixel_array.shape[:2] == (40, 60)


@pytest.mark.parametrize("kind", XrayType)
@pytest.mark.parametrize("name", PICTURES)
def test_it_is_valid(kind: XrayType, name: str, tmp_path: Path) -> None:
    """dicom3tools knows the modules of each class by heart."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy, of the package dicom3tools, is not here")
    file = tmp_path / "a.dcm"
    file.write_bytes(built(PICTURES[name], kind, teeth=("16", "46"), notes="Ångström"))
    said = subprocess.run(["dciodvfy", "-new", file], capture_output=True, text=True, check=False)
    assert not [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]


def test_grey_pixels_are_the_pictures(tmp_path: Path) -> None:
    assert np.array_equal(read(encoded(noise(), "PNG"), XrayType.PERIAPICAL).pixel_array, noise())
    wide = noise().astype("u2") * 211
    assert np.array_equal(read(encoded(wide, "PNG"), XrayType.PERIAPICAL).pixel_array, wide)


def test_a_jpeg_is_said_to_have_lost_something() -> None:
    as_it_is = read(PICTURES["grey JPEG"], XrayType.BITEWING)
    anew = read(PICTURES["grey in colour"], XrayType.BITEWING)
    for dataset in (as_it_is, anew):
        assert (dataset.LossyImageCompression, dataset.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert anew.SamplesPerPixel == 1
    assert read(PICTURES["16 bits"], XrayType.BITEWING).LossyImageCompression == "00"


def test_a_camera_held_sideways() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    dataset = read(encoded(colours(), "JPEG", exif=exif), XrayType.PHOTO)
    assert (dataset.Rows, dataset.Columns) == (60, 40)
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.80"


@pytest.mark.parametrize("mode", ["P", "CMYK", "LA", "RGBA", "1"])
def test_other_modes_become_grey_or_rgb(mode: str) -> None:
    out = BytesIO()
    Image.fromarray(colours()).convert(mode).save(out, "TIFF" if mode != "P" else "PNG")
    dataset = read(out.getvalue(), XrayType.PHOTO)
    assert dataset.PhotometricInterpretation == ("MONOCHROME2" if mode in ("LA", "1") else "RGB")


def test_an_icc_profile_goes_along() -> None:
    dataset = read(encoded(colours(), "JPEG", icc_profile=b"a profile of colours"), XrayType.PHOTO)
    assert dataset.ICCProfile == b"a profile of colours"


def test_lengths_are_known_or_seen_to_be_none() -> None:
    assert read(PICTURES["grey JPEG"], XrayType.PANORAMIC).ImagerPixelSpacing == [1, 1]
    assert read(PICTURES["grey JPEG"], XrayType.PANORAMIC, spacing=0.1).ImagerPixelSpacing == [0.1, 0.1]


def test_teeth_are_coded() -> None:
    dataset = read(PICTURES["grey JPEG"], XrayType.PERIAPICAL, teeth=("16", "17"))
    assert [item.CodeValue for item in dataset.PrimaryAnatomicStructureSequence] == ["865995000", "863902006"]
    assert dataset.ImageLaterality == "R"


def test_codes_are_the_standards() -> None:
    groups = (4009, 4010, 4016, 4018, 4019, 4028, 4063, 4)
    known = {code for cid in groups for code in _codes(cid)}
    used = [code for kind in KINDS.values() for code in (kind.region, kind.view) if code]
    for code in (*teeth.CODES.values(), *used):
        assert code.value in known or code.meaning == "Mouth", code
    assert len({code.value for code in teeth.CODES.values()}) == 52


@pytest.mark.parametrize(
    ("text", "numbers"), [("16", ("16",)), ("16, 17 46", ("16", "17", "46")), ("", ()), ("16,16", ("16",))]
)
def test_teeth_as_people_write_them(text: str, numbers: tuple[str, ...]) -> None:
    assert teeth.parse(text) == numbers


@pytest.mark.parametrize("text", ["19", "A", "16-18", "56"])
def test_no_such_teeth(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        teeth.parse(text)
    assert refused.value.errors[0][0] == "teeth"


def _codes(cid: int) -> set[str]:
    named = _cid_dict.cid_concepts.get(cid, {})
    return {code for scheme, names in named.items() for name in names for code in concepts[scheme][name]}
