"""What the browser tests look at, made in code."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import imagecodecs
import numpy as np
from highdicom.content import AlgorithmIdentificationSequence
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filewriter import dcmwrite
from pydicom.sr.codedict import codes
from pydicom.uid import (
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from apps.archive.phantom import slices
from tests import dicoms

Encode = Callable[[np.ndarray], bytes | bytearray]

SLICES = 24
SIZE = 128
# 64 x 64 pixels of 12 bits in 16, no two rows alike.
GRADIENT = (np.add.outer(np.arange(64) * 50, np.arange(64) * 13) % 4096).astype("<u2")


@dataclass(frozen=True, slots=True)
class Study:
    """The Part 10 files of one study."""

    uid: str
    patient: str
    files: tuple[bytes, ...]


def head() -> Study:
    """A CT volume that scrolls and reconstructs."""
    return _study(*slices(SLICES, SIZE, name="browser"))


def segmented_head() -> Study:
    """Another such volume, with a binary segmentation of its bright voxels."""
    images = [dcmread(BytesIO(file)) for file in slices(SLICES, SIZE, name="segmented")]
    for image in images:
        image.PatientName, image.PatientID = "Segmented^Sofia", "SEG-1"
    bone = np.stack([image.pixel_array for image in images]) > 1024 + 300
    return _study(*map(_bytes, [*images, _segmentation(images, bone)]))


def compressed_series() -> Study:
    """One slice five times, each in another lossless transfer syntax, and with a VOI LUT Function."""
    return _study(*(_compressed(number, *how) for number, how in enumerate(LOSSLESS, start=1)))


def photograph() -> Study:
    """A JPEG with loss: a bright square. It has no Modality."""
    pixels = np.zeros((64, 64), np.uint8)
    pixels[16:48, 16:48] = 200
    file = dicoms.encapsulated(
        [bytes(imagecodecs.jpeg8_encode(pixels, level=95))],
        Rows=64,
        Columns=64,
        Modality=None,
        PatientName="Photo^Pia",
        StudyInstanceUID=dicoms.uid(9),
        SeriesInstanceUID=dicoms.uid(9, 1),
    )
    return _study(file)


def single_image() -> bytes:
    """An image of another patient, to be uploaded."""
    return dicoms.secondary_capture(PatientName="Upload^Ulla", StudyInstanceUID=dicoms.uid(7))


def _study(*files: bytes) -> Study:
    first = dcmread(BytesIO(files[0]), stop_before_pixels=True)
    return Study(str(first.StudyInstanceUID), str(first.PatientName), files)


def _bytes(dataset: Dataset) -> bytes:
    stream = BytesIO()
    dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def _compressed(number: int, transfer_syntax: str, encode: Encode) -> bytes:
    dataset = dicoms.ct_dataset(
        InstanceNumber=number,
        PatientName="Compressed^Cleo",
        StudyInstanceUID=dicoms.uid(8),
        SeriesInstanceUID=dicoms.uid(8, 1),
        SOPInstanceUID=dicoms.uid(8, 1, number),
        VOILUTFunction="SIGMOID",
        PixelData=None,
    )
    dataset.PixelData = encapsulate([bytes(encode(GRADIENT))])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dicoms.part10(dataset, transfer_syntax)


def _rle(pixels: np.ndarray) -> bytes:
    dataset = dicoms.ct_dataset(PixelData=pixels.tobytes())
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.compress(RLELossless, generate_instance_uid=False)
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


LOSSLESS: tuple[tuple[str, Encode], ...] = (
    (JPEGLosslessSV1, imagecodecs.ljpeg_encode),
    (JPEGLSLossless, imagecodecs.jpegls_encode),
    (JPEG2000Lossless, partial(imagecodecs.jpeg2k_encode, level=0, codecformat="j2k", reversible=True)),
    (HTJ2KLossless, partial(imagecodecs.htj2k_encode, reversible=True)),
    (RLELossless, _rle),
)


def _segmentation(images: list[FileDataset], mask: np.ndarray) -> Dataset:
    """`mask` is (slices, rows, columns)."""
    algorithm = AlgorithmIdentificationSequence("threshold", codes.DCM.ArtificialIntelligence, "1")
    segment = SegmentDescription(
        segment_number=1,
        segment_label="Bone",
        segmented_property_category=codes.SCT.Tissue,
        segmented_property_type=codes.SCT.Bone,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm,
    )
    return Segmentation(
        source_images=images,
        pixel_array=mask,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[segment],
        series_instance_uid=dicoms.uid(6, 1),
        series_number=2,
        sop_instance_uid=dicoms.uid(6, 1, 1),
        instance_number=1,
        manufacturer="Fovea",
        manufacturer_model_name="Tests",
        software_versions="1",
        device_serial_number="1",
    )
