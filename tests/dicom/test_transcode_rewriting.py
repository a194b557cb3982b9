"""Data sets of every encoding as Explicit VR Little Endian: read again they say the same."""

from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from apps.dicom.errors import Unreadable
from apps.dicom.pixel_value import encapsulated_element, native_element
from apps.dicom.reader import Header, read
from apps.dicom.representation import form_in
from apps.dicom.rewriting import rewrite
from apps.dicom.syntax import EXPLICIT_BIG, declared_encoding, found_encoding
from tests import dicoms
from tests.dicom.test_transcode import grey

SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian)


def rich(**overrides: Any) -> Dataset:
    """A CT slice with nested sequences, private elements, numbers of every width, and text in another alphabet."""
    dataset = dicoms.ct_dataset(SpecificCharacterSet="ISO_IR 144", PatientName="Жук^Юлия", **overrides)
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99X", "odd"
    inner = Dataset()
    inner.PurposeOfReferenceCodeSequence = Sequence([item, item])
    inner.ReferencedSOPInstanceUID = "1.2.3"
    dataset.SourceImageSequence = Sequence([inner])
    dataset.ReferencedStudySequence = Sequence([])
    dataset.SmallestImagePixelValue = -5 if overrides.get("PixelRepresentation") else 5
    # Words that are the same in both orders: pydicom writes the bytes of OW as it is given them.
    dataset.RedPaletteColorLookupTableData = b"\x01\x01\x02\x02"
    dataset.FrameIncrementPointer = [0x00181063, 0x00181065]
    dataset.EventElapsedTimes = ["1.5", "2"]
    dataset.TagAngleFirstAxis = 1.25
    block = dataset.private_block(0x0029, "Acme 1", create=True)
    block.add_new(0x01, "FD", [1.5, -2.25])
    block.add_new(0x02, "SH", "odd")
    return dataset


def json_of(data: bytes) -> dict[str, Any]:
    return dcmread(BytesIO(data)).to_json_dict(bulk_data_threshold=1 << 30)


def rewritten(data: bytes) -> tuple[dict[str, bytes], Header]:
    header = read(data)
    assert header.pixel_data
    start = header.dataset_offset
    encoding = found_encoding(data, start, declared_encoding(header.transfer_syntax_uid))
    return rewrite(data, start, header.pixel_data.offset, encoding, header.attributes), header


def as_explicit(data: bytes) -> bytes:
    """The object as a file in Explicit VR Little Endian, without its pixels."""
    elements, _ = rewritten(data)
    head = dicoms.ct_slice()[: read(dicoms.ct_slice()).dataset_offset]
    return head + b"".join(elements.values())


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_data_set_says_the_same_in_explicit_little_endian(syntax: str, signed: int) -> None:
    dataset = rich(PixelRepresentation=signed)
    expected = json_of(dicoms.part10(dataset, ExplicitVRLittleEndian))
    found = json_of(as_explicit(dicoms.part10(dataset, syntax)))
    expected.pop("7FE00010")
    if syntax == ImplicitVRLittleEndian:
        # Nobody can know the VR of a private element there (PS3.5 6.2.2).
        for tag in ("00291001", "00291002"):
            assert found.pop(tag)["vr"] == "UN"
            expected.pop(tag)
    assert found == expected


def test_a_value_too_long_for_its_vr_becomes_unknown() -> None:
    data = dicoms.part10(dicoms.ct_dataset(ImageComments="x" * 70_000), ImplicitVRLittleEndian)
    dataset = dcmread(BytesIO(as_explicit(data)))
    raw = dataset.get_item("ImageComments")
    assert raw is not None
    assert (raw.VR, len(raw.value)) == ("UN", 70_000)


def test_text_keeps_its_bytes_however_wrong_its_character_set_is() -> None:
    data = dicoms.ct_slice(PatientName="Doe^Jane").replace(b"Doe^Jane", b"D\xff\xfe^Jane")
    elements, _ = rewritten(data)
    assert elements["00100010"].endswith(b"D\xff\xfe^Jane")


def test_an_icon_that_is_compressed_goes_with_its_transfer_syntax() -> None:
    icon = Dataset()
    icon.Rows, icon.Columns, icon.BitsAllocated = 1, 1, 8
    icon.PixelData = (
        b"\xfe\xff\x00\xe0\x00\x00\x00\x00\xfe\xff\x00\xe0\x02\x00\x00\x00\xff\xd8\xfe\xff\xdd\xe0" + bytes(4)
    )
    icon["PixelData"].VR = "OB"
    icon["PixelData"].is_undefined_length = True
    data = dicoms.encapsulated([dicoms.jpeg_like()], IconImageSequence=Sequence([icon]))
    elements, header = rewritten(data)
    assert "00880200" in header.attributes
    assert "00880200" not in elements
    assert "00280010" in elements


@given(st.data())
def test_broken_bytes_raise_nothing_else(choices: st.DataObject) -> None:
    data = bytearray(dicoms.part10(rich(), ExplicitVRBigEndian))
    header = read(bytes(data))
    assert header.pixel_data
    places = st.integers(header.dataset_offset, header.pixel_data.offset - 1)
    for place in choices.draw(st.lists(places, min_size=1, max_size=8)):
        data[place] = choices.draw(st.integers(0, 255))
    with suppress(Unreadable):
        rewrite(bytes(data), header.dataset_offset, header.pixel_data.offset, EXPLICIT_BIG, {})


@given(frames=st.lists(st.integers(0, (1 << 25) - 1), min_size=1, max_size=6))
def test_frames_of_single_bits_lie_end_to_end(frames: list[int]) -> None:
    description = replace(grey(5, 5, 8), bits_allocated=1, bits_stored=1, high_bit=0)
    element = b"".join(native_element((number.to_bytes(4, "little") for number in frames), description, len(frames)))
    bits = sum(number << 25 * place for place, number in enumerate(frames))
    assert int.from_bytes(element[12:], "little") == bits
    assert int.from_bytes(element[8:12], "little") == len(element) - 12
    assert len(element) % 2 == 0


def test_compressed_frames_are_fragments_of_even_length() -> None:
    element = b"".join(encapsulated_element([b"abc", b"de"]))
    assert element[12:20] == b"\xfe\xff\x00\xe0" + bytes(4)
    assert element[20:32] == b"\xfe\xff\x00\xe0\x04\x00\x00\x00abc\0"
    assert element.endswith(b"\x02\x00\x00\x00de\xfe\xff\xdd\xe0" + bytes(4))


def test_native_pixels_keep_their_form() -> None:
    assert form_in(grey(2, 2, 12), "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1") == grey(2, 2, 12)


def test_the_words_of_big_endian_bulk_are_put_in_order() -> None:
    dataset = dicoms.ct_dataset(RedPaletteColorLookupTableData=b"\x01\x02\x03\x04")
    elements, _ = rewritten(dicoms.part10(dataset, ExplicitVRBigEndian))
    assert elements["00281201"][-4:] == b"\x02\x01\x04\x03"
