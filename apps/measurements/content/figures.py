"""Figures that people draw in an image, measured: each becomes a group of a report as viewers of the OHIF family lay
it out, the region in the first number."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import concepts, geometry, regions, tools
from apps.measurements.content.calibration import WORDS, Calibration, Spacing
from apps.measurements.content.geometry import Points
from apps.measurements.content.groups import Coordinates, Evaluation, Group, Point, Value
from apps.measurements.content.placing import in_plane
from apps.saying import say

CALIBRATION: Final = Code("Calibration", "122505", "DCM")


@dataclass(frozen=True, slots=True)
class Figure:
    """What was drawn: a tool of `FIGURES` with its points (column, row), and what it was called."""

    tool: str
    points: tuple[Point, ...]
    label: str = ""
    finding: Code = NO_CODE
    sites: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """What it was drawn in. `frame_number` is 0 for an image of one frame. `values` [row, column] are in `unit`, NaN
    where nothing was imaged; None for colours, which have no values."""

    sop_class_uid: str
    sop_instance_uid: str
    frame_number: int
    spacing: Spacing
    values: NDArray[Any] | None
    unit: Code


_Measured = tuple[Code, float]
# How far, as a part of the figure's size, a right angle may be off: people draw by pixels.
_SKEW: Final = 0.02
_Mask = Callable[[Figure, Image, tuple[int, int]], regions.Mask]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a figure is measured. `tool` is OHIF's name of it, `count` how many points it has, at least and at most.

    `lengths` and `areas` are of its points in the plane; `graphic` is its type in a SCOORD, of the points that `drawn`
    gives; `mask` are the pixels in it, of whose values something is said.
    """

    tool: str
    count: tuple[int, int]
    graphic: str
    lengths: Callable[[Points], Iterable[_Measured]] = lambda _: ()
    areas: Callable[[Points], Iterable[_Measured]] = lambda _: ()
    angles: Callable[[Points], Iterable[_Measured]] = lambda _: ()
    drawn: Callable[[tuple[Point, ...], Spacing], tuple[Point, ...]] = lambda points, _: points
    mask: _Mask | None = None


def _closed(points: tuple[Point, ...], _: Spacing) -> tuple[Point, ...]:
    return points if points[0] == points[-1] else (*points, points[0])


def _twice(points: tuple[Point, ...], _: Spacing) -> tuple[Point, ...]:
    """An angle as OHIF writes and reads it: two lines, the vertex in both."""
    return points[0], points[1], points[1], points[2]


def _corners(points: tuple[Point, ...], spacing: Spacing) -> tuple[Point, ...]:
    """Four corners one after the other, at right angles in the body. Raises ValueError for others."""
    a, b, c, d = in_plane(points, spacing)
    largest = max(geometry.length([a, c]), geometry.length([b, d]))
    if np.abs((a + c) - (b + d)).max() > _SKEW * largest or abs((b - a) @ (d - a)) > _SKEW * largest**2:
        raise ValueError(say("A rectangle has four corners, one after the other, at right angles."))
    return _closed(points, spacing)


def _ends(points: tuple[Point, ...], spacing: Spacing) -> tuple[Point, ...]:
    """The ends of an ellipse's axes, those of the longer one first. Raises ValueError for axes not at right angles."""
    a, b, c, d = in_plane(points, spacing)
    one, other = b - a, d - c
    if abs(one @ other) > _SKEW * float(np.linalg.norm(one) * np.linalg.norm(other)):
        raise ValueError(say("The axes of an ellipse are at right angles."))
    return points if one @ one >= other @ other else (*points[2:], *points[:2])


def _polygon(figure: Figure, _: Image, shape: tuple[int, int]) -> regions.Mask:
    return regions.polygon(shape, figure.points)


def _ellipse(figure: Figure, _: Image, shape: tuple[int, int]) -> regions.Mask:
    return regions.ellipse(shape, figure.points)


