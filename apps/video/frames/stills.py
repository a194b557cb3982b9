"""A picture of a video as an object of its own: VL Endoscopic, Microscopic or Photographic Image (A.32.1, .2, .4).

Pure: nothing in it depends on when it is made, so that the same picture is the same object again.
"""

import io
from dataclasses import dataclass
from typing import Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from apps.core.version import IMPLEMENTATION_CLASS_UID
from apps.saying import say
from apps.video.errors import Code, Refused
from apps.video.frames import heritage
from apps.video.objects import moments
from apps.video.objects.metadata import Reference
from apps.video.objects.presets import VIDEO_ENDOSCOPIC, VIDEO_MICROSCOPIC, VIDEO_PHOTOGRAPHIC
from apps.video.objects.sequences import referenced
from apps.video.objects.uids import seed, uid

VL_ENDOSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.1"
VL_MICROSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.2"
VL_PHOTOGRAPHIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.4"
OF_VIDEO: Final = {
    VIDEO_ENDOSCOPIC: (VL_ENDOSCOPIC, "ES"),
    VIDEO_MICROSCOPIC: (VL_MICROSCOPIC, "GM"),
    VIDEO_PHOTOGRAPHIC: (VL_PHOTOGRAPHIC, "XC"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: its frame's number in the video, its second, and its samples (RGB, rows from the top)."""

    frame: int
    seconds: float
    rows: int
    columns: int
    samples: bytes


def check(sop_class_uid: str) -> None:
    """Raises Refused for an object of which there are no stills."""
    if sop_class_uid not in OF_VIDEO:
        raise Refused(
            Code.UNSUPPORTED,
            say("Stills are made of Video Endoscopic, Microscopic and Photographic Images, not of other objects."),
        )


def still(header: Dataset, picture: Picture) -> bytes:
    """The file of the object (PS3.10). Raises Refused."""
    check(str(header.SOPClassUID))
    made = heritage.inherited(header)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.Modality = OF_VIDEO[str(header.SOPClassUID)]
    source = seed(str(header.SOPInstanceUID))
    made.SOPInstanceUID = uid(source, f"still {picture.frame}")
    made.SeriesInstanceUID = uid(source, "stills")
    made.SeriesNumber = header.get("SeriesNumber")
    made.SeriesDescription = _described(header)
    made.InstanceNumber = picture.frame
    _moment(made, header, picture)
    _empty(made)
    _image(made, picture)
    _derived(made, header, picture)
    return _written(made)


def _described(header: Dataset) -> str:
    return f"Stills: {header.get('SeriesDescription', '') or 'video'}"[:64]


def _moment(made: Dataset, header: Dataset, picture: Picture) -> None:
    """When the picture was taken: as far into the video as it is (C.7.6.1, C.7.10.1).

    Of a video that says nothing of that it is left out: a Content Time may not be empty (C.8.12.1).
    """
    taken = heritage.later(heritage.acquired(header), picture.seconds)
    if taken is None:
        for keyword in ("ContentDate", "ContentTime"):
            if header.get(keyword):
                made[keyword] = header[keyword]
        return
    made.AcquisitionDateTime = moments.stamp(taken)
    made.ContentDate, made.ContentTime = moments.day(taken), moments.clock(taken)


def _empty(made: Dataset) -> None:
    """Type 2 attributes of which the video may say nothing."""
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
        "AccessionNumber", "ReferringPhysicianName", "Manufacturer", "PatientOrientation",
    ):  # fmt: skip
        if keyword not in made:
            setattr(made, keyword, "")
    if "AcquisitionContextSequence" not in made:
        made.AcquisitionContextSequence = Sequence()


def _image(made: Dataset, picture: Picture) -> None:
    """Image Pixel (C.7.6.3) and VL Image (C.8.12.1)."""
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.Rows, made.Columns = picture.rows, picture.columns
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    # It was compressed with loss once, whatever it is now (C.7.6.1.1.5).
    made.LossyImageCompression = "01"
    made.PixelData = picture.samples + b"\0" * (len(picture.samples) % 2)
    made["PixelData"].VR = "OB"


def _derived(made: Dataset, header: Dataset, picture: Picture) -> None:
    """General Image (C.7.6.1): of which frame of which object it was made, and how."""
    made.ImageType = ["DERIVED", "PRIMARY"]
    made.DerivationDescription = f"Frame {picture.frame} of a video, decoded"
    source = Reference(str(header.SOPClassUID), str(header.SOPInstanceUID), (picture.frame,), is_source=True)
    made.SourceImageSequence = referenced([source])


def _written(made: Dataset) -> bytes:
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, IMPLEMENTATION_CLASS_UID
    made.file_meta = meta
    target = io.BytesIO()
    dcmwrite(target, made, enforce_file_format=True)
    return target.getvalue()
