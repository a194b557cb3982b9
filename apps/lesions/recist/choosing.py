"""Which lesions may be targets: measurable ones, five at most, two of an organ (3.1, 3.2)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.saying import Sentence, say

MOST_TARGETS: Final = 5
MOST_OF_ORGAN: Final = 2
LEAST_MM: Final = 10.0
LEAST_NODE_MM: Final = 15.0
# Slices thicker than this make lesions measurable only from twice their thickness on.
USUAL_THICKNESS_MM: Final = 5.0
# All lymph nodes together are one organ (EORTC).
NODES: Final = "lymph nodes"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lesion at baseline. `organ` is any name of it (paired organs are one), `size_mm` the longest diameter, of a
    node the short axis; `thickness_mm` is that of the slices it was measured in, 0 where it isn't known."""

    organ: str
    size_mm: float
    is_node: bool = False
    thickness_mm: float = 0.0


def least_of(candidate: Candidate) -> float:
    """The size in millimetres from which it is measurable (CT and MR)."""
    if candidate.is_node:
        return LEAST_NODE_MM
    return 2 * candidate.thickness_mm if candidate.thickness_mm > USUAL_THICKNESS_MM else LEAST_MM


def objections(targets: Sequence[Candidate]) -> Iterator[Sentence]:
    """What speaks against these targets together, in words; nothing where nothing does."""
    if len(targets) > MOST_TARGETS:
        yield say("RECIST 1.1 follows at most {most} target lesions.", most=MOST_TARGETS)
    organs = Counter(NODES if each.is_node else each.organ for each in targets)
    if organs and max(organs.values()) > MOST_OF_ORGAN:
        yield say(
            "RECIST 1.1 follows at most {most} target lesions of an organ; all nodes are one.", most=MOST_OF_ORGAN
        )
    for each in targets:
        if each.size_mm < least_of(each):
            yield _too_small(each)


def _too_small(candidate: Candidate) -> Sentence:
    least = f"{least_of(candidate):g}"
    if candidate.is_node:
        return say("A node is a target lesion from a short axis of {least} mm on.", least=least)
    return say("A lesion is a target lesion from a diameter of {least} mm on.", least=least)
