"""The reader against pydicom, on every file that pydicom brings along."""

from pathlib import Path

import pytest

from apps.dicom.errors import Unreadable
from apps.dicom.reader import read
from tests.dicom.oracle import bundled_files, by_pydicom, by_us

NO_DICOM = {".mp4", ".txt", ".icc", ".dump", ".json"}
# Refused, and why.
REFUSED = {
    "MR_truncated.dcm": "the pixel data is cut off",
    "rtplan_truncated.dcm": "cut off within a sequence",
    "no_meta.dcm": "starts in the middle of an element",
    "zipMR.gz": "no DICOM",
    "README": "no DICOM",
}
SOP_UIDS = {"00080016", "00080018"}
# Attributes that differ: SOP UIDs that only the File Meta Information has, and a number that pydicom can't convert.
DIFFERENT = {
    "UN_sequence.dcm": SOP_UIDS,
    "no_meta_group_length.dcm": SOP_UIDS,
    "priv_SQ.dcm": SOP_UIDS,
    "badVR.dcm": {"00280008"},
    # Samples of 32 bits, which a big-endian file has the other way round as wholes: pydicom does so with the array.
    "rtdose_expb.dcm": {"7FE00010"},
    "rtdose_expb_1frame.dcm": {"7FE00010"},
}
FILES = [path for path in bundled_files() if path.suffix not in NO_DICOM]
READABLE = [path for path in FILES if path.name not in REFUSED]


@pytest.mark.parametrize("path", READABLE, ids=[path.name for path in READABLE])
def test_attributes_are_those_that_pydicom_reads(path: Path) -> None:
    data = path.read_bytes()
    found = by_us(data, read(data))
    expected = by_pydicom(data)
    different = {key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)}
    assert different == DIFFERENT.get(path.name, set())


@pytest.mark.parametrize("path", [path for path in FILES if path.name in REFUSED], ids=lambda path: path.name)
def test_files_that_are_cut_off_or_no_dicom_are_refused(path: Path) -> None:
    with pytest.raises(Unreadable):
        read(path.read_bytes())
