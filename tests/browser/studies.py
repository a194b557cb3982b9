"""What the browser tests look at, made in code."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from highdicom.content import AlgorithmIdentificationSequence
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from PIL import Image
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
    PositronEmissionTomographyImageStorage,
    RLELossless,
    RTStructureSetStorage,
    TwelveLeadECGWaveformStorage,
)

from apps.archive.phantom import slices
from tests import dicoms, documents, movies
from tests.browser import films

Make = Callable[[], "Study"]
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


def oblong_head() -> Study:
    """A CT volume whose pixels are 1.5 mm high and 2 mm wide."""
    images = [dcmread(BytesIO(file)) for file in slices(8, 96, name="oblong")]
    for image in images:
        image.PatientName, image.PatientID, image.PixelSpacing = "Oblong^Olga", "OBLONG-1", [1.5, 2]
    return _study(*map(_bytes, images))


def reported_head() -> Study:
    """A CT volume that a report is written of, which adds series to its study."""
    images = [dcmread(BytesIO(file)) for file in slices(SLICES, SIZE, name="reported")]
    for image in images:
        image.PatientName, image.PatientID = "Reported^Rita", "REPORTED-1"
    return _study(*map(_bytes, images))


def skull() -> Study:
    """A CT volume whose bone is to be segmented."""
    images = [dcmread(BytesIO(file)) for file in slices(16, 96, name="skull")]
    for image in images:
        image.PatientName, image.PatientID = "Skull^Sven", "SKULL-1"
    return _study(*map(_bytes, images))


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


def shared_colours() -> Study:
    """A red square in uncompressed YBR_FULL_422: two pixels share their chrominance."""
    red = bytes((76, 76, 85, 255)) * (64 * 64 // 2)
    file = dicoms.secondary_capture(Rows=64, Columns=64, PhotometricInterpretation="YBR_FULL_422", PixelData=red)
    return _study(_elsewhere(16, file, "Shared^Sara"))


def film() -> Study:
    """A video: a new grey every tenth of a second."""
    return _study(_elsewhere(10, movies.video(), "Film^Fanny"))


def old_film() -> Study:
    """The same coded as MPEG-2, which browsers don't know."""
    stream = movies.stream("mpeg2video", "mpeg2video")
    return _study(_elsewhere(11, movies.video(stream, transfer_syntax=movies.MPEG2), "Oldfilm^Otto"))


def operation() -> Study:
    """Videos of every class, and Motion-JPEG, a series each."""
    return _study(*films.files())


def letter() -> Study:
    """An encapsulated PDF of one page."""
    page = BytesIO()
    Image.new("RGB", (300, 400), (200, 30, 30)).save(page, "PDF")
    return _study(_elsewhere(12, dicoms.encapsulated_pdf(page.getvalue()), "Letter^Lea"))


def report() -> Study:
    """A structured report with a measurement, on an image of the same study."""
    content = (documents.number("Diameter", "12", "mm"), documents.image(dicoms.uid(1, 1, 1)))
    return _study(dicoms.ct_slice(PatientName="Report^Rosa"), documents.report(*content, PatientName="Report^Rosa"))


def fusion() -> Study:
    """A CT volume and a PET volume at the same place, with what standardised uptake values need."""
    ct = [dcmread(BytesIO(file)) for file in slices(SLICES, SIZE, name="fusion")]
    pet = [_pet(image, number) for number, image in enumerate(ct, start=1)]
    for image in [*ct, *pet]:
        image.PatientName, image.PatientID, image.StudyDescription = "Fusion^Felix", "FUSION-1", "PET CT"
        image.PatientWeight = 70
    return _study(*map(_bytes, [*ct, *pet]))


def contoured_head() -> Study:
    """A CT volume with a structure set: one square on every slice."""
    images = [dcmread(BytesIO(file)) for file in slices(SLICES, SIZE, name="contoured")]
    for image in images:
        image.PatientName, image.PatientID = "Contoured^Carl", "RT-1"
    return _study(*map(_bytes, [*images, _structures(images)]))


def cardiogram() -> Study:
    """A twelve-lead electrocardiogram of two seconds."""
    dataset = dicoms.ct_dataset(PixelData=None)
    for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    dataset.update(_waveforms())
    dataset.SOPClassUID, dataset.Modality = TwelveLeadECGWaveformStorage, "ECG"
    return _study(_elsewhere(13, dicoms.part10(dataset), "Cardiogram^Cora"))


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


def _elsewhere(number: int, file: bytes, patient: str) -> bytes:
    """The object in a study of its own."""
    dataset = dcmread(BytesIO(file))
    dataset.PatientName, dataset.PatientID = patient, f"P{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = dicoms.uid(number), dicoms.uid(number, 1)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = dicoms.uid(number, 1, 1)
    return _bytes(dataset)


