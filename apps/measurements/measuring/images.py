"""The stored images that figures are drawn in, and their values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.archive import headers, retrieve
from apps.archive.decoding import decode_frame
from apps.archive.models import Instance, Study
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable, NotFound
from apps.dicom.attributes import Attributes, integer
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.lut import MODALITY_LUT_SEQUENCE, first_table
from apps.dicom.syntax import of_frames
from apps.measurements.content.calibration import spacing_of
from apps.measurements.content.concepts import NO_UNIT
from apps.measurements.content.figures import Figure, Image
from apps.measurements.content.units import unit_of
from apps.saying import say
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of a stored image: `header` is the object's as it leaves (DICOM JSON); `values` as `Image` has them."""

    stored: StoredInstance
    header: Attributes
    frame: Frame
    values: NDArray[np.float64] | None
    has_table: bool = False

    def image_of(self, figure: Figure) -> Image:
        """What the figure is measured in: of ultrasound, the calibration depends on where it is drawn."""
        stored = self.stored
        return Image(
            sop_class_uid=stored.sop_class_uid,
            sop_instance_uid=stored.sop_instance_uid,
            frame_number=self.frame.number if stored.number_of_frames > 1 else 0,
            spacing=spacing_of(self.header, self.frame, figure.points),
            values=self.values,
            # A look-up table's values have a unit of their own, which is none of UCUM's (C.11.1.1.2).
            unit=NO_UNIT if self.has_table else unit_of(self.frame.unit),
        )


def instances_of(study: Study, uids: Iterable[str]) -> dict[str, Instance]:
    """The study's own instances of these UIDs, by UID; those it doesn't have are left out."""
    found = Instance.objects.filter(series__study=study.pk, sop_instance_uid__in=sorted(set(uids)))
    rows = found.select_related("series").defer("header", "found", "frame_index", "bulk_index")
    return {row.sop_instance_uid: row for row in rows}


def size_of(instance: Instance) -> tuple[int, int]:
    """Rows and columns, by its header. Raises NotFound for what has gone."""
    header, _ = headers.described(_stored(instance))
    return integer(header, "00280010") or 0, integer(header, "00280011") or 0


def picture_of(instance: Instance, number: int) -> Picture:
    """The frame with its values. Raises NotFound without that frame, NotAcceptable for one that can't be decoded.

    And Unavailable, where the server is busy with other images.
    """
    stored = _stored(instance)
    header, data = headers.pixels_of(stored, number)
    frame = frames_of(header, instance.pk, transfer_syntax=stored.transfer_syntax_uid)[number - 1]
    try:
        description = PixelDescription.from_attributes(header)
        samples = decode_frame(data, description, of_frames(stored.transfer_syntax_uid))
    except Undecodable as error:
        raise NotAcceptable(say("The image can't be decoded: {error}", error=error)) from error
    return _valued(stored, header, frame, samples, is_signed=description.is_signed)


def _stored(instance: Instance) -> StoredInstance:
    stored = retrieve.by_key(instance.pk)
    if stored is None:
        raise NotFound(say("The image has been deleted or replaced meanwhile."))
    return stored


def _valued(
    stored: StoredInstance, header: Attributes, frame: Frame, samples: NDArray[Any], *, is_signed: bool
) -> Picture:
    """Values of the modality (PS3.3 C.11.1), none where padding says that nothing was imaged; colours have none."""
    if not frame.is_grayscale or samples.ndim != 2:
        return Picture(stored, header, frame, None)
    table = first_table(header, MODALITY_LUT_SEQUENCE, is_signed=is_signed)
    values = samples * np.float64(frame.slope) + frame.intercept if table is None else table.apply(samples)
    if frame.padding is not None:
        values = np.where(samples == frame.padding, np.nan, values)
    return Picture(stored, header, frame, values, has_table=table is not None)
