"""How many millimetres a pixel is, and how that is known (PS3.3 10.7): a projection shows the body enlarged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.dicom.attributes import Attributes, integer, items, number, numbers, text
from apps.measurements.content.groups import Point
from apps.saying import Sentence, say
from apps.volumes.derived.telling import forbidden_in
from apps.volumes.geometry.frames import Frame

_MODALITY, _REGIONS = "00080060", "00186011"
_CALIBRATION_TYPE, _IMAGER, _SCANNED = "00280A02", "00181164", "00182010"
_MAGNIFICATION, _ASPECT = "00181114", "00280034"
_PROJECTIONS: Final = frozenset({"CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"})
# Of an ultrasound region (C.8.5.5.1): two-dimensional, and centimetres in both directions.
_PLANE, _CENTIMETRES = 1, 3
_MM_OF_CM: Final = 10.0
# Millimetres: no pixel is smaller or larger; and by how much a projection may be said to enlarge.
SMALLEST, LARGEST = 1e-5, 1_000.0
LARGEST_FACTOR: Final = 100.0
# Pixel Spacing that is the same as at the detector was not corrected.
_SAME: Final = 1e-6


class Calibration(StrEnum):
    """By what pixels became millimetres."""

    PLANE = "plane"
    CORRECTED = "corrected"
    MAGNIFICATION = "magnification"
    DETECTOR = "detector"
    UNSTATED = "unstated"
    SCANNED = "scanned"
    REGION = "region"
    NONE = "none"
    FORBIDDEN = "forbidden"


WORDS: Final[dict[Calibration, Sentence]] = {
    Calibration.PLANE: say("Millimetres in the plane of the image."),
    Calibration.CORRECTED: say("Millimetres as the image was calibrated (Pixel Spacing)."),
    Calibration.MAGNIFICATION: say(
        "Millimetres estimated by the magnification factor (Imager Pixel Spacing, Estimated Radiographic Magnification "
        "Factor)."
    ),
    Calibration.DETECTOR: say(
        "Millimetres at the detector (Imager Pixel Spacing): in the body it is less, since a projection enlarges."
    ),
    Calibration.UNSTATED: say("Millimetres by Pixel Spacing of a projection, which does not say at what depth."),
    Calibration.SCANNED: say("Millimetres on the scanned film (Nominal Scanned Pixel Spacing)."),
    Calibration.REGION: say("Millimetres by the calibration of the ultrasound region."),
    Calibration.NONE: say("The image says nothing of millimetres: pixels."),
    Calibration.FORBIDDEN: say(
        "The geometry of the image is uncertain, so that nothing is said in millimetres: pixels."
    ),
}


@dataclass(frozen=True, slots=True)
class Spacing:
    """From row to row and from column to column, in millimetres; in pixels where `calibration` is NONE or FORBIDDEN: 1
    and 1, or as Pixel Aspect Ratio has it, where the width of a pixel counts as 1."""

    row: float
    column: float
    calibration: Calibration

    @property
    def is_millimetres(self) -> bool:
        return self.calibration not in (Calibration.NONE, Calibration.FORBIDDEN)


def spacing_of(header: Attributes, frame: Frame, points: Sequence[Point] = ()) -> Spacing:
    """What distances between these points (column, row) of a frame are measured by.

    `header` is DICOM JSON, `frame` what `volumes.geometry.reading` reads from it. In ultrasound all points have to lie
    in one calibrated region. A spacing that can't be counts as not said, and that of an image derived from a volume
    of uncertain geometry (`derived.telling`) is not believed.
    """
    if forbidden_in(header):
        return Spacing(1.0, 1.0, Calibration.FORBIDDEN)
    regions = list(items(header, _REGIONS))
    if regions:
        return _of_region(regions, points) or _uncalibrated(header)
    if frame.spacing is not None:
        row, column = frame.spacing
        return Spacing(row, column, _meaning(header, frame.spacing))
    return _at_detector(header) or _pair(header, _SCANNED, Calibration.SCANNED) or _uncalibrated(header)


def _meaning(header: Attributes, spacing: tuple[float, float]) -> Calibration:
    """What Pixel Spacing (10.7.1.1) is of: the plane of a slice, else a projection with or without a correction."""
    imager = _pair(header, _IMAGER, Calibration.DETECTOR)
    if imager is None and text(header, _MODALITY).upper() not in _PROJECTIONS:
        return Calibration.PLANE
    if text(header, _CALIBRATION_TYPE):
        return Calibration.CORRECTED
    if imager is None:
        return Calibration.UNSTATED
    is_same = all(math.isclose(a, b, rel_tol=_SAME) for a, b in zip(spacing, (imager.row, imager.column), strict=True))
    return Calibration.DETECTOR if is_same else Calibration.CORRECTED


def _at_detector(header: Attributes) -> Spacing | None:
    """By Imager Pixel Spacing, smaller by the Estimated Radiographic Magnification Factor where that is said."""
    imager = _pair(header, _IMAGER, Calibration.DETECTOR)
    factor = number(header, _MAGNIFICATION)
    if imager is None or factor is None or not 1.0 <= factor <= LARGEST_FACTOR:
        return imager
    return Spacing(imager.row / factor, imager.column / factor, Calibration.MAGNIFICATION)


def _pair(header: Attributes, tag: str, calibration: Calibration) -> Spacing | None:
    found = numbers(header, tag)
    if len(found) != 2 or not SMALLEST <= min(found) <= max(found) <= LARGEST:
        return None
    return Spacing(found[0], found[1], calibration)


def _of_region(regions: Sequence[Attributes], points: Sequence[Point]) -> Spacing | None:
    """That of the first region (Sequence of Ultrasound Regions) of length by length which holds all points."""
    for region in regions:
        units = (integer(region, "00186024"), integer(region, "00186026"))
        is_plane = integer(region, "00186012") == _PLANE and units == (_CENTIMETRES, _CENTIMETRES)
        column, row = (abs(number(region, tag) or 0.0) * _MM_OF_CM for tag in ("0018602C", "0018602E"))
        is_possible = SMALLEST <= min(column, row) <= max(column, row) <= LARGEST
        if is_plane and is_possible and all(_is_inside(region, point) for point in points):
            return Spacing(row, column, Calibration.REGION)
    return None


def _is_inside(region: Attributes, point: Point) -> bool:
    """Region Location counts pixels from 0, the last one included."""
    left, top, right, bottom = (integer(region, f"001860{tag}") or 0 for tag in ("18", "1A", "1C", "1E"))
    return left <= point[0] <= right + 1 and top <= point[1] <= bottom + 1


def _uncalibrated(header: Attributes) -> Spacing:
    """Pixels, as high as Pixel Aspect Ratio (C.7.6.3.1.7: vertical to horizontal) says they are shown."""
    ratio = numbers(header, _ASPECT)
    is_ratio = len(ratio) == 2 and min(ratio) > 0 and max(ratio) <= LARGEST_FACTOR * min(ratio)
    return Spacing(ratio[0] / ratio[1] if is_ratio else 1.0, 1.0, Calibration.NONE)
