"""Corrected files in every encoding: what pydicom reads of them, and that they say what the metadata say."""

from io import BytesIO
from typing import Any

import pydicom
import pytest
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.corrections import verbs
from apps.archive.models import Patient
from apps.dicom.reader import read
from tests import dicoms
from tests.corrections.conftest import file_bytes, metadata
from tests.dicomweb.archive import ROOT, body, keep, place

pytestmark = pytest.mark.django_db
LATER = "00083002"


def japanese() -> bytes:
    """A slice whose names are in a character set with code extensions, also inside a sequence."""
    data_set = dicoms.ct_dataset(
        SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう"
    )
    item = Dataset()
    item.PatientName = "Yamada^Hanako=山田^花子"
    data_set.ReferencedPatientSequence = Sequence([item])
    data_set.InstitutionName = "東京病院"
    return dicoms.part10(data_set)


def of_ge() -> bytes:
    """A slice with private elements before and after its pixels."""
    data_set = dicoms.ct_dataset(SpecificCharacterSet="ISO_IR 100", InstitutionName="Krankenhaus Köln")
    block = data_set.private_block(0x0009, "GEMS_IDEN_01", create=True)
    block.add_new(0x02, "SH", "Zürich")
    block.add_new(0x27, "SL", 12345)
    after = data_set.private_block(0x7FE1, "GEMS_TAIL", create=True)
    after.add_new(0x01, "LO", "Grüße")
    after.add_new(0x02, "UN", b"\x01\x02\xff\x00")
    return dicoms.part10(data_set)


