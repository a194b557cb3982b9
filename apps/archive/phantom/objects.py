"""DICOM objects around the phantom's pixels."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from apps.archive.phantom import jaw
from apps.archive.phantom.anatomy import LOWEST

NAMESPACE = UUID("6f5a9d3e-7a1c-5c58-9b7e-0d4f2c1b8a60")


def uid(*parts: object) -> str:
    """A UID below 2.25 (PS3.5 B.2), the same for the same parts."""
    return f"2.25.{uuid5(NAMESPACE, '/'.join(map(str, parts))).int}"


def ct_image(name: str, index: int, spacing: float, step: float, pixels: np.ndarray) -> bytes:
    """One slice as a Part 10 file.

    `pixels` (rows, columns) are Hounsfield units + 1024; `spacing` (of pixels) and `step` (of slices) are in mm.
    """
    dataset = _image(name, "CT", CTImageStorage, index + 1, pixels)
    _place(dataset, name, spacing, step, LOWEST + (index + 0.5) * step)
    _fill(
        dataset,
        StudyDescription="CT head",
        SeriesDescription="Head, thin slices",
        BodyPartExamined="HEAD",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        KVP=120,
        RescaleType="HU",
        WindowCenter=[40, 600],
        WindowWidth=[120, 2800],
        WindowCenterWidthExplanation=["BRAIN", "BONE"],
    )
    return _part10(dataset)


def cone_beam_image(name: str, index: int, spacing: float, step: float, pixels: np.ndarray) -> bytes:
    """One slice of a dental volume as a Part 10 file.

    `pixels` (rows, columns) are grey values + 1024, which a cone beam doesn't calibrate as Hounsfield units: of an
    unspecified unit, and so of no original CT image, which is in those (PS3.3 C.8.2.1.1.2).
    """
    dataset = _image(name, "CT", CTImageStorage, index + 1, pixels, "CBCT")
    _place(dataset, name, spacing, step, jaw.LOWEST + (index + 0.5) * step)
    _fill(
        dataset,
        StudyDescription="Cone beam CT, both jaws",
        SeriesDescription="Both jaws, dental",
        BodyPartExamined="JAW",
        ManufacturerModelName="Phantom, cone beam",
        ImageType=["DERIVED", "PRIMARY", "AXIAL"],
        KVP=90,
        RescaleType="US",
        WindowCenter=[900, 400],
        WindowWidth=[3600, 2400],
        WindowCenterWidthExplanation=["TEETH", "BONE"],
    )
    return _part10(dataset)


def _place(dataset: Dataset, name: str, spacing: float, step: float, z: float) -> None:
    """An axial plane about the middle at `z`, of pixels that are 1024 above their values; millimetres."""
    half = round((dataset.Rows - 1) / 2 * spacing, 6)
    _fill(
        dataset,
        FrameOfReferenceUID=uid(name, "frame of reference"),
        PositionReferenceIndicator="",
        PatientPosition="HFS",
        AcquisitionNumber=1,
        ImagePositionPatient=[-half, -half, round(z, 6)],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[spacing, spacing],
        SliceThickness=round(step, 6),
        RescaleIntercept=-1024,
        RescaleSlope=1,
    )


def x_ray_image(name: str, spacing: float, pixels: np.ndarray) -> bytes:
    """A projection (rows, columns) as a digital X-ray for presentation; `spacing` in mm."""
    dataset = _image(name, "DX", DigitalXRayImageStorageForPresentation, 1, pixels)
    _fill(
        dataset,
        StudyDescription="Cephalogram",
        SeriesDescription="Skull, lateral",
        BodyPartExamined="SKULL",
        ImageLaterality="U",
        ImageType=["DERIVED", "PRIMARY"],
        PatientOrientation=["P", "F"],
        ViewPosition="LL",
        PresentationIntentType="FOR PRESENTATION",
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
        PresentationLUTShape="IDENTITY",
        ImagerPixelSpacing=[spacing, spacing],
        RescaleIntercept=0,
        RescaleSlope=1,
        RescaleType="US",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        WindowCenter=2048,
        WindowWidth=4096,
    )
    return _part10(dataset)


def _image(name: str, modality: str, sop_class: str, number: int, pixels: np.ndarray, order: str = "") -> Dataset:
    dataset = Dataset()
    _fill(
        dataset,
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop_class,
        SOPInstanceUID=uid(name, modality, number),
        StudyInstanceUID=uid(name, "study", modality),
        SeriesInstanceUID=uid(name, "series", modality),
        StudyDate="20260317",
        StudyTime="101500",
        SeriesDate="20260317",
        SeriesTime="101500",
        ContentDate="20260317",
        ContentTime="101500",
        AccessionNumber=f"DEMO-{order or modality}",
        Modality=modality,
        Manufacturer="Fovea",
        ManufacturerModelName="Phantom",
        ReferringPhysicianName="Marchand^Louise^^Dr",
        PatientName="Phantom^Héloïse",
        PatientID="DEMO-1",
        PatientBirthDate="19710504",
        PatientSex="F",
        StudyID="1",
        SeriesNumber=1,
        InstanceNumber=number,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=pixels.shape[0],
        Columns=pixels.shape[1],
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=0,
    )
    dataset.add_new("PixelData", "OW", pixels.astype("<u2").tobytes())
    return dataset


def _fill(dataset: Dataset, **values: Any) -> None:
    for keyword, value in values.items():
        setattr(dataset, keyword, value)


def _part10(dataset: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dcmwrite(stream, FileDataset("", dataset, preamble=bytes(128), file_meta=meta), enforce_file_format=True)
    return stream.getvalue()
