"""What people may set of a segmenter, and within which bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from apps.saying import Sentence, say

# Of points that are given one by one, and how far from the origin of the patient's coordinates (mm).
MOST_POINTS: Final = 64
FARTHEST: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Option:
    """A number between `smallest` and `largest`, in `unit` (UCUM, or HU); `default` None: the segmenter finds it.

    `is_points`: a list of points (x, y, z) of the patient instead, in mm (LPS), at most MOST_POINTS, none by default.
    """

    name: str
    title: Sentence
    default: float | None = None
    smallest: float = -FARTHEST
    largest: float = FARTHEST
    unit: str = ""
    is_points: bool = False


class Unfit(ValueError):
    """An option is none of the segmenter's, or has no fitting value. `name` is the option's, `reason` for people."""

    def __init__(self, name: str, reason: Sentence) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def taken(options: Sequence[Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every option: as given, else its default. Raises Unfit."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise Unfit(name, say("This segmenter has no such option."))
    return {name: _value(option, given.get(name)) for name, option in known.items()}


def _value(option: Option, given: Any) -> Any:
    if option.is_points:
        return _points(option, [] if given is None else given)
    if given is None:
        return option.default
    if not _is_number(given) or not option.smallest <= given <= option.largest:
        raise Unfit(
            option.name,
            say("A number from {smallest} to {largest}.", smallest=option.smallest, largest=option.largest),
        )
    return float(given)


def _points(option: Option, given: Any) -> list[list[float]]:
    if not isinstance(given, list) or len(given) > MOST_POINTS or not all(map(_is_point, given)):
        raise Unfit(option.name, say("At most {most} points, each x, y, z in millimetres.", most=MOST_POINTS))
    return [[float(number) for number in point] for point in given]


def _is_point(given: Any) -> bool:
    return (
        isinstance(given, list)
        and len(given) == 3
        and all(_is_number(number) and abs(number) <= FARTHEST for number in given)
    )


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool) and isfinite(given)
