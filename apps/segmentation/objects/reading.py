"""Any segmentation (PS3.3 A.51) from its header in DICOM JSON: which segments it has, and where each frame lies.

Headers come from outside: what makes no sense counts as not said, and there are bounds for all that is counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from apps.dicom.attributes import Attributes, integer, items, number, numbers, text, values
from apps.dicom.functional_groups import PER_FRAME, SHARED
from apps.dicom.sr_tree import Code, code_of
from apps.segmentation.objects.colours import from_cielab
from apps.segmentation.objects.facts import LABEL_MAP
from apps.segmentation.objects.segments import Algorithm, Colour, Segment
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of

# Of one object; more are not looked at.
MOST_SEGMENTS: Final = 1000
# Segment Number is of 16 bits.
LARGEST_NUMBER: Final = 65_535
LONGEST: Final = 64
LONGEST_SCHEME: Final = 16
GREY: Final = (160, 160, 160)
_SEGMENTS, _NUMBER, _LABEL = "00620002", "00620004", "00620005"
_CATEGORY, _TYPE, _MODIFIER, _ANATOMY = "00620003", "0062000F", "00620011", "00082218"
_ALGORITHM, _ALGORITHM_TYPE, _ALGORITHM_NAME = "00620007", "00620008", "00620009"
_COLOUR, _TRACKING_ID, _TRACKING_UID = "0062000D", "00620020", "00620021"
_SEGMENTATION_TYPE, _MOST_FRACTION, _PADDING = "00620001", "0062000E", "00280120"
_IDENTIFICATION, _REFERENCED_NUMBER = "0062000A", "0062000B"
_SERIES, _SERIES_UID, _IMAGES, _IMAGE = "00081115", "0020000E", "0008114A", "00081155"
_DERIVATIONS, _SOURCES = "00089124", "00082112"
_PREDECESSORS: Final = "0040A360"


@dataclass(frozen=True, slots=True)
class SegmentFrame:
    """A frame: where it lies, and the number of the segment that it shows; 0 where its pixels are labels."""

    frame: Frame
    segment: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What an object has. Pixels of at least `least` are in a frame's segment; of a label map `background` are in none.

    `source_series_uid` is the series of the images that it lies over, empty where it doesn't say.
    """

    segments: tuple[Segment, ...]
    frames: tuple[SegmentFrame, ...]
    is_labelmap: bool
    least: float
    background: int
    frame_of_reference_uid: str
    source_series_uid: str


def contents_of(header: Attributes) -> Contents:
    """What the object of this header has, frames in their order in it."""
    has_labels = is_labelmap(header)
    segments = segments_of(header)
    return Contents(
        segments=segments,
        frames=tuple(_frames(header, has_labels=has_labels)),
        is_labelmap=has_labels,
        least=_least(header),
        background=_background(header, segments) if has_labels else 0,
        frame_of_reference_uid=text(header, "00200052"),
        source_series_uid=source_series_of(header),
    )


def is_labelmap(header: Attributes) -> bool:
    """Whether its pixels are labels (C.8.20.2.3)."""
    return text(header, "00080016") == LABEL_MAP or text(header, _SEGMENTATION_TYPE).upper() == "LABELMAP"


def segments_of(header: Attributes) -> tuple[Segment, ...]:
    """Its segments by their number, without what some label maps describe as the background (DCM 125040)."""
    found: dict[int, Segment] = {}
    for place, item in enumerate(items(header, _SEGMENTS), start=1):
        if place > MOST_SEGMENTS:
            break
        segment = _segment(item)
        if 0 < segment.number <= LARGEST_NUMBER and segment.type.value != "125040":
            found.setdefault(segment.number, segment)
    return tuple(found[each] for each in sorted(found))


def source_series_of(header: Attributes) -> str:
    """The Series Instance UID of the images that it lies over (C.12.2); empty where it says none, or several."""
    found = {text(item, _SERIES_UID) for item in items(header, _SERIES)} - {""}
    return found.pop() if len(found) == 1 else ""


