"""Masks as people and programs give them: rectangles in parts of the upright picture."""

from typing import Any, Final

from apps.saying import Sentence, say

MOST: Final = 32
SIDES: Final = ("left", "top", "width", "height")
NOT_A_LIST: Final = say("Give a list of at most {most} rectangles.", most=MOST)


def findings(masks: Any) -> list[Sentence]:
    """What is wrong with these masks; nothing where they can be used."""
    if not isinstance(masks, list) or len(masks) > MOST:
        return [NOT_A_LIST]
    return [_wrong(number) for number, each in enumerate(masks, 1) if not _is_within(each)]


def _wrong(number: int) -> Sentence:
    return say("Rectangle {number}: give left, top, width and height from 0 to 1, within the picture.", number=number)


def _is_within(mask: Any) -> bool:
    if not isinstance(mask, dict) or set(mask) != set(SIDES):
        return False
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in mask.values()):
        return False
    return (
        all(0 <= mask[side] <= 1 for side in SIDES)
        and mask["width"] > 0
        and mask["height"] > 0
        and mask["left"] + mask["width"] <= 1
        and mask["top"] + mask["height"] <= 1
    )
