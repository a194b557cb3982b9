"""DICOM objects for the tests, built in code: every function returns the bytes of a whole Part 10 file.

Keyword overrides are DICOM keywords (`PatientName="Doe^Jane"`); the value None leaves the attribute out.
The same arguments give the same bytes, so that a test can ask for "the same file again".
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended, itemize_fragment
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
    UltrasoundMultiFrameImageStorage,
)

ROOT = "1.2.826.0.1.3680043.10.1561"
STUDY_UID = f"{ROOT}.1"
SERIES_UID = f"{ROOT}.1.1"
PREAMBLE = b"\x00" * 128
NATIVE_SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def uid(*parts: int) -> str:
    """Return a valid UID below the tests' own root, the same for the same parts."""
    return ".".join([ROOT, *map(str, parts)])


def part10(dataset: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Return the data set as a Part 10 file in `transfer_syntax` (pixel data must fit that syntax)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax)
    file = FileDataset("", dataset, preamble=PREAMBLE, file_meta=meta)
    stream = BytesIO()
    dcmwrite(stream, file, enforce_file_format=True)
    return stream.getvalue()


def bare(dataset: Dataset, transfer_syntax: str = ImplicitVRLittleEndian) -> bytes:
    """Return the data set alone: no preamble, no File Meta Information."""
    stream = BytesIO()
    dcmwrite(stream, dataset, implicit_vr=transfer_syntax == ImplicitVRLittleEndian, little_endian=True)
    return stream.getvalue()


def ct_dataset(**overrides: Any) -> Dataset:
    """Return a 64 x 64 CT slice of 16 bits as a data set; `InstanceNumber` sets its UID and position."""
    number = int(overrides.get("InstanceNumber") or 1)
    dataset = _common(CTImageStorage, "CT", uid(1, 1, number))
    _fill(
        dataset,
        SeriesDescription="Axial 2.0",
        InstanceNumber=str(number),
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        FrameOfReferenceUID=uid(2),
        ImagePositionPatient=[-32.0, -32.0, 2.0 * number],
        ImageOrientationPatient=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        PixelSpacing=[1.0, 1.0],
        SliceThickness="2.0",
        RescaleIntercept="-1024",
        RescaleSlope="1",
        WindowCenter="40",
        WindowWidth="400",
    )
    _image(dataset, rows=64, columns=64, bits=16)
    return _finish(dataset, overrides, seed=number)


def ct_slice(*, transfer_syntax: str = ExplicitVRLittleEndian, **overrides: Any) -> bytes:
    """Return one CT slice; `Rows` and `Columns` may be overridden, the pixels follow."""
    return part10(ct_dataset(**overrides), transfer_syntax)


def ct_series(count: int, **overrides: Any) -> list[bytes]:
    """Return `count` slices of one series, 2 mm apart, numbered from 1."""
    return [ct_slice(**{**overrides, "InstanceNumber": number}) for number in range(1, count + 1)]


def secondary_capture(*, transfer_syntax: str = ExplicitVRLittleEndian, **overrides: Any) -> bytes:
    """Return a 32 x 48 RGB secondary capture of 8 bits, with no patient position."""
    dataset = _common(SecondaryCaptureImageStorage, "OT", uid(1, 2, 1))
    _fill(dataset, SeriesInstanceUID=uid(1, 2), ConversionType="WSD", InstanceNumber="1")
    _image(dataset, rows=32, columns=48, bits=8, samples=3)
    return part10(_finish(dataset, overrides, seed=3), transfer_syntax)


def multi_frame(frames: int = 3, *, transfer_syntax: str = ExplicitVRLittleEndian, **overrides: Any) -> bytes:
    """Return a native multi-frame secondary capture of `frames` frames, 16 x 20, 8 bits each."""
    dataset = _common(MultiFrameGrayscaleByteSecondaryCaptureImageStorage, "OT", uid(1, 3, 1))
    _fill(dataset, SeriesInstanceUID=uid(1, 3), InstanceNumber="1", NumberOfFrames=str(frames))
    _image(dataset, rows=16, columns=20, bits=8)
    return part10(_finish(dataset, overrides, seed=5), transfer_syntax)


def bit_packed(frames: int = 3, *, transfer_syntax: str = ExplicitVRLittleEndian, **overrides: Any) -> bytes:
    """Return a binary segmentation of 5 x 5 pixels a frame, so that frames start within bytes."""
    dataset = _common(SegmentationStorage, "SEG", uid(1, 4, 1))
    _fill(dataset, SeriesInstanceUID=uid(1, 4), InstanceNumber="1", NumberOfFrames=str(frames))
    _fill(dataset, SegmentationType="BINARY")
    _image(dataset, rows=5, columns=5, bits=1)
    return part10(_finish(dataset, overrides, seed=7), transfer_syntax)


