"""What stands in the way of keeping coded pictures, whatever their codec."""

from collections.abc import Iterator

from apps.saying import say
from apps.video.conversion.grounds import BARE, Facts, Obstacle
from apps.video.conversion.policy import Interlace, Timing
from apps.video.streams.facts import EditList, Pictures, Scan

LARGEST_VECTOR = 65_534  # bytes of a Decimal String in explicit VR (PS3.5 7.1.2)


def obstacles(facts: Facts) -> Iterator[Obstacle]:
    """All of them, each with the step that removes it."""
    yield from _damages(facts)
    yield from _shapes(facts)
    yield from _times(facts)
    if facts.policy.masks:
        yield Obstacle("mask", say("Parts of the picture are to be made black."))


def _damages(facts: Facts) -> Iterator[Obstacle]:
    damage = facts.damage
    if damage is not None and (damage.errors or damage.corrupt):
        yield Obstacle("recover", say("Parts of the file are damaged; what could be decoded of it is kept."))
    if facts.scan.has_parameter_changes:
        yield Obstacle("scale", say("The size or the kind of the pictures changes within the file."))
    if facts.probe.wrapping.edit_list is EditList.MID_GROUP:
        yield Obstacle("", say("The film begins at a picture that can't be decoded by itself."))


def _shapes(facts: Facts) -> Iterator[Obstacle]:
    pictures, wrapping = facts.pictures, facts.probe.wrapping
    if pictures.is_interlaced and facts.policy.interlace is Interlace.PROGRESSIVE:
        yield Obstacle("deinterlace", say("The pictures are interlaced, and whole ones are wanted."))
    if wrapping.rotation or wrapping.is_mirrored:
        yield Obstacle("rotate", say("The pictures are stored on their side; viewers would show them so."))
    if pictures.codec != "mjpeg" and (pictures.columns % 2 or pictures.rows % 2):
        yield Obstacle("scale", say("The pictures have an odd number of columns or rows, which 4:2:0 can't hold."))
    if pictures.sample_aspect != 1 and not _may_be_wide(pictures):
        yield Obstacle("square", say("The pixels are not square, which DICOM requires."))


def _may_be_wide(pictures: Pictures) -> bool:
    """Whether MPEG-2 of main level, any aspect of which is allowed (PS3.5 8.2.5)."""
    return pictures.codec == "mpeg2video" and pictures.rows <= 576 and pictures.columns <= 720


def _times(facts: Facts) -> Iterator[Obstacle]:
    if facts.scan.timing.is_constant or facts.probe.wrapping.format in BARE:
        return
    if facts.policy.timing is Timing.CONSTANT:
        yield Obstacle("rate", say("The time between pictures varies, and a constant one is wanted."))
    elif facts.pictures.codec == "mpeg2video":
        yield Obstacle("rate", say("The time between pictures varies, which MPEG-2 can't tell."))
    elif not is_vector_short(vector(facts.scan)):
        yield Obstacle("rate", say("The time between pictures varies, and there are too many to list the times."))


def vector(scan: Scan) -> tuple[float, ...]:
    """Frame Time Vector (0018,1065): milliseconds, to a thousandth."""
    return tuple(round(interval, 3) for interval in scan.timing.intervals)


def is_vector_short(intervals: tuple[float, ...]) -> bool:
    """Whether it has at most 65534 bytes with its backslashes: explicit VR has no longer ones (PS3.5 7.1.2)."""
    return bool(intervals) and sum(len(str(interval)) + 1 for interval in intervals) - 1 <= LARGEST_VECTOR
