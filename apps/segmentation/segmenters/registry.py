"""The classical segmenters: what they find, in which images, and what may be set; nothing heavy is imported here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apps.saying import Sentence, say
from apps.segmentation.objects.segments import Segment
from apps.segmentation.segmenters import named
from apps.segmentation.segmenters.named import named as segment
from apps.segmentation.segmenters.options import Option


@dataclass(frozen=True, slots=True)
class Segmenter:
    """`name` is the one in the API, `title` and `description` what people read. Labels are the numbers of `segments`.

    It goes by images of `modalities` (Modality, PS3.3 C.7.3.1.1.1), with `needs_hu` only by those in Hounsfield units.
    `function` (`module:name`) is an `answers.Function`; it is imported where it runs (`working`).
    """

    name: str
    title: Sentence
    description: Sentence
    segments: tuple[Segment, ...]
    function: str
    options: tuple[Option, ...] = ()
    modalities: tuple[str, ...] = ("CT",)
    needs_hu: bool = True


def every() -> Sequence[Segmenter]:
    """All of them, in the order in which people are offered them."""
    return ALL


def find(name: str) -> Segmenter | None:
    """The segmenter of that name."""
    return next((each for each in ALL if each.name == name), None)


def _smallest(default: float) -> Option:
    return Option("smallest", say("Smallest piece (mL)"), default, 0.0, 1000.0, "mL")


LUNG: Final = Segmenter(
    "lung",
    say("Lungs"),
    say("Left and right lung with the vessels in them, without trachea and main bronchi."),
    (
        segment(1, "Left lung", (named.ANATOMY, named.LUNG), by="lung", colour=(197, 165, 145), modifier=named.LEFT),
        segment(2, "Right lung", (named.ANATOMY, named.LUNG), by="lung", colour=(145, 175, 197), modifier=named.RIGHT),
    ),
    "apps.segmentation.segmenters.lung:segment",
    (
        Option("threshold", say("Lung is below (HU)"), -400.0, -900.0, -200.0, "HU"),
        _smallest(50.0),
    ),
)

AIRWAY: Final = Segmenter(
    "airway",
    say("Airways"),
    say("The air in the trachea and the bronchi, as far as it can be followed without leaking into the lung."),
    (segment(1, "Airways", (named.ANATOMY, named.AIRWAY), by="airway", colour=(90, 200, 220)),),
    "apps.segmentation.segmenters.airway:segment",
    (Option("threshold", say("Air is below (HU)"), -500.0, -900.0, -200.0, "HU"),),
)

BONE: Final = Segmenter(
    "bone",
    say("Bone"),
    say("Bone and teeth by their density. Vessels with contrast agent that touch bone are taken for bone, too."),
    (segment(1, "Bone", (named.TISSUE, named.BONE), by="bone", colour=(241, 214, 145)),),
    "apps.segmentation.segmenters.bone:segment",
    (
        Option("threshold", say("Bone is above (HU)"), 200.0, 100.0, 1500.0, "HU"),
        Option("hard", say("Each piece reaches (HU)"), 400.0, 100.0, 3000.0, "HU"),
        _smallest(0.5),
    ),
)

BODY: Final = Segmenter(
    "body",
    say("Body"),
    say("All below the skin, without the table."),
    (segment(1, "Body", (named.ANATOMY, named.BODY), by="body", colour=(220, 180, 160)),),
    "apps.segmentation.segmenters.body:segment",
    (Option("threshold", say("The body is above (HU)"), -300.0, -900.0, 0.0, "HU"),),
)

ALL: Final = (LUNG, AIRWAY, BONE, BODY)
