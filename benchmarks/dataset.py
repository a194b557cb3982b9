"""The data that is stored and asked for, made in code: the same bytes each time, under UIDs that can be renewed."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.10.1561"
# Ten digits that stand once in every UID; a copy of a study gets others of the same length.
TOKEN = "1000000000"
FAMILY_NAMES = ("ADLER", "BROWN", "COSTA", "DUBOIS", "EVANS", "FISCHER", "GARCIA", "HALL", "IVANOV", "JONES")


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study's UIDs, and its files."""

    uid: str
    series_uid: str
    sop_uids: tuple[str, ...]
    patient_id: str
    files: tuple[bytes, ...]

    def renewed(self, token: int) -> "StoredStudy":
        """The same study under UIDs that nothing has seen yet."""
        old, new = TOKEN, f"{token:010d}"
        files = tuple(file[:8192].replace(old.encode(), new.encode()) + file[8192:] for file in self.files)
        sop_uids = tuple(uid.replace(old, new) for uid in self.sop_uids)
        return StoredStudy(
            self.uid.replace(old, new), self.series_uid.replace(old, new), sop_uids, self.patient_id, files
        )


def large(slices: int = 500) -> StoredStudy:
    """A CT of 512 x 512 pixels in 16 bits, with the header of a real one."""
    return _study(0, slices, 512, "BENCH^LARGE", "BENCH-LARGE", "20240101")


def small(count: int = 200) -> Iterator[StoredStudy]:
    """Studies of five instances of 64 x 64 pixels, their names and dates spread."""
    for number in range(1, count + 1):
        name = f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]}^PERSON{number}"
        yield _study(number, 5, 64, name, f"BENCH-{number:04d}", f"{2014 + number % 10}{1 + number % 12:02d}15")


def _study(number: int, slices: int, side: int, name: str, patient_id: str, date: str) -> StoredStudy:
    uid = f"{ROOT}.{TOKEN}.{number}"
    dataset = _header(uid, side, name, patient_id, date)
    noise = np.random.default_rng(number)
    files = tuple(_slice(dataset, place, noise) for place in range(1, slices + 1))
    sop_uids = tuple(f"{uid}.1.{place}" for place in range(1, slices + 1))
    return StoredStudy(uid, f"{uid}.1", sop_uids, patient_id, files)


def _header(uid: str, side: int, name: str, patient_id: str, date: str) -> Dataset:
    dataset = dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid, f"{uid}.1"
    dataset.FrameOfReferenceUID = f"{uid}.9"
    dataset.PatientName, dataset.PatientID, dataset.StudyDate = name, patient_id, date
    dataset.Rows = dataset.Columns = side
    if "DataSetTrailingPadding" in dataset:
        del dataset.DataSetTrailingPadding
    return dataset


def _slice(dataset: Dataset, place: int, noise: np.random.Generator) -> bytes:
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"{dataset.SeriesInstanceUID}.{place}")
    dataset.InstanceNumber = place
    dataset.ImagePositionPatient = [-100, -100, place]
    side = dataset.Rows
    ramp = np.linspace(0, 900, side * side).reshape(side, side)
    dataset.PixelData = (ramp + noise.normal(0, 18, (side, side)) + place).astype("<i2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
