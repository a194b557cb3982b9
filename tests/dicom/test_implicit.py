"""Explicit VR as Implicit VR: pydicom reads the same from both."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.filereader import read_dataset
from pydicom.uid import ExplicitVRLittleEndian

from apps.dicom.errors import Truncated
from apps.dicom.implicit import in_implicit_vr
from tests import dicoms
from tests.dicom.test_transcode_rewriting import rewritten, rich

EXPLICIT = dicoms.part10(rich(), ExplicitVRLittleEndian)
# As the rewriting gives it: all lengths defined.
ELEMENTS = list(rewritten(EXPLICIT)[0].values())
DATA = b"".join(ELEMENTS)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def read(data: bytes) -> Dataset:
    return read_dataset(BytesIO(data), is_implicit_VR=True, is_little_endian=True)


@given(st.integers(1, len(DATA) + 1))
def test_it_says_the_same_whatever_pieces_it_comes_in(size: int) -> None:
    got = read(b"".join(in_implicit_vr(pieces(DATA, size))))
    original = dcmread(BytesIO(EXPLICIT))
    del original.PixelData
    original.remove_private_tags()
    assert got[0x0029, 0x0010].value == "Acme 1"
    got.remove_private_tags()
    assert got == Dataset(original)


@given(st.integers(0, len(ELEMENTS) - 1), st.data())
def test_what_ends_within_an_element_is_refused(whole: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(ELEMENTS[whole]) - 1))
    with pytest.raises(Truncated):
        list(in_implicit_vr([*ELEMENTS[:whole], ELEMENTS[whole][:cut]]))


def test_a_value_of_undefined_length_has_no_end() -> None:
    with pytest.raises(Truncated):
        list(in_implicit_vr([b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"]))
