"""Part 10 files: telling one, and making one of a bare data set."""

from io import BytesIO

import pydicom
import pytest

from apps.dicom.errors import NOT_OF_ITS_SOP_CLASS, Unreadable
from apps.dicom.part10 import file_head, is_part10
from apps.dicom.reader import read
from tests import dicoms


def with_head(data: bytes) -> bytes:
    header = read(data)
    head = file_head(
        header.text("00080016"),
        header.text("00080018"),
        header.transfer_syntax_uid,
        implementation_class_uid="1.2.3",
        implementation_version_name="FOVEA_1",
    )
    return head + data[header.dataset_offset :]


def test_a_file_is_told_by_its_prefix() -> None:
    assert is_part10(dicoms.ct_slice()[:132])
    assert not is_part10(dicoms.bare(dicoms.ct_dataset())[:132])
    assert not is_part10(b"")


@pytest.mark.parametrize("syntax", dicoms.NATIVE_SYNTAXES[:2])
def test_bare_data_set_with_a_head_is_a_file(syntax: str) -> None:
    made = with_head(dicoms.bare(dicoms.ct_dataset(), syntax))
    header = read(made)
    assert header.has_meta
    assert header.attributes == read(dicoms.ct_slice()).attributes
    meta = pydicom.dcmread(BytesIO(made)).file_meta
    assert meta.TransferSyntaxUID == syntax
    assert meta.MediaStorageSOPInstanceUID == header.text("00080018")
    assert (meta.ImplementationClassUID, meta.ImplementationVersionName) == ("1.2.3", "FOVEA_1")
    assert meta.FileMetaInformationGroupLength == len(made) - len(dicoms.bare(dicoms.ct_dataset(), syntax)) - 144


def test_head_starts_with_an_empty_preamble() -> None:
    assert with_head(dicoms.bare(dicoms.ct_dataset()))[:132] == dicoms.PREAMBLE + b"DICM"


@pytest.mark.parametrize("uid", ["../../etc", "1.2/3"])
def test_object_without_a_valid_uid_gets_no_head(uid: str) -> None:
    data = dicoms.bare(dicoms.ct_dataset()).replace(dicoms.uid(1, 1, 1).encode(), uid.encode().ljust(33, b"\0"), 1)
    with pytest.raises(Unreadable) as refused:
        with_head(data)
    assert refused.value.failure_reason == NOT_OF_ITS_SOP_CLASS