def _circle(figure: Figure, image: Image, shape: tuple[int, int]) -> regions.Mask:
    return regions.circle(shape, figure.points, image.spacing.row, image.spacing.column)


def _perimeter(points: Points) -> list[_Measured]:
    return [(concepts.PERIMETER, geometry.perimeter(points))]


def _area(points: Points) -> list[_Measured]:
    return [(concepts.AREA, geometry.area(points))]


def _of_circle(points: Points) -> list[_Measured]:
    return [(concepts.PERIMETER, geometry.circle_perimeter(points)), (concepts.RADIUS, geometry.radius(points))]


# Of a freehand outline; what a job's parameters hold is less than that.
MOST_POINTS: Final = 1000
LENGTH, ANGLE, COBB, BIDIRECTIONAL = "length", "angle", "cobb", "bidirectional"
POLYGON, ELLIPSE, CIRCLE, RECTANGLE, POINT = "polygon", "ellipse", "circle", "rectangle", "point"
FIGURES: Final[Mapping[str, Kind]] = {
    LENGTH: Kind(
        tools.LENGTH, (2, 2), "POLYLINE", lengths=lambda points: [(concepts.LENGTH, geometry.length(points))]
    ),
    ANGLE: Kind(
        tools.ANGLE, (3, 3), "POLYLINE", angles=lambda points: [(concepts.ANGLE, geometry.angle(points))],
        drawn=_twice,
    ),
    COBB: Kind(
        tools.COBB_ANGLE, (4, 4), "POLYLINE", angles=lambda points: [(concepts.COBB_ANGLE, geometry.cobb_angle(points))]
    ),
    BIDIRECTIONAL: Kind(tools.BIDIRECTIONAL, (4, 4), "POLYLINE"),
    POLYGON: Kind(
        tools.FREEHAND, (3, MOST_POINTS), "POLYLINE", lengths=_perimeter, areas=_area, drawn=_closed, mask=_polygon
    ),
    RECTANGLE: Kind(
        tools.RECTANGLE, (4, 4), "POLYLINE", lengths=_perimeter, areas=_area, drawn=_corners, mask=_polygon
    ),
    ELLIPSE: Kind(
        tools.ELLIPSE, (4, 4), "ELLIPSE", areas=lambda points: [(concepts.AREA, geometry.ellipse_area(points))],
        drawn=_ends, mask=_ellipse,
    ),
    CIRCLE: Kind(
        tools.CIRCLE, (2, 2), "CIRCLE", lengths=_of_circle,
        areas=lambda points: [(concepts.AREA, geometry.circle_area(points))], mask=_circle,
    ),
    POINT: Kind(tools.PROBE, (1, 1), "POINT"),
}  # fmt: skip


def group_of(figure: Figure, image: Image, tracking_uid: str) -> Group:
    """The measurements of a figure: lengths and areas in millimetres, or in pixels where the image is not calibrated.

    Raises ValueError with a sentence for a figure without an extent where one is needed.
    """
    kind = FIGURES[figure.tool]
    place = _place(kind.graphic, kind.drawn(figure.points, image.spacing), image)
    values = _axes(figure, image) if figure.tool == BIDIRECTIONAL else _values(figure, image, place)
    if figure.tool == POLYGON:
        values += _across(figure, image)
    return Group(
        tracking_uid=tracking_uid,
        tracking_identifier=tools.identifier_of(kind.tool),
        tool=kind.tool,
        label=figure.label,
        finding=figure.finding,
        sites=figure.sites,
        values=values,
        evaluations=_calibration(image.spacing),
        coordinates=() if values else (place,),
    )


def _values(figure: Figure, image: Image, place: Coordinates) -> tuple[Value, ...]:
    """All values, the first one with the region."""
    kind, points = FIGURES[figure.tool], in_plane(figure.points, image.spacing)
    far, wide = _units(image.spacing)
    measured = [
        *((*each, wide) for each in kind.areas(points)),
        *((*each, far) for each in kind.lengths(points)),
        *((*each, concepts.DEGREE) for each in kind.angles(points)),
        *((*each, image.unit) for each in _of_pixels(figure, image)),
    ]
    places = [(place,), *[()] * len(measured)]
    return tuple(
        Value(concept, value, unit, coordinates=where)
        for (concept, value, unit), where in zip(measured, places, strict=False)
    )


