"""Volumes of contours that people draw in parallel images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import concepts
from apps.measurements.content.geometry import volume_of_contours
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.placing import in_patient
from apps.saying import say
from apps.volumes.geometry.frames import Frame


@dataclass(frozen=True, slots=True)
class Solid:
    """What a volume is called."""

    label: str = ""
    finding: Code = NO_CODE
    sites: tuple[Code, ...] = ()


class Contour(NamedTuple):
    """An outline (POLYLINE) in an image, and where that lies."""

    outline: Coordinates
    frame: Frame


def group_of(solid: Solid, contours: Sequence[Contour], tracking_uid: str) -> Group:
    """The volume in millilitres, with all contours as its region.

    Raises ValueError with a sentence where an image lies nowhere, for images of several frames of reference, and as
    `geometry.volume_of_contours`.
    """
    if len({contour.frame.frame_of_reference for contour in contours}) > 1:
        raise ValueError(say("The contours are drawn in images that do not lie in the same place."))
    placed = [in_patient(contour.outline.points, contour.frame) for contour in contours]
    outlines = [each for each in placed if each is not None]
    if len(outlines) < len(placed):
        raise ValueError(say("An image does not say where it lies in the patient."))
    value = Value(
        concepts.VOLUME,
        volume_of_contours(outlines),
        concepts.MILLILITRE,
        coordinates=tuple(contour.outline for contour in contours),
    )
    return Group(
        tracking_uid, solid.label, label=solid.label, finding=solid.finding, sites=solid.sites, values=(value,)
    )