def predecessors_of(header: Attributes, most: int) -> list[str]:
    """SOP Instance UIDs of the objects that it was made of by editing (Predecessor Documents Sequence, C.17.2), at most
    so many: viewers say so of segmentations, too."""
    named = (
        text(reference, "00081155")
        for study in items(header, _PREDECESSORS)
        for series in items(study, _SERIES)
        for reference in items(series, "00081199")
    )
    return list(islice((uid for uid in named if uid), most))


def source_instances_of(header: Attributes, most: int) -> list[str]:
    """SOP Instance UIDs of images that it lies over, at most so many: those it references, else its frames' sources."""
    found: dict[str, None] = {}
    for uid in _named(header):
        found.setdefault(uid)
        if len(found) >= most:
            break
    return list(found)


def _named(header: Attributes) -> Iterator[str]:
    for series in items(header, _SERIES):
        yield from (text(each, _IMAGE) for each in items(series, _IMAGES))
    for groups in (*items(header, SHARED), *items(header, PER_FRAME)):
        for derivation in items(groups, _DERIVATIONS):
            yield from (text(each, _IMAGE) for each in items(derivation, _SOURCES))


def _segment(item: Attributes) -> Segment:
    return Segment(
        number=integer(item, _NUMBER) or 0,
        label=text(item, _LABEL)[:LONGEST],
        category=_code(item, _CATEGORY),
        type=_code(item, _TYPE),
        anatomy=_code(item, _ANATOMY),
        algorithm=_algorithm(item),
        colour=_colour(item),
        tracking_uid=text(item, _TRACKING_UID)[:LONGEST],
        tracking_identifier=text(item, _TRACKING_ID)[:LONGEST],
        modifier=_code(next(items(item, _TYPE), {}), _MODIFIER),
    )


def _code(item: Attributes, sequence: str) -> Code:
    """No longer than the standard lets codes be (PS3.3 8.8)."""
    found = code_of(item, sequence)
    return Code(found.meaning[:LONGEST], found.value[:LONGEST], found.scheme[:LONGEST_SCHEME])


def _algorithm(item: Attributes) -> Algorithm | None:
    kind = text(item, _ALGORITHM_TYPE).upper()
    if kind not in ("AUTOMATIC", "SEMIAUTOMATIC"):
        return None
    known: Attributes = next(items(item, _ALGORITHM), {})
    return Algorithm(
        name=(text(known, "00660036") or text(item, _ALGORITHM_NAME))[:LONGEST],
        version=text(known, "00660031")[:LONGEST],
        is_automatic=kind == "AUTOMATIC",
        family=_code(known, "0066002F"),
    )


def _colour(item: Attributes) -> Colour:
    told = numbers(item, _COLOUR)
    return from_cielab(told) if len(told) == 3 else GREY


def _least(header: Attributes) -> float:
    """Half of what is full, of fractional ones; else any bit."""
    if text(header, _SEGMENTATION_TYPE).upper() != "FRACTIONAL":
        return 1.0
    return max((number(header, _MOST_FRACTION) or 255.0) / 2, 1.0)


def _background(header: Attributes, segments: tuple[Segment, ...]) -> int:
    """The value of what is in no segment: Pixel Padding Value (C.8.20.2), unless a segment has that number."""
    padding = integer(header, _PADDING)
    return padding if padding is not None and padding not in {each.number for each in segments} else 0


def _frames(header: Attributes, *, has_labels: bool) -> Iterator[SegmentFrame]:
    shared: Attributes = next(items(header, SHARED), {})
    own = values(header, PER_FRAME)
    for frame in frames_of(header, 0):
        segment = 0 if has_labels else _number(own[frame.number - 1] if frame.number <= len(own) else {}, shared)
        yield SegmentFrame(frame, segment)


def _number(own: Any, shared: Attributes) -> int:
    """Referenced Segment Number of a frame (C.8.20.3.1); 1 where nothing is said, as there is but one then."""
    for groups in (own if isinstance(own, dict) else {}, shared):
        for item in items(groups, _IDENTIFICATION):
            return integer(item, _REFERENCED_NUMBER) or 0
    return 1
