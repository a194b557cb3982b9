"""The bytes of a DICOM file before its Pixel Data: preamble, File Meta Information and data set (PS3.10 7.1).

Explicit VR Little Endian, as every encapsulated transfer syntax (PS3.5 A.4).
"""

from collections.abc import Iterable
from itertools import accumulate
from struct import pack
from typing import Final

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.part10 import file_head
from apps.dicom.syntax import is_video
from apps.video.conversion.outcome import Stream

_ITEM_HEAD: Final = 8  # bytes: tag and length


def head(dataset: Dataset, stream: Stream) -> bytes:
    """All of the file up to where the element Pixel Data (7FE0,0010) begins. `dataset` is left as it was.

    A video tells its length without padding, Encapsulated Pixel Data Value Total Length (7FE0,0003). Frames of JPEG
    get an Extended Offset Table (7FE0,0001) with their lengths (7FE0,0002): the Basic Offset Table is to be empty.
    Each frame is one fragment.
    """
    written = Dataset()
    written.update(dataset)
    if is_video(stream.plan.transfer_syntax_uid):
        written.EncapsulatedPixelDataValueTotalLength = stream.size
    else:
        lengths = [length for _, length in stream.spans]
        written.ExtendedOffsetTable = _packed(_offsets(lengths))
        written.ExtendedOffsetTableLengths = _packed(lengths)
    return _meta(dataset, stream) + _body(written)


def _offsets(lengths: list[int]) -> list[int]:
    """Where each frame's item begins, from the first one's on; a frame is padded to an even length."""
    return list(accumulate((_ITEM_HEAD + length + length % 2 for length in lengths[:-1]), initial=0))


def _packed(numbers: Iterable[int]) -> bytes:
    held = list(numbers)
    return pack(f"<{len(held)}Q", *held)


def _meta(dataset: Dataset, stream: Stream) -> bytes:
    return file_head(
        str(dataset.SOPClassUID),
        str(dataset.SOPInstanceUID),
        stream.plan.transfer_syntax_uid,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
    )


def _body(dataset: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, dataset)
    return buffer.getvalue()
