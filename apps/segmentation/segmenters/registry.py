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

TEETH: Final = Segmenter(
    "teeth",
    say("Teeth and jaws"),
    say("Teeth, jaws and metal in a CT or a cone beam, whose grey values are compared with air's and soft tissue's."),
    (
        segment(1, "Bone", (named.TISSUE, named.BONE), by="teeth", colour=(241, 214, 145)),
        segment(2, "Teeth", (named.ANATOMY, named.TOOTH), by="teeth", colour=(255, 250, 220)),
        segment(3, "Metal", (named.OBJECT, named.IMPLANT), by="teeth", colour=(80, 150, 255)),
    ),
    "apps.segmentation.segmenters.teeth:segment",
    (
        Option("bone", say("Bone is above (HU)"), 300.0, 100.0, 1500.0, "HU"),
        Option("tooth", say("Dentine is above (HU)"), 1350.0, 500.0, 3000.0, "HU"),
        Option("enamel", say("Each tooth reaches (HU)"), 1900.0, 500.0, 4000.0, "HU"),
        Option("metal", say("Metal is above (HU)"), 2850.0, 1500.0, 30_000.0, "HU"),
    ),
    needs_hu=False,
)

VESSELS: Final = Segmenter(
    "vessels",
    say("Vessels with contrast agent"),
    say("Vessels full of contrast agent and what is connected with them, such as the heart's chambers, without bone."),
    (segment(1, "Vessels", (named.ANATOMY, named.VESSEL), by="vessels", colour=(216, 60, 60)),),
    "apps.segmentation.segmenters.vessels:segment",
    (
        Option("threshold", say("Vessels are above (HU)"), None, 80.0, 1500.0, "HU"),
        Option("bone", say("Hard bone is above (HU)"), 600.0, 300.0, 3000.0, "HU"),
        _smallest(0.1),
        Option("seeds", say("Only vessels at these points"), is_points=True),
    ),
)

CALCIUM: Final = Segmenter(
    "calcium-candidates",
    say("Candidates for calcified plaque"),
    say("Bright pieces in a CT without contrast agent. A person says which of them are plaque, and in which artery."),
    (
        segment(
            1,
            "Calcium candidates",
            (named.ABNORMAL, named.CALCIFICATION),
            by="calcium-candidates",
            colour=(255, 220, 0),
        ),
    ),
    "apps.segmentation.segmenters.calcium:segment",
    (
        Option("threshold", say("Calcium is above (HU)"), 130.0, 100.0, 1500.0, "HU"),
        Option("area", say("Smallest area in a slice (mm²)"), 1.0, 0.0, 100.0, "mm2"),
        Option("largest", say("Largest piece (mL)"), 3.0, 0.001, 1000.0, "mL"),
    ),
)

ALL: Final = (LUNG, AIRWAY, BONE, BODY, TEETH, VESSELS, CALCIUM)
