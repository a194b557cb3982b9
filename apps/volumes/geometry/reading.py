"""From the header of an object to what a volume needs to know of each of its images.

Classic single frames have it at the top of the data set, enhanced multi-frame objects in functional groups, for a frame
of its own or shared by all (PS3.3 C.7.6.16). Headers come from outside: what makes no sense counts as not said, so that
no volume is built on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from apps.dicom.attributes import Attributes, integer, items, number, numbers, text, values
from apps.dicom.functional_groups import PER_FRAME, SHARED
from apps.dicom.representation import LOSSY_JPEG
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.groups import group_of
from apps.volumes.geometry.lattice import Vector
from apps.volumes.geometry.orientations import orientation_of

# Of one object. More are read by nobody; the rest counts as if it weren't there.
MOST_FRAMES: Final = 50_000
# Millimetres: nothing that is imaged lies farther from the origin, and no pixel is smaller or larger.
FARTHEST: Final = 100_000.0
SMALLEST_SPACING, LARGEST_SPACING = 1e-5, 1_000.0
LARGEST_MATRIX: Final = 65_535
# A slope of 0 would make all values the same; float32 holds no more than these times 16 bits.
SMALLEST_SLOPE, LARGEST_VALUE = 1e-30, 1e30
_UNSPECIFIED: Final = "US"
_PIXEL_DATA: Final = ("7FE00010", "7FE00008", "7FE00009")
_FLOAT_BITS: Final = {"7FE00008": 32, "7FE00009": 64}
# Segmentations say of places what they are; they have no values (PS3.3 A.51).
_SEGMENTATIONS: Final = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})


def frames_of(header: Mapping[str, Any], instance: int, *, transfer_syntax: str = "") -> list[Frame]:
    """What the header (DICOM JSON model, PS3.18 F.2) says of each image of the object that the caller calls `instance`.

    A `transfer_syntax` that can't but lose says so too, whatever Lossy Image Compression says (PS3.3 C.7.6.1.1.5).
    Millimetres of the patient; None, or 0 rows and columns, for what it doesn't say or what can't be. A multi-frame
    object without functional groups gives frames that lie nowhere. An object without pixels gives one frame of 0 rows.
    """
    count = min(max(integer(header, "00280008") or 1, 1), MOST_FRAMES)
    image = _image(header, transfer_syntax)
    is_alone = count == 1 and not _is_mosaic(header)
    shared = _sequences(next(items(header, SHARED), {}))
    own = [_sequences(item) for item in _items(header, PER_FRAME)[:count]]
    places = [_Places(header, shared, groups, is_alone=is_alone) for groups in own]
    frames = [_frame(header, image, instance, n, each) for n, each in enumerate(places, start=1)]
    if len(frames) == count:
        return frames
    rest = _frame(header, image, instance, count, _Places(header, shared, {}, is_alone=is_alone))
    return frames + [replace(rest, number=n) for n in range(len(frames) + 1, count + 1)]


class _Places:
    """Where a frame has its attributes: in its own functional group, else in the shared one, else at the top.

    What is at the top of an object of many images doesn't say where one of them lies.
    """

    def __init__(
        self, header: Attributes, shared: dict[str, Attributes], own: dict[str, Attributes], *, is_alone: bool
    ) -> None:
        self._header, self._shared, self._own, self._is_alone = header, shared, own, is_alone

    def group(self, sequence: str) -> Attributes:
        found = self._own.get(sequence) or self._shared.get(sequence)
        if found:
            return found
        return {} if sequence in _PLANES and not self._is_alone else self._header


_PLANE_POSITION, _PLANE_ORIENTATION, _PIXEL_MEASURES = "00209113", "00209116", "00289110"
_PIXEL_VALUES: Final = "00289145"
_PLANES: Final = frozenset({_PLANE_POSITION, _PLANE_ORIENTATION})


def _frame(header: Attributes, image: dict[str, Any], instance: int, number_: int, places: _Places) -> Frame:
    measures = places.group(_PIXEL_MEASURES)
    orientation = orientation_of(tuple(numbers(places.group(_PLANE_ORIENTATION), "00200037")))
    slope, intercept, unit = _rescale(header, places.group(_PIXEL_VALUES))
    return Frame(
        instance=instance,
        number=number_,
        position=_position(places.group(_PLANE_POSITION)),
        across=orientation and orientation[0],
        down=orientation and orientation[1],
        spacing=_spacing(measures),
        thickness=_within(number(measures, "00180050"), 0.0, FARTHEST),
        slope=slope,
        intercept=intercept,
        unit=unit,
        group=tuple(group_of(header, places.group)),
        **image,
    )


def _image(header: Attributes, transfer_syntax: str) -> dict[str, Any]:
    """What holds for all images of an object."""
    allocated = integer(header, "00280100") or 0
    is_signed = integer(header, "00280103") == 1
    rows, columns = _matrix(header)
    return {
        "instance_number": integer(header, "00200013") or 0,
        "rows": rows,
        "columns": columns,
        "is_grayscale": _is_grayscale(header, allocated),
        "is_localizer": "LOCALIZER" in _image_type(header),
        "is_lossy": text(header, "00282110") == "01" or transfer_syntax in LOSSY_JPEG,
        "frame_of_reference": text(header, "00200052"),
        "bits_stored": _bits(header, allocated),
        "is_signed": is_signed,
        "padding": _padding(header, allocated, is_signed=is_signed),
    }


def _matrix(header: Attributes) -> tuple[int, int]:
    """Rows and columns; 0 and 0 where there are no pixels, or more than Rows can say (PS3.3 C.7.6.3)."""
    rows, columns = integer(header, "00280010") or 0, integer(header, "00280011") or 0
    is_image = any(tag in header for tag in _PIXEL_DATA)
    return (rows, columns) if is_image and 0 < min(rows, columns) <= max(rows, columns) <= LARGEST_MATRIX else (0, 0)


def _bits(header: Attributes, allocated: int) -> int:
    floats = (bits for tag, bits in _FLOAT_BITS.items() if tag in header)
    return next(floats, 0) or integer(header, "00280101") or allocated


def _is_grayscale(header: Attributes, allocated: int) -> bool:
    """Whether pixels have one value each, and more than a bit for it (PS3.3 C.7.6.3.1.2)."""
    interpretation = text(header, "00280004") or "MONOCHROME2"
    samples = integer(header, "00280002") or 1
    is_segmentation = text(header, "00080016") in _SEGMENTATIONS
    return interpretation.startswith("MONOCHROME") and samples == 1 and allocated != 1 and not is_segmentation


def _image_type(header: Attributes) -> list[str]:
    return [str(value).strip().upper() for value in values(header, "00080008")]


def _is_mosaic(header: Attributes) -> bool:
    """Whether the image is many slices side by side (Siemens): its position is that of none of them."""
    return "MOSAIC" in _image_type(header)


def _padding(header: Attributes, allocated: int, *, is_signed: bool) -> int | None:
    """Pixel Padding Value (PS3.3 C.7.5.1.1.2) as a stored value: some say a negative one as if it were unsigned."""
    value = integer(header, "00280120")
    if value is None or not is_signed or not 0 < allocated <= 32:
        return value
    return value - (1 << allocated) if value >= 1 << (allocated - 1) else value


def _unit(header: Attributes, rescale: Attributes) -> str:
    """Rescale Type (PS3.3 C.11.1.1.2); of CT it is HU where nothing is said (C.8.2.1.1.2.1), of PET its Units."""
    said = text(rescale, "00281054") or text(header, "00541001")
    return said[:16] or ("HU" if text(header, "00080060") == "CT" else _UNSPECIFIED)


def _rescale(header: Attributes, group: Attributes) -> tuple[float, float, str]:
    """Rescale Slope, Rescale Intercept and the unit; the stored values themselves where these make no sense."""
    slope, intercept = number(group, "00281053"), number(group, "00281052") or 0.0
    slope = 1.0 if slope is None else slope
    if not SMALLEST_SLOPE <= abs(slope) <= LARGEST_VALUE or abs(intercept) > LARGEST_VALUE:
        return 1.0, 0.0, _UNSPECIFIED
    return slope, intercept, _unit(header, group)


def _position(group: Attributes) -> Vector | None:
    coordinates = numbers(group, "00200032")
    if len(coordinates) != 3 or max(map(abs, coordinates)) > FARTHEST:
        return None
    x, y, z = coordinates
    return x, y, z


def _spacing(group: Attributes) -> tuple[float, float] | None:
    """Pixel Spacing (PS3.3 10.7.1.3): from row to row, and from column to column."""
    spacing = numbers(group, "00280030")
    if len(spacing) != 2 or not SMALLEST_SPACING <= min(spacing) <= max(spacing) <= LARGEST_SPACING:
        return None
    return spacing[0], spacing[1]


def _within(value: float | None, above: float, most: float) -> float | None:
    return value if value is not None and above < value <= most else None


def _items(attributes: Attributes, tag: str) -> list[Attributes]:
    """The items of a sequence, an empty one for each that is null: frames go by their place."""
    held = attributes.get(tag, {}).get("Value")
    return [item if isinstance(item, Mapping) else {} for item in held] if isinstance(held, list) else []


def _sequences(groups: Attributes) -> dict[str, Attributes]:
    """The functional groups of a frame, by sequence."""
    return dict(_first_items(groups))


def _first_items(groups: Attributes) -> Iterator[tuple[str, Attributes]]:
    for tag in groups:
        item = next(items(groups, tag), None)
        if item is not None:
            yield tag, item
