"""Cross-sections: planes upright on the dental arch, at even intervals along it."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from apps.saying import say
from apps.volumes.curves.arch import FARTHEST, FINEST_SPACING, Curve, outwards
from apps.volumes.resampling.planes import Plane

WIDEST: Final = 100.0
COARSEST_SPACING: Final = 10.0
SMALLEST_INTERVAL: Final = 0.1
MOST_SECTIONS: Final = 2000
MOST_ROWS: Final = 4096


@dataclass(frozen=True, slots=True)
class CrossSections:
    """One every `interval` along the arch, `width` wide and centred on it, from `top` down to `bottom` (z of the
    patient), with pixels of `spacing`; all in millimetres."""

    interval: float
    width: float
    top: float
    bottom: float
    spacing: float


def cross_sections(curve: Curve, wanted: CrossSections) -> list[Plane]:
    """The planes of all cross-sections, from the patient's right to the left: the first at the beginning of the curve.

    Raises ValueError, with a sentence for people, where they are out of bounds or too many.
    """
    return [cross_section_at(curve, at, wanted) for at in places_of(curve, wanted)]


def places_of(curve: Curve, wanted: CrossSections) -> list[float]:
    """How far along the curve each cross-section is, in millimetres; ValueError as above."""
    if not SMALLEST_INTERVAL <= wanted.interval <= FARTHEST:
        raise ValueError(say("The interval is at least {least} mm.", least=SMALLEST_INTERVAL))
    count = int(curve.length / wanted.interval + 1e-9) + 1
    if count > MOST_SECTIONS:
        raise ValueError(say("There are at most {most} cross-sections: give a longer interval.", most=MOST_SECTIONS))
    return [number * wanted.interval for number in range(count)]


def cross_section_at(curve: Curve, at: float, wanted: CrossSections) -> Plane:
    """The plane upright on the curve at `at` millimetres along it.

    Drawn from the tongue (left) to the cheek (right), the head up: `across` is the curve's normal outwards, `down` is
    -z. The middle between the first and the last column lies on the curve. Raises ValueError as above, and where `at`
    isn't on the curve.
    """
    _check(wanted)
    if not -1e-6 <= at <= curve.length + 1e-6:
        raise ValueError(say("The arch is {length:.1f} mm long: give a place on it.", length=curve.length))
    (x, y), (across_x, across_y) = _on(curve, at)
    columns = int(wanted.width / wanted.spacing + 1e-9) + 1
    half = (columns - 1) / 2 * wanted.spacing
    return Plane(
        origin=(x - half * across_x, y - half * across_y, wanted.top),
        across=(across_x, across_y, 0.0),
        down=(0.0, 0.0, -1.0),
        row_spacing=wanted.spacing,
        column_spacing=wanted.spacing,
        rows=int((wanted.top - wanted.bottom) / wanted.spacing + 1e-9) + 1,
        columns=columns,
    )


def _check(wanted: CrossSections) -> None:
    numbers = (wanted.top, wanted.bottom)
    if not all(isfinite(number) and abs(number) <= FARTHEST for number in numbers):
        raise ValueError(say("The bounds of a cross-section are millimetres of the patient."))
    if not FINEST_SPACING <= wanted.spacing <= COARSEST_SPACING:
        raise ValueError(say("The spacing is {least} to {most} mm.", least=FINEST_SPACING, most=COARSEST_SPACING))
    if not wanted.spacing <= wanted.width <= WIDEST:
        raise ValueError(say("A cross-section is at least one pixel and at most {most} mm wide.", most=WIDEST))
    if not wanted.spacing <= wanted.top - wanted.bottom <= MOST_ROWS * wanted.spacing:
        raise ValueError(say("The top is to be above the bottom, by at most {most} pixels.", most=MOST_ROWS))


def _on(curve: Curve, at: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The point and the unit normal outwards at a distance along the curve."""
    points, tangents = curve.spline.at(np.array([at]))
    (x, y), (across_x, across_y) = points[0].tolist(), outwards(tangents)[0].tolist()
    return (x, y), (across_x, across_y)