def _axes(figure: Figure, image: Image) -> tuple[Value, ...]:
    """The long and the short axis as they were drawn, in either order."""
    lines = (figure.points[:2], figure.points[2:])
    short, long = sorted(lines, key=lambda line: geometry.length(in_plane(line, image.spacing)))
    return _axis(concepts.LONG_AXIS, long, image), _axis(concepts.SHORT_AXIS, short, image)


def _across(figure: Figure, image: Image) -> tuple[Value, ...]:
    """The long and the short axis of an outline, which make it a lesion's size."""
    found = geometry.axes_of_outline(in_plane(figure.points, image.spacing))
    long, short = (_drawn(line / (image.spacing.column, image.spacing.row)) for line in (found.long, found.short))
    return _axis(concepts.LONG_AXIS, long, image), _axis(concepts.SHORT_AXIS, short, image)


def _drawn(points: Points) -> tuple[Point, ...]:
    return tuple((float(column), float(row)) for column, row in points)


def _axis(name: Code, line: tuple[Point, ...], image: Image) -> Value:
    """One axis, with its own two points."""
    far, _ = _units(image.spacing)
    length = geometry.length(in_plane(line, image.spacing))
    return Value(name, length, far, coordinates=(_place("POLYLINE", line, image),))


def _place(graphic: str, points: tuple[Point, ...], image: Image) -> Coordinates:
    return Coordinates(graphic, points, image.sop_class_uid, image.sop_instance_uid, image.frame_number)


def _units(spacing: Spacing) -> tuple[Code, Code]:
    """Of lengths, and of areas."""
    if spacing.is_millimetres:
        return concepts.MILLIMETRE, concepts.SQUARE_MILLIMETRE
    return concepts.PIXELS, concepts.PIXELS


def _of_pixels(figure: Figure, image: Image) -> list[_Measured]:
    """What is said of the values inside; nothing of a figure without an inside, or with no pixel's middle in it."""
    if image.values is None:
        return []
    rows, columns = image.values.shape
    if figure.tool == POINT:
        inside = image.values[regions.point((rows, columns), figure.points)]
        concept = concepts.ATTENUATION if image.unit == concepts.HOUNSFIELD else concepts.MEAN
        return [(concept, float(each)) for each in inside if np.isfinite(each)]
    mask = FIGURES[figure.tool].mask
    found = regions.statistics_of(image.values, mask(figure, image, (rows, columns))) if mask else None
    if found is None:
        return []
    return [
        (concepts.MAXIMUM, found.maximum),
        (concepts.MINIMUM, found.minimum),
        (concepts.MEAN, found.mean),
        (concepts.STANDARD_DEVIATION, found.standard_deviation),
    ]


def _calibration(spacing: Spacing) -> tuple[Evaluation, ...]:
    """How pixels became millimetres, where that isn't the plane of the image itself."""
    if spacing.calibration is Calibration.PLANE:
        return ()
    return (Evaluation(CALIBRATION, text=str(WORDS[spacing.calibration])),)


def check_points(figure: Figure, rows: int, columns: int) -> None:
    """Raises ValueError with a sentence where a figure has too few or too many points, or one beside the image."""
    least, most = FIGURES[figure.tool].count
    if not least <= len(figure.points) <= most:
        raise ValueError(
            say("{tool}: {least} to {most} points are needed.", tool=figure.tool, least=least, most=most)
            if least != most
            else say("{tool}: {count} points are needed.", tool=figure.tool, count=least)
        )
    if not all(0 <= column <= columns and 0 <= row <= rows for column, row in figure.points):
        raise ValueError(say("A point lies beside the image."))
