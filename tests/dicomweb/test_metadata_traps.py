"""What goes wrong in DICOM JSON elsewhere (PS3.18 F), trap by trap, at the metadata resource."""

import json
from typing import Any

import pytest
from django.test import Client
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.uid import ImplicitVRLittleEndian

from apps.accounts.models import Practice
from tests import dicoms
from tests.dicomweb.archive import body, keep, place


def metadata(practice: Practice, client: Client, data: bytes) -> dict[str, Any]:
    """What the server says of an object that has been stored."""
    keep(practice, data)
    answer = client.get(f"{place(data)}/metadata", HTTP_ACCEPT="application/dicom+json")
    [found] = json.loads(body(answer), parse_constant=_not_json)
    return dict(found)


def _not_json(text: str) -> None:
    raise AssertionError(f"{text} is no JSON.")


def raw(tag: int, vr: str, value: bytes) -> bytes:
    """An element of Explicit VR Little Endian with a short length, whatever its bytes say."""
    return (
        tag.to_bytes(4, "big")[1::-1]
        + tag.to_bytes(4, "big")[:1:-1]
        + vr.encode()
        + len(value).to_bytes(2, "little")
        + value
    )


def with_raw(*elements: bytes) -> bytes:
    """A slice with these elements in front of its image's description, in the order of their tags."""
    data = dicoms.ct_slice()
    at = data.index(b"\x28\x00\x02\x00US")
    return data[:at] + b"".join(elements) + data[at:]


def test_a_name_has_only_the_groups_that_are_not_empty(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.2."""
    found = metadata(
        practice, client, dicoms.ct_slice(SpecificCharacterSet="ISO_IR 192", PatientName="Yamada^Tarou=山田^太郎")
    )
    assert found["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]


def test_an_empty_element_has_no_value_member(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.5."""
    assert metadata(practice, client, dicoms.ct_slice(AccessionNumber=""))["00080050"] == {"vr": "SH"}


def test_an_empty_value_among_several_is_null(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.5."""
    found = metadata(practice, client, dicoms.ct_slice(ImageType=["ORIGINAL", "", "AXIAL"]))
    assert found["00080008"]["Value"] == ["ORIGINAL", None, "AXIAL"]


def test_an_empty_item_is_an_empty_object(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.5."""
    found = metadata(practice, client, dicoms.ct_slice(ReferencedImageSequence=[Dataset()]))
    assert found["00081140"]["Value"] == [{}]


def test_a_bad_decimal_string_stays_text(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.3."""
    found = metadata(practice, client, with_raw(raw(0x00201041, "DS", b"1,5 ")))
    assert found["00201041"]["Value"] == ["1,5"]


def test_numbers_that_json_has_not_are_text(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.3."""
    values = [float("nan"), float("inf"), float("-inf"), 1.5]
    found = metadata(practice, client, dicoms.ct_slice(RealWorldValueLUTData=values))
    assert found["00409212"]["Value"] == ["NaN", "Infinity", "-Infinity", 1.5]


def test_integers_beyond_53_bits_are_text(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.3."""
    dataset = dicoms.ct_dataset()
    dataset.add(DataElement(0x00720082, "SV", [2**60, 7]))
    assert metadata(practice, client, dicoms.part10(dataset))["00720082"]["Value"] == [str(2**60), 7]


def test_an_attribute_tag_is_eight_capital_digits(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.3."""
    found = metadata(practice, client, dicoms.ct_slice(FrameIncrementPointer=0x0018106A))
    assert found["00280009"]["Value"] == ["0018106A"]


def test_the_file_meta_information_and_group_lengths_are_left_out(practice: Practice, client: Client) -> None:
    """PS3.18 F.2."""
    found = metadata(practice, client, with_raw(raw(0x00280000, "UL", b"\x00\x01\x00\x00")))
    assert [tag for tag in found if tag.startswith("0002") or tag.endswith("0000")] == []
    assert list(found) == sorted(found)


def test_pixel_data_is_an_address_and_a_small_table_is_not(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.6."""
    dataset = dicoms.ct_dataset()
    dataset.add(DataElement(0x00281201, "OW", bytes(512)))
    found = metadata(practice, client, dicoms.part10(dataset))
    assert "InlineBinary" in found["00281201"]
    assert found["7FE00010"].keys() == {"vr", "BulkDataURI"}


def test_bulk_data_has_an_absolute_address_that_answers(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.6."""
    data = dicoms.ct_slice()
    address = metadata(practice, client, data)["7FE00010"]["BulkDataURI"]
    assert address.startswith("http://testserver/dicom-web/")
    assert body(client.get(address, HTTP_ACCEPT="application/octet-stream")) == data[-64 * 64 * 2 :]


def test_an_unknown_private_element_is_kept_with_its_creator(practice: Practice, client: Client) -> None:
    """PS3.18 F.2.6; PS3.5 7.8."""
    dataset = dicoms.ct_dataset()
    dataset.private_block(0x0019, "ACME 1.1", create=True).add_new(0x01, "UN", b"\x01\x02")
    found = metadata(practice, client, dicoms.part10(dataset, ImplicitVRLittleEndian))
    assert found["00190010"]["Value"] == ["ACME 1.1"]
    assert found["00191001"] == {"vr": "UN", "InlineBinary": "AQI="}


@pytest.mark.parametrize("name", ["张^伟".encode("gbk"), b"M\xfcller^J ", b"\xff\xfe\x81 "])
def test_a_wrong_character_set_still_gives_valid_json(practice: Practice, client: Client, name: bytes) -> None:
    """PS3.18 8.8."""
    padded = name + b" " * (len(name) % 2)
    data = dicoms.ct_slice(SpecificCharacterSet="ISO_IR 100", PatientName="X" * len(padded))
    found = metadata(practice, client, data.replace(b"X" * len(padded), padded))
    assert found["00080005"]["Value"] == ["ISO_IR 192"]
    assert found["00100010"]["Value"][0]["Alphabetic"]