def _pet(ct: FileDataset, number: int) -> FileDataset:
    """A PET slice where the CT slice is: warm where there is bone."""
    pet = deepcopy(ct)
    pet.SOPClassUID = pet.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    pet.SOPInstanceUID = pet.file_meta.MediaStorageSOPInstanceUID = dicoms.uid(14, 1, number)
    pet.SeriesInstanceUID, pet.SeriesNumber, pet.Modality = dicoms.uid(14, 1), 2, "PT"
    pet.SeriesDescription, pet.Units, pet.DecayCorrection = "PET WB", "BQML", "START"
    pet.CorrectedImage, pet.SeriesType, pet.ImageIndex = ["ATTN", "DECY"], ["WHOLE BODY", "IMAGE"], number
    pet.SeriesDate = pet.AcquisitionDate = pet.StudyDate
    pet.SeriesTime = pet.AcquisitionTime = pet.StudyTime = "101530"
    pet.RescaleIntercept, pet.RescaleSlope, pet.RescaleType = 0, 20, "BQML"
    pet.WindowCenter, pet.WindowWidth = 20000, 40000
    dose = Dataset()
    dose.RadionuclideTotalDose, dose.RadionuclideHalfLife = 370_000_000, 6586.2
    dose.RadiopharmaceuticalStartTime = "091530"
    dose.RadiopharmaceuticalStartDateTime = f"{pet.StudyDate}091530"
    pet.RadiopharmaceuticalInformationSequence = [dose]
    return pet


def _structures(images: list[FileDataset]) -> Dataset:
    first = images[0]
    dataset = deepcopy(first)
    for keyword in ("PixelData", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(dataset, keyword)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = RTStructureSetStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = dicoms.uid(15, 1, 1)
    dataset.SeriesInstanceUID, dataset.Modality, dataset.SeriesNumber = dicoms.uid(15, 1), "RTSTRUCT", 3
    dataset.SeriesDescription = dataset.StructureSetLabel = "Contours"
    dataset.StructureSetROISequence = [
        _filled(
            ROINumber=1,
            ROIName="Target",
            ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID,
            ROIGenerationAlgorithm="MANUAL",
        )
    ]
    dataset.RTROIObservationsSequence = [
        _filled(ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="GTV", ROIInterpreter="")
    ]
    contours = [_square(image) for image in images]
    dataset.ROIContourSequence = [
        _filled(ReferencedROINumber=1, ROIDisplayColor=[255, 40, 40], ContourSequence=contours)
    ]
    references = [contour.ContourImageSequence[0] for contour in contours]
    series = _filled(SeriesInstanceUID=first.SeriesInstanceUID, ContourImageSequence=references)
    study = _filled(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=[series],
    )
    dataset.ReferencedFrameOfReferenceSequence = [
        _filled(FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=[study])
    ]
    return dataset


def _square(image: FileDataset) -> Dataset:
    z = float(image.ImagePositionPatient[2])
    corners = [(-40, -40), (40, -40), (40, 40), (-40, 40)]
    return _filled(
        ContourImageSequence=[
            _filled(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
        ],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=4,
        ContourData=[coordinate for x, y in corners for coordinate in (x, y, z)],
    )


def _waveforms() -> Dataset:
    """Twelve leads of a sawtooth, 500 samples a second."""
    leads = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    ramp = (np.arange(1000) % 250 - 125).astype("<i2") * 8
    group = _filled(
        WaveformOriginality="ORIGINAL",
        NumberOfWaveformChannels=len(leads),
        NumberOfWaveformSamples=len(ramp),
        SamplingFrequency=500,
        ChannelDefinitionSequence=[_channel(lead) for lead in leads],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
        WaveformData=np.repeat(ramp[:, np.newaxis], len(leads), axis=1).tobytes(),
    )
    return _filled(WaveformSequence=[group])


def _channel(lead: str) -> Dataset:
    return _filled(
        ChannelSourceSequence=[_filled(CodeValue=lead, CodingSchemeDesignator="99T", CodeMeaning=f"Lead {lead}")],
        ChannelSensitivity="1",
        ChannelSensitivityUnitsSequence=[
            _filled(CodeValue="uV", CodingSchemeDesignator="UCUM", CodeMeaning="microvolt")
        ],
        ChannelSensitivityCorrectionFactor="1",
        ChannelBaseline="0",
        ChannelTimeSkew="0",
        WaveformBitsStored=16,
    )


def _filled(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


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


ALL: tuple[Make, ...] = (
    *(head, segmented_head, compressed_series, photograph, shared_colours),
    *(film, old_film, operation, letter, report, fusion, contoured_head, cardiogram),
)
