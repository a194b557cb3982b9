"""The data that is stored and asked for, made in code: the same bytes each time, under UIDs that can be renewed."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

ROOT = "1.2.826.0.1.3680043.10.1561"
# Ten digits that stand once in every UID; a copy of a study gets others of the same length.
TOKEN = "1000000000"
FAMILY_NAMES = ("ADLER", "BROWN", "COSTA", "DUBOIS", "EVANS", "FISCHER", "GARCIA", "HALL", "IVANOV", "JONES")
FIRST_YEAR = 2014
FRAMES = 100
MULTI_FRAME_GRAYSCALE = "1.2.840.10008.5.1.4.1.1.7.3"
MULTI_FRAME_TRUE_COLOR = "1.2.840.10008.5.1.4.1.1.7.4"


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study of one series: its UIDs, and its files."""

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

    @property
    def series(self) -> str:
        """The address of the series under a DICOMweb root."""
        return f"/studies/{self.uid}/series/{self.series_uid}"


def large(slices: int = 500) -> StoredStudy:
    """A CT of 512 x 512 pixels in 16 bits, with the header of a real one."""
    return _study(0, slices, 512, "BENCH^LARGE", "BENCH-LARGE", "20240101")


def long(slices: int) -> StoredStudy:
    """A CT of many slices of 64 x 64 pixels: what counts is its headers."""
    return _study(1000 + slices, slices, 64, "BENCH^LONG", f"BENCH-LONG-{slices}", "20240201")


def tiny(slices: int) -> StoredStudy:
    """A CT of 128 x 128 pixels in 16 bits: 32 KiB each."""
    return _study(5000, slices, 128, "BENCH^TINY", "BENCH-TINY", "20240401")


def small(count: int = 200) -> Iterator[StoredStudy]:
    """Studies of five instances of 64 x 64 pixels, their names and dates spread."""
    for number in range(1, count + 1):
        name = f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]}^PERSON{number}"
        date = f"{FIRST_YEAR + number % 10}{1 + number % 12:02d}15"
        yield _study(number, 5, 64, name, f"BENCH-{number:04d}", date)


def grayscale_frames() -> StoredStudy:
    """One object of 100 frames of 512 x 512 pixels in 16 bits, uncompressed."""
    noise = np.random.default_rng(1)
    dataset = _multi_frame(2001, MULTI_FRAME_GRAYSCALE)
    pixels = noise.integers(0, 4096, (FRAMES, 512, 512), np.uint16)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelData = pixels.tobytes()
    return _one_object(dataset, ExplicitVRLittleEndian)


def jpeg_frames() -> StoredStudy:
    """One object of 100 frames of 512 x 512 coloured pixels, JPEG Baseline."""
    dataset = _multi_frame(2002, MULTI_FRAME_TRUE_COLOR)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.PixelData = encapsulate([_jpeg(number) for number in range(FRAMES)])
    dataset["PixelData"].is_undefined_length = True
    return _one_object(dataset, JPEGBaseline8Bit)


def _jpeg(number: int) -> bytes:
    ramp = np.linspace(0, 200, 512, dtype=np.float32)
    plane = (ramp[:, None] + ramp[None, :] / 4 + number / 4).astype(np.uint8)
    stream = BytesIO()
    Image.fromarray(np.stack([plane, plane[::-1], plane[:, ::-1]], axis=2)).save(stream, "JPEG", quality=90)
    return stream.getvalue()


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
    return _file(dataset, ExplicitVRLittleEndian)


def _multi_frame(number: int, sop_class_uid: str) -> Dataset:
    uid = f"{ROOT}.{TOKEN}.{number}"
    dataset = _header(uid, 512, "BENCH^FRAMES", f"BENCH-FRAMES-{number}", "20240301")
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"{uid}.1.1")
    dataset.NumberOfFrames, dataset.InstanceNumber = FRAMES, 1
    dataset.PixelRepresentation = 0
    return dataset


def _one_object(dataset: Dataset, transfer_syntax_uid: UID) -> StoredStudy:
    names = str(dataset.StudyInstanceUID), str(dataset.SeriesInstanceUID), (str(dataset.SOPInstanceUID),)
    return StoredStudy(*names, str(dataset.PatientID), (_file(dataset, transfer_syntax_uid),))


def _file(dataset: Dataset, transfer_syntax_uid: UID) -> bytes:
    dataset.file_meta.TransferSyntaxUID = transfer_syntax_uid
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
