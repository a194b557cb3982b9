"""The frames of stored segmentations, decoded one by one."""

from typing import Any

from numpy.typing import NDArray

from apps.archive import headers, retrieve
from apps.archive.decoding import decode_frame
from apps.archive.retrieve import Reader
from apps.core.errors import NotAcceptable, NotFound
from apps.dicom.attributes import Attributes
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.frames import FrameIndex
from apps.dicom.syntax import of_frames
from apps.saying import say
from apps.segmentation.models import Segmentation


class Stored:
    """A segmentation in the archive: its `header` in DICOM JSON as it leaves, and its frames. Raises NotFound."""

    def __init__(self, row: Segmentation) -> None:
        stored = retrieve.by_key(row.instance_id)
        if stored is None:
            raise NotFound(say("This segmentation has been deleted or replaced."))
        self._stored = stored
        header, packed = headers.described(stored)
        self.header: Attributes = header
        self._index = FrameIndex.from_bytes(packed)
        self._read = Reader(stored)

    def frame(self, number: int) -> NDArray[Any]:
        """The stored values (rows, columns) of a frame, from 1. Raises NotAcceptable where it can't be decoded."""
        try:
            description = PixelDescription.from_attributes(self.header)
            data = self._index.extract(self._read, number)
            return decode_frame(data, description, of_frames(self._stored.transfer_syntax_uid))
        except (Undecodable, IndexError) as error:
            raise NotAcceptable(
                say("Frame {number} of the segmentation can't be decoded: {error}", number=number, error=error)
            ) from error
