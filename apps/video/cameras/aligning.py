"""When each of several cameras began, by what they heard; for the errands' process. Pure."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from apps.saying import say
from apps.video.cameras.correlation import Ambiguous, match
from apps.video.cameras.listening import heard
from apps.video.errors import Code, Refused


def align(*, files: Sequence[str], names: Sequence[str], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Seconds by which the first picture of each film is later than that of the earliest, and how sure that is.

    All are compared with the first. Raises Refused where one of them can't be placed.
    """
    first, first_sound = heard(Path(files[0]), tell)
    offsets: list[float] = [0.0]
    confidences: list[float | None] = [None]
    for file, name in zip(files[1:], names[1:], strict=True):
        samples, sound = heard(Path(file), tell)
        try:
            found = match(first, samples)
        except Ambiguous:
            raise Refused(
                Code.UNSUPPORTED,
                say(
                    "What {name} and {first} heard does not tell when they began: it is too quiet, too even, repeats"
                    " itself, or is not of the same room. Say when each of them began.",
                    name=name,
                    first=names[0],
                ),
            ) from None
        # From sound to sound is known; the pictures begin a little before or after each camera's sound.
        offsets.append(found.offset + first_sound - sound)
        confidences.append(round(found.confidence, 2))
    earliest = min(offsets)
    return {"offsets": [offset - earliest for offset in offsets], "confidences": confidences}
