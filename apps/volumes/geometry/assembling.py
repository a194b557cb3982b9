"""From what the headers of a series say to its volumes, and to what is in none of them.

Nothing is passed over in silence: each image is in a stack or left out for a reason, and what is wrong with where the
slices lie is a flag of their stack.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from apps.volumes.geometry import groups
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.laying import lay
from apps.volumes.geometry.parallels import parallel
from apps.volumes.geometry.parts import FRAME_OF_REFERENCE, INSTANCE, MATRIX, ORIENTATION, Part, flag_of
from apps.volumes.geometry.splitting import by_kind, by_place, natural
from apps.volumes.geometry.stacks import Assembly, LeftOut, Reason, Stack

# One slice has no direction to step in.
FEWEST_SLICES: Final = 2
# Of one series: as many as a long dynamic one has temporal positions.
MOST_STACKS: Final = 2_000
KEY_LENGTH: Final = 32
LABEL_LENGTH: Final = 200
# Values that speak for themselves; the others are said with what they are of.
_PLAIN: Final = frozenset({ORIENTATION, MATRIX, groups.KERNEL, groups.IMAGE_TYPE})
_OF_PIXELS: Final = 2
_OF_FLOATS: Final = 4
_INT16_BITS: Final = 16


def assemble(frames: Sequence[Frame], *, most_slices: int, most_bytes: int) -> Assembly:
    """The volumes that the images of one series make, in any order given, the largest first.

    A volume has at least FEWEST_SLICES and at most `most_slices` images, and takes at most `most_bytes` in memory; what
    doesn't make one is left out, with the reason. Images go together that are parallel (PS3.3 C.7.6.2.1.1), of one
    matrix, Pixel Spacing, Frame of Reference and unit, of one kind (kernel, echo, b-value, stack, temporal position,
    cardiac phase), and one to each place.
    """
    usable, reasons = _usable(sorted(frames, key=lambda frame: (frame.instance_number, frame.instance, frame.number)))
    parts, beyond = parallel(_in_one_frame(usable))
    reasons[Reason.NOT_PARALLEL] += len(beyond)
    flags = {Flag.LOCALIZER_LEFT_OUT} if reasons[Reason.LOCALIZER] else set()
    parts = [piece for part in parts for kind in by_kind(part) for piece in by_place(kind)]
    parts.sort(key=lambda part: [natural(value) for _, value in part.known])
    differing = _differing(parts)
    flags |= {flag_of(what) for what in differing if what != INSTANCE}
    whole, against = _chosen(parts, most_slices=most_slices, most_bytes=most_bytes)
    reasons += against
    stacks = [_stack(part, differing, frozenset(flags)) for part in whole]
    # Python's sort is stable: of the same size they stay in the order of what tells them apart.
    stacks.sort(key=lambda stack: -len(stack.frames) * stack.frames[0].rows * stack.frames[0].columns)
    return Assembly(tuple(stacks), tuple(LeftOut(reason, reasons[reason]) for reason in Reason if reasons[reason]))


def _usable(frames: Sequence[Frame]) -> tuple[list[Frame], Counter[Reason]]:
    usable, reasons = list[Frame](), Counter[Reason]()
    for frame in frames:
        reason = _reason(frame)
        if reason is None:
            usable.append(frame)
        else:
            reasons[reason] += 1
    return usable, reasons


def _in_one_frame(frames: list[Frame]) -> list[Frame]:
    """The same without Frames of Reference where each has its own: who removed names has removed these too."""
    if len({frame.frame_of_reference for frame in frames}) < max(len(frames), FEWEST_SLICES):
        return frames
    return [replace(frame, frame_of_reference="") for frame in frames]


def _reason(frame: Frame) -> Reason | None:
    """Why an image by itself can be in no volume."""
    if not (frame.rows and frame.columns):
        return Reason.NO_PIXELS
    if frame.is_localizer:
        return Reason.LOCALIZER
    if not frame.is_grayscale:
        return Reason.COLOUR
    return Reason.NO_GEOMETRY if frame.position is None or frame.across is None or frame.down is None else None


def _chosen(parts: list[Part], *, most_slices: int, most_bytes: int) -> tuple[list[Part], Counter[Reason]]:
    """The parts that make a volume each, and how many images are in the others, by reason."""
    parallels = Counter(_direction(part) for part in parts)
    chosen, reasons = list[Part](), Counter[Reason]()
    for part in parts:
        reason = _reason_against(part, most_slices=most_slices, most_bytes=most_bytes)
        if reason is Reason.TOO_FEW and len(parallels) > 1 and parallels[_direction(part)] == 1:
            reason = Reason.NOT_PARALLEL
        if reason is None and len(chosen) < MOST_STACKS:
            chosen.append(part)
        else:
            reasons[reason or Reason.TOO_MANY] += len(part.frames)
    return chosen, reasons


def _direction(part: Part) -> str:
    return dict(part.known)[ORIENTATION]


def _reason_against(part: Part, *, most_slices: int, most_bytes: int) -> Reason | None:
    """Why images that belong together make no volume."""
    if len(part.frames) < FEWEST_SLICES:
        return Reason.TOO_FEW
    if len(part.frames) > most_slices:
        return Reason.TOO_MANY
    return Reason.TOO_LARGE if size_of(part.frames) > most_bytes else None


def size_of(frames: Sequence[Frame]) -> int:
    """The bytes of their voxels: of 16 bits, or of 32 where no 16 hold all values."""
    first = frames[0]
    is_simple = all(
        (frame.slope, frame.intercept) == (first.slope, first.intercept) and frame.bits_stored <= _INT16_BITS
        for frame in frames
    )
    return len(frames) * first.rows * first.columns * (_OF_PIXELS if is_simple else _OF_FLOATS)


def _differing(parts: list[Part]) -> dict[str, list[str]]:
    """What tells the parts of a series apart, and its values, in the order of the parts."""
    known = [dict(part.known) for part in parts]
    every = dict.fromkeys(what for each in known for what in each)
    said = {what: list(dict.fromkeys(each.get(what, "") for each in known)) for what in every}
    return {what: values for what, values in said.items() if len(values) > 1}


def _stack(part: Part, differing: dict[str, list[str]], flags: frozenset[Flag]) -> Stack:
    laid = lay(part.frames)
    found = laid.flags | part.flags | flags
    return Stack(
        key=sha256(repr(part.known).encode()).hexdigest()[:KEY_LENGTH],
        label=_label(part, differing),
        frames=laid.frames,
        lattice=laid.lattice,
        flags=tuple(flag for flag in Flag if flag in found),
    )


def _label(part: Part, differing: dict[str, list[str]]) -> str:
    words = [_words(what, value, differing[what]) for what, value in part.known if what in differing]
    return ", ".join(words)[:LABEL_LENGTH]


def _words(what: str, value: str, values: list[str]) -> str:
    """A value as people know it; a UID by its number among those of the series."""
    if what == FRAME_OF_REFERENCE:
        return f"{what} {values.index(value) + 1}"
    return value if what in _PLAIN else f"{what} {value}"
