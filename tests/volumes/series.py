"""Series that make volumes, built in code: classic slices and the enhanced object of the same voxels.

The values of the voxels are given; how they are stored follows from the attributes. The same arguments give the same
objects. Any further attribute is given by its DICOM keyword; None leaves it out, and a function of the slice's number
(from 0) gives each slice its own: `RescaleSlope=lambda k: 1 + k`.
"""

from collections.abc import Sequence
from io import BytesIO
from math import cos, radians, sin
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)

from tests import dicoms

STRAIGHT: Final = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
SOP_CLASSES: Final = {
    "CT": CTImageStorage,
    "MR": MRImageStorage,
    "PT": PositronEmissionTomographyImageStorage,
}
UNITS: Final = {"CT": "HU"}
Vectors = tuple[Sequence[float], Sequence[float]]


def step(orientation: Vectors, tilt: float) -> NDArray[np.float64]:
    """The unit vector from slice to slice: the normal, turned towards `down` by `tilt` degrees."""
    across, down = (np.asarray(vector, np.float64) for vector in orientation)
    along: NDArray[np.float64] = cos(radians(tilt)) * np.cross(across, down) + sin(radians(tilt)) * down
    return along


def ct_series(
    values: NDArray[Any],
    *,
    spacing: tuple[float, float, float] = (2.0, 1.0, 1.0),
    orientation: Vectors = STRAIGHT,
    origin: Sequence[float] = (-20.0, -30.0, 40.0),
    tilt: float = 0.0,
    positions: Sequence[float] | None = None,
    modality: str = "CT",
    kernel: str | None = "B30f",
    series_uid: str | None = None,
    study_uid: str | None = None,
    patient_id: str = "P1",
    shuffled: bool = False,
    transfer_syntax: str = ExplicitVRLittleEndian,
    frame_of_reference: str | None = dicoms.uid(2),
    **attributes: Any,
) -> list[Dataset]:
    """Single-frame objects of the voxels `values` [k, j, i] (of CT: HU), whole numbers within what 16 bits hold.

    `spacing` are the millimetres from slice to slice, row to row and column to column. `origin` is Image Position of
    the first slice. The slices step along the normal of `orientation` (across, down), turned by `tilt` degrees about
    `across`; `positions` are their millimetres from `origin` along that, instead of even steps. Stored values are
    signed, of 16 bits, with a Rescale Intercept of -1024 (of CT), unless the attributes say otherwise. `shuffled`
    gives the objects in another order; Instance Number keeps that of k, from 1. `transfer_syntax` may be native or any
    that pydicom encodes (RLE, JPEG-LS; JPEG 2000 from 32 x 32 on).
    """
    series_uid = series_uid or dicoms.SERIES_UID
    steps = positions if positions is not None else [k * spacing[0] for k in range(len(values))]
    along = step(orientation, tilt)
    datasets: list[Dataset] = []
    for k, (image, offset) in enumerate(zip(values, steps, strict=True)):
        given = {
            "SOPClassUID": SOP_CLASSES[modality],
            "Modality": modality,
            "SOPInstanceUID": f"{series_uid}.{k + 1}",
            "SeriesInstanceUID": series_uid,
            "StudyInstanceUID": study_uid or dicoms.STUDY_UID,
            "PatientID": patient_id,
            "InstanceNumber": str(k + 1),
            "FrameOfReferenceUID": frame_of_reference,
            "ImagePositionPatient": _decimals(np.asarray(origin) + offset * along),
            "ImageOrientationPatient": _decimals((*orientation[0], *orientation[1])),
            "PixelSpacing": _decimals(spacing[1:]),
            "SliceThickness": _decimals(spacing[:1])[0],
            "ConvolutionKernel": kernel if modality == "CT" else None,
            "RescaleType": UNITS.get(modality),
            "RescaleIntercept": "-1024" if modality == "CT" else "0",
            "PixelRepresentation": 1,
            **{keyword: value(k) if callable(value) else value for keyword, value in attributes.items()},
        }
        datasets.append(_stored(dicoms.ct_dataset(**{**_image(image, given), **given}), transfer_syntax))
    if shuffled:
        Random(len(datasets)).shuffle(datasets)
    return datasets


