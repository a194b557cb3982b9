"""Which parallel images belong together: those of one kind, and one for each place."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, Final

import numpy as np

from apps.volumes.geometry import groups
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.parts import INSTANCE, Part

# These tell kinds of images apart wherever they lie.
ALWAYS: Final = (groups.KERNEL, groups.ECHO_TIME, groups.B_VALUE, groups.STACK)
# These as long as they don't give each image a value of its own.
IF_SHARED: Final = (groups.TEMPORAL_POSITION, groups.CARDIAC_PHASE)
# And these only where images lie in the same place, in this order.
IF_IN_SAME_PLACE: Final = (
    groups.IMAGE_TYPE,
    groups.GRADIENT,
    groups.DIMENSIONS,
    groups.ACQUISITION,
    groups.TRIGGER_TIME,
    groups.ACQUISITION_TIME,
)
# Those that say when images were made, and not what they show.
_RUNS: Final = frozenset({groups.ACQUISITION, groups.TRIGGER_TIME, groups.ACQUISITION_TIME})
# Images of one place, told apart by when they were made, are positions in time.
_MOMENTS: Final = (groups.TRIGGER_TIME, groups.ACQUISITION_TIME)


def by_kind(part: Part) -> list[Part]:
    """Split by all that tells kinds of images apart wherever they lie."""
    parts = [part]
    for what in ALWAYS:
        parts = [piece for each in parts for piece in _split(each, what)]
    for what in IF_SHARED:
        parts = [piece for each in parts for piece in (_split(each, what) if _is_shared(each, what) else [each])]
    return parts


def _is_shared(part: Part, what: str) -> bool:
    counts = Counter(_value(frame, what) for frame in part.frames)
    return max(counts.values()) > 1


def by_place(part: Part, among: Sequence[str] = IF_IN_SAME_PLACE) -> list[Part]:
    """Split until no two images lie in the same place: by what tells them apart, else by their numbers, and flagged."""
    if not _doubled(part):
        return [part]
    for number, what in enumerate(among, start=1):
        pieces = _split(part, what)
        if _helps(part, pieces):
            pieces = _doubted(part, pieces) if what in _RUNS else pieces
            return [each for piece in pieces for each in by_place(piece, among[number:])]
    return _by_moment(part) or _by_number(part)


def _doubled(part: Part) -> int:
    """How many images lie where another one does."""
    return len(part.frames) - int(part.places.max()) - 1 if len(part.frames) > 1 else 0


def _helps(part: Part, pieces: list[Part]) -> bool:
    """Whether a split leaves fewer images in the same place, and most of the places together."""
    places = int(part.places.max()) + 1
    whole = sum(len(piece.frames) for piece in pieces if 2 * len(piece.frames) >= places)
    if len(pieces) < 2 or 2 * whole < len(part.frames):
        return False
    return sum(map(_doubled, pieces)) < _doubled(part)


def _doubted(part: Part, pieces: list[Part]) -> list[Part]:
    """The pieces, flagged where one of them has but a few of the places: that is no run, but images made twice."""
    places = int(part.places.max()) + 1
    if all(2 * len(piece.frames) >= places for piece in pieces):
        return pieces
    return [replace(piece, flags=piece.flags | {Flag.DUPLICATE_POSITIONS}) for piece in pieces]


def _by_moment(part: Part) -> list[Part]:
    """The first, second, … image of each place in time; nothing where times don't tell, or a place has fewer."""
    numbers = np.bincount(part.places)
    if numbers.min() != numbers.max():
        return []
    for what in _MOMENTS:
        moments = [_value(frame, what) for frame in part.frames]
        if len(set(zip(part.places.tolist(), moments, strict=True))) == len(moments) and all(moments):
            ranks = _ranks(part, [natural(moment) for moment in moments])
            return _ranked(part, ranks, groups.TEMPORAL_POSITION, frozenset({Flag.TEMPORAL_POSITIONS}))
    return []


def _by_number(part: Part) -> list[Part]:
    """The first, second, … image of each place by Instance Number: nothing says which of them is the right one."""
    ranks = _ranks(part, [(frame.instance_number, frame.number) for frame in part.frames])
    return _ranked(part, ranks, INSTANCE, frozenset({Flag.DUPLICATE_POSITIONS}))


def _ranks(part: Part, keys: Sequence[tuple[Any, ...]]) -> list[int]:
    """Which one of its place each image is, from 1, in the order of its key."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    seen, ranks = Counter[int](), [0] * len(order)
    for index in order:
        place = int(part.places[index])
        seen[place] += 1
        ranks[index] = seen[place]
    return ranks


def _ranked(part: Part, ranks: list[int], what: str, flags: frozenset[Flag]) -> list[Part]:
    found = defaultdict[int, list[Frame]](list)
    for frame, rank in zip(part.frames, ranks, strict=True):
        found[rank].append(frame)
    return [
        replace(part, frames=tuple(frames), known=(*part.known, (what, str(rank))), flags=part.flags | flags)
        for rank, frames in sorted(found.items())
    ]


def _split(part: Part, what: str) -> list[Part]:
    found = defaultdict[str, list[Frame]](list)
    for frame in part.frames:
        found[_value(frame, what)].append(frame)
    return [
        replace(part, frames=tuple(found[value]), known=(*part.known, (what, value)) if value else part.known)
        for value in sorted(found, key=natural)
    ]


def _value(frame: Frame, what: str) -> str:
    return next((value for name, value in frame.group if name == what), "")


def natural(value: str) -> tuple[tuple[int, float, str], ...]:
    """What sorts "10" behind "9", and numbers before words."""
    return tuple(_part(part) for part in value.split("\\"))


def _part(value: str) -> tuple[int, float, str]:
    try:
        number = float(value)
    except ValueError:
        return 1, 0.0, value
    return (0, number, value) if isfinite(number) else (1, 0.0, value)