def encapsulated(
    frames: Sequence[bytes],
    *,
    offset_table: str = "basic",
    fragments_per_frame: int = 1,
    transfer_syntax: str = JPEGBaseline8Bit,
    **overrides: Any,
) -> bytes:
    """Return an ultrasound cine whose pixel data is `frames`, encapsulated as PS3.5 A.4 says.

    `offset_table` is "basic", "extended" or "empty".
    """
    dataset = _common(UltrasoundMultiFrameImageStorage, "US", uid(1, 5, 1))
    _fill(dataset, SeriesInstanceUID=uid(1, 5), InstanceNumber="1", NumberOfFrames=str(len(frames)))
    _image(dataset, rows=16, columns=20, bits=8)
    _fill(dataset, **_encapsulate(frames, offset_table, fragments_per_frame))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    _fill(dataset, **overrides)
    return part10(dataset, transfer_syntax)


def encapsulated_pdf(document: bytes = b"%PDF-1.4\n%%EOF\n", **overrides: Any) -> bytes:
    """Return an Encapsulated PDF object: no pixels, one document as bulk data."""
    dataset = _common(EncapsulatedPDFStorage, "DOC", uid(1, 6, 1))
    _fill(
        dataset,
        SeriesInstanceUID=uid(1, 6),
        InstanceNumber="1",
        DocumentTitle="Letter",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=document + b"\x00" * (len(document) % 2),
        EncapsulatedDocumentLength=len(document),
    )
    _fill(dataset, **overrides)
    return part10(dataset)


def jpeg_like(size: int = 64, fill: int = 1) -> bytes:
    """Return bytes with JPEG's start and end markers around `size` bytes: framed like a JPEG, not decodable."""
    return b"\xff\xd8\xff\xe0" + bytes([fill]) * size + b"\xff\xd9"


def _common(sop_class: str, modality: str, sop_instance_uid: str) -> Dataset:
    dataset = Dataset()
    _fill(
        dataset,
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop_class,
        SOPInstanceUID=sop_instance_uid,
        StudyDate="20240229",
        StudyTime="101530",
        AccessionNumber="A1",
        Modality=modality,
        ReferringPhysicianName="Roe^Richard",
        StudyDescription="Test study",
        PatientName="Doe^Jane",
        PatientID="P1",
        PatientBirthDate="19700102",
        PatientSex="F",
        StudyInstanceUID=STUDY_UID,
        SeriesInstanceUID=SERIES_UID,
        StudyID="S1",
        SeriesNumber="1",
    )
    return dataset


def _image(dataset: Dataset, *, rows: int, columns: int, bits: int, samples: int = 1) -> None:
    _fill(
        dataset,
        SamplesPerPixel=samples,
        PhotometricInterpretation="RGB" if samples == 3 else "MONOCHROME2",
        Rows=rows,
        Columns=columns,
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=0,
    )
    if samples > 1:
        dataset.PlanarConfiguration = 0


def _finish(dataset: Dataset, overrides: dict[str, Any], seed: int) -> Dataset:
    """Apply the overrides, then add pixels of the size that the data set now declares."""
    _fill(dataset, **{keyword: value for keyword, value in overrides.items() if keyword != "PixelData"})
    pixels = overrides["PixelData"] if "PixelData" in overrides else _pixels(dataset, seed)
    if pixels is not None:
        dataset.PixelData = pixels
        dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    return dataset


def _pixels(dataset: Dataset, seed: int) -> bytes:
    frames = int(dataset.get("NumberOfFrames") or 1)
    samples = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * frames
    size = (samples * dataset.BitsAllocated + 7) // 8
    pattern = bytes((seed * 31 + step * 7) % 251 for step in range(251))
    pixels = (pattern * (size // len(pattern) + 1))[:size]
    return pixels + b"\x00" * (size % 2)


def _encapsulate(frames: Sequence[bytes], offset_table: str, fragments_per_frame: int) -> dict[str, Any]:
    if offset_table == "extended":
        pixels, offsets, lengths = encapsulate_extended(list(frames))
        return {
            "PixelData": pixels,
            "ExtendedOffsetTable": offsets,
            "ExtendedOffsetTableLengths": lengths,
        }
    if offset_table == "basic":
        return {"PixelData": encapsulate(list(frames), fragments_per_frame=fragments_per_frame)}
    fragments = (part for frame in frames for part in _split(frame, fragments_per_frame))
    items = b"".join(itemize_fragment(part + b"\x00" * (len(part) % 2)) for part in fragments)
    return {"PixelData": b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + items}


def _split(frame: bytes, parts: int) -> Iterable[bytes]:
    size = -(-len(frame) // parts)
    size += size % 2
    return (frame[start : start + size] for start in range(0, len(frame), size))


def _fill(dataset: Dataset, **values: Any) -> None:
    for keyword, value in values.items():
        if value is not None:
            setattr(dataset, keyword, value)
        elif keyword in dataset:
            delattr(dataset, keyword)
