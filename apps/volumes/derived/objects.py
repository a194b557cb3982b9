"""Derived images as objects: planes with their place in the patient, panoramics, pictures (PS3.3 A.3, A.4, A.8, A.21).

Pure, and nothing in it depends on when it is made: the same image is the same object again.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import DSfloat

from apps.analysis.uids import uid
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, VERSION
from apps.dicom.attributes import Attributes, text
from apps.volumes.derived import codes, heritage
from apps.volumes.derived.classes import CAPTURE, CT, MR, PT, ImageClass, class_of
from apps.volumes.derived.encoding import Encoding
from apps.volumes.derived.facts import MOST_NAMED, SeriesFacts, Source
from apps.volumes.derived.telling import comments, described
from apps.volumes.resampling.planes import Plane, Projection

_CONTRIBUTION: Final = "Derived images. Not a certified medical device."
_FRAME_OF_REFERENCE, _SERIES, _PHOTOMETRIC = "00200052", "0020000E", "00280004"
_HOW: Final = {
    codes.MPR: "interpolated linearly between",
    codes.CURVED: "interpolated linearly between",
    codes.RENDERING: "drawn of",
    codes.SEGMENTATION: "drawn over",
}
# Image Type's third value (C.8.3.1.1.1), and the fourth.
_FLAVOURS: Final = {
    None: ("MPR", "MPR"),
    Projection.MAXIMUM: ("PROJECTION IMAGE", "MIP"),
    Projection.MINIMUM: ("PROJECTION IMAGE", "MINIP"),
    Projection.MEAN: ("MPR", "MEAN"),
}
# Of each class: what is there even where nothing is known of it (C.7.6.1, C.8.2.1, C.8.3.1, C.8.9.1, .2, .4, C.8.4.6).
_TYPE_2: Final = {
    CT: ("KVP", "AcquisitionNumber"),
    MR: ("ScanOptions", "MRAcquisitionType", "RepetitionTime", "EchoTime", "EchoTrainLength"),
    PT: (
        "CorrectedImage", "CollimatorType", "AcquisitionDate", "AcquisitionTime", "PatientOrientationCodeSequence",
        "PatientGantryRelationshipCodeSequence", "RadiopharmaceuticalInformationSequence",
    ),
    CAPTURE: ("PatientOrientation",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calibration:
    """The millimetres between the pixels of an image that is no plane: from row to row, from column to column."""

    row_spacing: float
    column_spacing: float


def plane_object(
    header: Attributes,
    image: NDArray[np.float32],
    plane: Plane,
    *,
    series: SeriesFacts,
    number: int,
    sources: Sequence[Source] = (),
) -> bytes:
    """The file (PS3.10) of a plane through a volume, image `number` of its series, from 1.

    `header` is that of one of the volume's objects as it leaves the archive (DICOM JSON), `image` (rows, columns) has
    values in the unit of the series' encoding. It is a CT, MR or PET Image as its source is, else a Secondary Capture.
    """
    kind = class_of(header)
    made = _begun(kind, series, number, sources, codes.MPR)
    _placed(made, header, plane, series)
    _samples(made, image, series.encoding, kind)
    _particular(made, kind, series, number)
    return _written(made)


def panoramic_object(
    header: Attributes,
    image: NDArray[np.float32],
    calibration: Calibration,
    *,
    series: SeriesFacts,
    number: int = 1,
    sources: Sequence[Source] = (),
) -> bytes:
    """The file of a panoramic: a Secondary Capture, since it is no plane, that says what its pixels measure (10.7).

    The first column is the patient's right, the first row that nearest the head.
    """
    kind = ImageClass(CAPTURE, text(header, "00080060") or "OT", heritage.flattened(header))
    made = _begun(kind, series, number, sources, codes.CURVED)
    _placeless(made, ["L", "F"])
    made.PixelSpacing = [_ds(calibration.row_spacing), _ds(calibration.column_spacing)]
    made.PixelSpacingCalibrationType = "GEOMETRY"
    made.PixelSpacingCalibrationDescription = "Along the arch, and towards the feet"
    _samples(made, image, series.encoding, kind)
    _particular(made, kind, series, number)
    return _written(made)


def picture_object(
    header: Attributes,
    picture: NDArray[np.uint8],
    *,
    series: SeriesFacts,
    number: int,
    sources: Sequence[Source] = (),
    derivation: tuple[str, str] = codes.RENDERING,
) -> bytes:
    """The file of a picture (rows, columns, 3 of RGB), in three dimensions unless another `derivation` (`codes`) is
    said: a Secondary Capture without a scale."""
    kind = ImageClass(CAPTURE, text(header, "00080060") or "OT", heritage.flattened(header))
    made = _begun(kind, series, number, sources, derivation)
    _placeless(made, None)
    for keyword in ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation"):
        made.pop(keyword, None)
    _pixels(made, picture, 8)
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.PixelRepresentation = 0
    _particular(made, kind, series, number)
    return _written(made)


def _begun(
    kind: ImageClass, series: SeriesFacts, number: int, sources: Sequence[Source], derivation: tuple[str, str]
) -> Dataset:
    """What is the same as in the source, the names, and how it came to be (C.7.6.1, C.12.1, C.12.4)."""
    made = heritage.inherited(kind.header, "" if kind.sop_class_uid == CAPTURE else kind.modality)
    made.SOPClassUID, made.Modality = kind.sop_class_uid, kind.modality
    made.SOPInstanceUID, made.SeriesInstanceUID = uid(series.seed, f"image {number}"), series.uid
    made.SeriesDescription, made.InstanceNumber = series.description[:64], number
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.DerivationDescription = described(series, _HOW[derivation], len(sources), text(kind.header, _SERIES))
    made.DerivationCodeSequence = codes.derivation(derivation, series.projection)
    named = sources if len(sources) <= MOST_NAMED else (sources[0], sources[-1])
    if named:
        made.SourceImageSequence = codes.sources(named)
    made.ImageComments = comments(series.flags)
    made.ContributingEquipmentSequence = Items([codes.processing("Fovea", VERSION, _CONTRIBUTION)])
    return made


def _placed(made: Dataset, header: Attributes, plane: Plane, series: SeriesFacts) -> None:
    """Image Plane and Frame of Reference (C.7.6.2, C.7.4.1)."""
    made.ImagePositionPatient = [_ds(each) for each in plane.origin]
    made.ImageOrientationPatient = [_ds(each) for each in (*plane.across, *plane.down)]
    made.PixelSpacing = [_ds(plane.row_spacing), _ds(plane.column_spacing)]
    made.SliceThickness = None if series.thickness is None else _ds(series.thickness)
    if series.spacing is not None:
        made.SpacingBetweenSlices = _ds(series.spacing)
    if not text(header, _FRAME_OF_REFERENCE):
        # The images of one volume lie in the same place, wherever that is.
        made.FrameOfReferenceUID = uid(text(header, _SERIES) or series.uid, "frame of reference")
    for keyword in ("PositionReferenceIndicator", "PatientPosition"):
        if keyword not in made:
            setattr(made, keyword, "")


def _placeless(made: Dataset, orientation: list[str] | None) -> None:
    """An image that is no plane of the patient, and which way its rows and columns go (C.7.6.1.1.1)."""
    for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator", "PatientPosition"):
        made.pop(keyword, None)
    made.PatientOrientation = orientation


def _samples(made: Dataset, image: NDArray[np.float32], encoding: Encoding, kind: ImageClass) -> None:
    """Image Pixel and Modality LUT (C.7.6.3, C.11.1), which MR Images have only where there is something to rescale."""
    _pixels(made, encoding.stored(image), 16)
    made.SamplesPerPixel, made.PixelRepresentation = 1, 1
    # The values are kept, so they are to be shown as the source's are.
    made.PhotometricInterpretation = (
        "MONOCHROME1" if text(kind.header, _PHOTOMETRIC) == "MONOCHROME1" else "MONOCHROME2"
    )
    if kind.sop_class_uid != MR or not encoding.is_identity:
        made.RescaleIntercept, made.RescaleSlope = _ds(encoding.intercept), _ds(encoding.slope)
        if kind.sop_class_uid != PT:
            # PET says it by Units, which are inherited.
            made.RescaleType = encoding.unit


def _pixels(made: Dataset, samples: NDArray[Any], bits: int) -> None:
    made.Rows, made.Columns = samples.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    data = samples.tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OW" if bits > 8 else "OB"


def _particular(made: Dataset, kind: ImageClass, series: SeriesFacts, number: int) -> None:
    """What its class asks for besides."""
    flavour, projection = _FLAVOURS[series.projection]
    if kind.sop_class_uid == CT:
        # AXIAL is any image across, whichever way it lies (C.8.2.1.1.1).
        made.ImageType = ["DERIVED", "SECONDARY", "AXIAL", projection]
    elif kind.sop_class_uid == MR:
        made.ImageType = ["DERIVED", "SECONDARY", flavour, projection]
        if "IR" in made.ScanningSequence:
            _empty(made, "InversionTime")
    elif kind.sop_class_uid == PT:
        # SECONDARY is not among its terms (C.8.9.4.1.3).
        made.ImageType = ["DERIVED", "PRIMARY", projection]
        made.NumberOfSlices, made.ImageIndex = series.count, number
        # It says that by codes instead (C.8.4.6).
        made.pop("PatientPosition", None)
    else:
        made.ConversionType = "WSD"
    _empty(made, *_TYPE_2[kind.sop_class_uid])


def _empty(made: Dataset, *keywords: str) -> None:
    """Attributes of which the source says nothing, without a value."""
    for keyword in keywords:
        if keyword not in made:
            setattr(made, keyword, None)


def _ds(number: float) -> DSfloat:
    return DSfloat(float(number), auto_format=True)


def _written(made: Dataset) -> bytes:
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    made.file_meta = meta
    target = io.BytesIO()
    dcmwrite(target, made, enforce_file_format=True)
    return target.getvalue()