OBJECTS = {
    "explicit": dicoms.ct_slice(),
    "implicit": dicoms.ct_slice(transfer_syntax=ImplicitVRLittleEndian),
    "big endian": dicoms.ct_slice(transfer_syntax=ExplicitVRBigEndian),
    "deflated": dicoms.ct_slice(transfer_syntax=DeflatedExplicitVRLittleEndian),
    "encapsulated": dicoms.encapsulated([dicoms.jpeg_like(64), dicoms.jpeg_like(80, 2)]),
    "fragments": dicoms.encapsulated([dicoms.jpeg_like(64)] * 2, fragments_per_frame=2, offset_table="empty"),
    "extended offsets": dicoms.encapsulated([dicoms.jpeg_like(64)] * 2, offset_table="extended"),
    "multi-frame": dicoms.multi_frame(3),
    "odd length": dicoms.bit_packed(3),
    "document": dicoms.encapsulated_pdf(),
    "japanese": japanese(),
    "private": of_ge(),
    "latin": dicoms.ct_slice(SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Zoë"),
    "without character set": dicoms.ct_slice(SpecificCharacterSet=None),
}
NAMES = ("Smith^Jane", "Żółć^Ądam=山田^太郎")


@pytest.fixture(params=OBJECTS, ids=str)
def stored(request: pytest.FixtureRequest, practice: Practice) -> bytes:
    data = OBJECTS[request.param]
    keep(practice, data)
    return data


def correct(nora: Principal, **typed: Any) -> None:
    verbs.edit_patient(nora, Patient.objects.get().pk, typed, "it was wrong")


def read_anew(data: bytes) -> dict[str, Any]:
    """The header as the reader of the archive has it, bulk data aside."""
    return _without_bulk(read(data).attributes)


def _without_bulk(attributes: dict[str, Any]) -> dict[str, Any]:
    return {tag: element for tag, element in attributes.items() if "BulkDataURI" not in element and tag != LATER}


@pytest.mark.parametrize("name", NAMES)
def test_file_and_metadata_agree(client: Client, nora: Principal, stored: bytes, name: str) -> None:
    correct(nora, patient_name=name, other_patient_ids=["X1", "X2"])
    where = place(stored).removeprefix(f"{ROOT}/")
    data = file_bytes(client, where)
    (header,) = metadata(client, where)
    assert read_anew(data) == _without_bulk(header)


@pytest.mark.parametrize("name", NAMES)
def test_pydicom_reads_the_name_and_all_else_as_it_was(
    client: Client, nora: Principal, stored: bytes, name: str
) -> None:
    before = pydicom.dcmread(BytesIO(stored))
    correct(nora, patient_name=name)
    after = pydicom.dcmread(BytesIO(file_bytes(client, place(stored).removeprefix(f"{ROOT}/"))))
    assert str(after.PatientName) == name
    previous = after.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientName
    assert str(previous) == str(before.PatientName)
    changed = {"PatientName", "SpecificCharacterSet", "OriginalAttributesSequence", "PixelData"}
    for element in before:
        if element.keyword not in changed:
            assert after[element.tag].value == element.value, element.keyword


@pytest.mark.parametrize("name", NAMES)
def test_pixels_and_frames_stay(client: Client, nora: Principal, stored: bytes, name: str) -> None:
    before = pydicom.dcmread(BytesIO(stored))
    if "PixelData" not in before:
        return
    frame = f"{place(stored)}/frames/1"
    headers = {"accept": 'multipart/related; type="*/*"; transfer-syntax=*'}
    first = client.get(frame, headers=headers)
    correct(nora, patient_name=name)
    second = client.get(frame, headers=headers)
    assert first["ETag"] == second["ETag"]
    after = pydicom.dcmread(BytesIO(file_bytes(client, place(stored).removeprefix(f"{ROOT}/"))))
    if before.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        assert (after.pixel_array == before.pixel_array).all()
    else:
        assert after.PixelData == before.PixelData


def test_an_encapsulated_file_stays_in_its_transfer_syntax(client: Client, nora: Principal, practice: Practice) -> None:
    data = OBJECTS["encapsulated"]
    keep(practice, data)
    correct(nora, patient_name="Smith^Jane")
    after = pydicom.dcmread(BytesIO(file_bytes(client, place(data).removeprefix(f"{ROOT}/"))))
    assert after.file_meta.TransferSyntaxUID == JPEGBaseline8Bit


@pytest.mark.parametrize("kind", ["implicit", "big endian", "deflated"])
def test_other_native_files_leave_in_explicit_little_endian(
    client: Client, nora: Principal, practice: Practice, kind: str
) -> None:
    data = OBJECTS[kind]
    keep(practice, data)
    correct(nora, patient_name="Smith^Jane")
    for accept in ("application/dicom", "application/dicom; transfer-syntax=*", "*/*"):
        response = client.get(place(data), headers={"accept": accept})
        assert ExplicitVRLittleEndian in body(response).decode("latin-1")
    refused = client.get(
        place(data), headers={"accept": f"application/dicom; transfer-syntax={ImplicitVRLittleEndian}"}
    )
    assert refused.status_code == 406


def test_ranges_are_pieces_of_the_corrected_file(client: Client, nora: Principal, practice: Practice) -> None:
    data = OBJECTS["big endian"]
    keep(practice, data)
    correct(nora, patient_name="Smith^Jane")
    whole = file_bytes(client, place(data).removeprefix(f"{ROOT}/"))
    for start, end in ((0, 9), (130, 2000), (len(whole) - 5000, len(whole) - 3), (len(whole) - 1, len(whole) - 1)):
        headers = {"accept": "application/dicom", "range": f"bytes={start}-{end}"}
        response = client.get(place(data), headers=headers)
        assert (response.status_code, body(response)) == (206, whole[start : end + 1])


def test_each_correction_has_an_etag_of_its_own(client: Client, nora: Principal, practice: Practice) -> None:
    data = OBJECTS["explicit"]
    keep(practice, data)
    headers = {"accept": "application/dicom"}
    tags = [client.get(place(data), headers=headers)["ETag"]]
    for name in ("Smith^Jane", "Smyth^Jane"):
        correct(nora, patient_name=name)
        tags.append(client.get(place(data), headers=headers)["ETag"])
    assert len(set(tags)) == 3


def test_every_way_out_is_corrected(client: Client, nora: Principal, practice: Practice) -> None:
    data = OBJECTS["explicit"]
    keep(practice, data)
    correct(nora, patient_name="Smith^Jane")
    study = place(data).partition("/series/")[0]
    series = place(data).partition("/instances/")[0]
    uids = [part for part in place(data).split("/") if part[:1].isdigit()]
    query = dict(zip(("studyUID", "seriesUID", "objectUID"), uids, strict=True))
    wado = {"requestType": "WADO", "contentType": "application/dicom", **query}
    answers = [
        *(client.get(address) for address in (study, series, place(data))),
        client.get(study, headers={"accept": "application/zip"}),
        client.get("/wado", wado),
        client.get(f"{study}/metadata", headers={"accept": 'multipart/related; type="application/dicom+xml"'}),
        client.get(place(data), headers={"accept": "application/dicom; transfer-syntax=1.2.840.10008.1.2.5"}),
    ]
    for answer in answers:
        text = body(answer)
        assert b"Smith" in text
        assert text.count(b"Doe^Jane") <= 1