def enhanced_ct(
    values: NDArray[Any],
    *,
    spacing: tuple[float, float, float] = (2.0, 1.0, 1.0),
    orientation: Vectors = STRAIGHT,
    origin: Sequence[float] = (-20.0, -30.0, 40.0),
    tilt: float = 0.0,
    positions: Sequence[float] | None = None,
    kernel: str | None = "B30f",
    series_uid: str | None = None,
    shuffled: bool = False,
    transfer_syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Dataset:
    """One Enhanced CT object of the voxels `values` [k, j, i], or [t, k, j, i] of several temporal positions.

    The arguments are those of `ct_series`, which gives the same volume by single frames. `shuffled` changes the order
    of the frames; In-Stack Position Number keeps that of k.
    """
    values = values if values.ndim == 4 else values[np.newaxis]
    times, slices = values.shape[:2]
    steps = positions if positions is not None else [k * spacing[0] for k in range(slices)]
    places = [np.asarray(origin) + offset * step(orientation, tilt) for offset in steps]
    order = [(t, k) for t in range(times) for k in range(slices)]
    if shuffled:
        Random(len(order)).shuffle(order)
    series_uid = series_uid or dicoms.SERIES_UID
    given = {
        "SOPClassUID": EnhancedCTImageStorage,
        "SOPInstanceUID": f"{series_uid}.1",
        "SeriesInstanceUID": series_uid,
        "ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        "PixelRepresentation": 1,
        "NumberOfFrames": str(len(order)),
        "RescaleIntercept": "-1024",
        "RescaleSlope": "1",
        **attributes,
    }
    frames = np.stack([values[t, k] for t, k in order])
    dataset = dicoms.ct_dataset(**{**_image(frames, given), **given})
    _add_functional_groups(dataset, spacing, orientation, kernel)
    dataset.PerFrameFunctionalGroupsSequence = [_frame_groups(places[k], k, t, times) for t, k in order]
    return _stored(dataset, transfer_syntax)


def to_bytes(dataset: Dataset) -> bytes:
    """The whole Part 10 file."""
    stream = BytesIO()
    dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def _decimals(numbers: Sequence[float] | NDArray[np.float64]) -> list[str]:
    """Decimal Strings of 16 characters at most (PS3.5 6.2), as exact as they can be."""
    return [next(text for digits in range(16, 0, -1) if len(text := f"{float(x):.{digits}g}") <= 16) for x in numbers]


def _image(values: NDArray[Any], given: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the stored values; ValueError where 16 bits can't hold them."""
    slope, intercept = float(given.get("RescaleSlope") or 1), float(given.get("RescaleIntercept") or 0)
    stored = np.rint((values - intercept) / slope)
    kind = np.dtype("<i2") if given["PixelRepresentation"] else np.dtype("<u2")
    if stored.size and not np.iinfo(kind).min <= stored.min() <= stored.max() <= np.iinfo(kind).max:
        raise ValueError("16 bits don't hold these values.")
    rows, columns = values.shape[-2:]
    return {"Rows": rows, "Columns": columns, "PixelData": stored.astype(kind).tobytes()}


def _stored(dataset: Dataset, transfer_syntax: str) -> FileDataset:
    """The data set as a file of that transfer syntax."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(ExplicitVRLittleEndian)
    file = FileDataset("", dataset, preamble=dicoms.PREAMBLE, file_meta=meta)
    if UID(transfer_syntax).is_encapsulated:
        file.compress(transfer_syntax, generate_instance_uid=False)
    elif transfer_syntax == ExplicitVRBigEndian:
        file.PixelData = np.frombuffer(file.PixelData, "<u2").astype(">u2").tobytes()
    meta.TransferSyntaxUID = UID(transfer_syntax)
    return file


def _item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def _add_functional_groups(
    dataset: Dataset, spacing: tuple[float, float, float], orientation: Vectors, kernel: str | None
) -> None:
    """What holds for all frames (PS3.3 C.7.6.16.2) goes from the top to where an enhanced object has it."""
    measures = _item(PixelSpacing=_decimals(spacing[1:]), SliceThickness=_decimals(spacing[:1])[0])
    plane = _item(ImageOrientationPatient=_decimals((*orientation[0], *orientation[1])))
    rescale = _item(RescaleIntercept=dataset.RescaleIntercept, RescaleSlope=dataset.RescaleSlope, RescaleType="HU")
    shared = _item(
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[plane],
        PixelValueTransformationSequence=[rescale],
    )
    if kernel:
        shared.CTReconstructionSequence = [_item(ConvolutionKernel=kernel)]
    for keyword in ("PixelSpacing", "SliceThickness", "ImagePositionPatient", "ImageOrientationPatient"):
        delattr(dataset, keyword)
    for keyword in ("RescaleIntercept", "RescaleSlope", "WindowCenter", "WindowWidth"):
        delattr(dataset, keyword)
    dataset.SharedFunctionalGroupsSequence = [shared]


def _frame_groups(place: NDArray[np.float64], k: int, t: int, times: int) -> Dataset:
    """What is a frame's own: where it lies, and its place among the others (PS3.3 C.7.6.16.2.2)."""
    content = _item(StackID="1", InStackPositionNumber=k + 1, DimensionIndexValues=[1, k + 1])
    if times > 1:
        content.TemporalPositionIndex = t + 1
        content.DimensionIndexValues = [1, t + 1, k + 1]
    return _item(
        FrameContentSequence=[content],
        PlanePositionSequence=[_item(ImagePositionPatient=_decimals(place))],
    )
