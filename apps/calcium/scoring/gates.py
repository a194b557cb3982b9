"""What calcium can't be scored in, and why; and what is to be minded of what it can. Read from headers and geometry.

Each is a name, that rows and the REST API keep, with a sentence (`told`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apps.calcium.scoring.thresholds import SAME_KVP, Thresholds
from apps.dicom.attributes import Attributes, number, text, values
from apps.saying import Sentence, say
from apps.volumes.geometry.flags import Flag, is_quantifiable
from apps.volumes.geometry.lattice import EVEN_MM, EVEN_SHARE, Lattice

# Scores are known for slices so far apart (mm), which is what guidelines scan with.
USUAL_STEPS: Final = (2.4, 3.1)
# Hardly any arteries hold more calcium than this (cubic millimetres).
MOST_VOLUME: Final = 5000.0
# Cosine of the angle within which slices are axial: a gantry tilts by 30 degrees at most.
AXIAL: Final = 0.86
# What devices write where they mean that no contrast agent was given.
_NO_AGENT: Final = frozenset({"", "NO", "NONE", "N", "NIL", "0", "NO CONTRAST", "WITHOUT", "NATIVE", "NON-CONTRAST"})
_PROJECTED: Final = frozenset({"MIP", "MINIP", "MPR", "PROJECTION IMAGE", "MAX_IP", "MIN_IP", "LOCALIZER"})
_IMAGE_TYPE, _MODALITY, _KVP, _THICKNESS = "00080008", "00080060", "00180060", "00180050"
_AGENT, _AGENTS, _ADMINISTERED = "00180010", "00180012", "00189342"
_VOLUME_OF_AGENT: Final = ("00181041", "00181044")
# Trigger Time, Low and High R-R Value, Heart Rate, Cardiac Signal Source.
_GATED: Final = ("00181060", "00181081", "00181082", "00181088", "00189085")


@dataclass(frozen=True, slots=True)
class Pictured:
    """What a volume is: its header (DICOM JSON, of one image; PS3.3 C.8.2.1), its geometry, the unit of its values."""

    header: Attributes
    lattice: Lattice
    unit: str
    flags: tuple[Flag, ...] = ()

    @property
    def kvp(self) -> float | None:
        return number(self.header, _KVP)


def refusals(of: Pictured, thresholds: Thresholds) -> list[Sentence]:
    """Why calcium can't be scored in it with these thresholds; none where it can."""
    return [*_by_values(of), *_by_kvp(of, thresholds), *_by_geometry(of)]


def remarks(of: Pictured, step: float, volume: float = 0.0) -> list[str]:
    """The names of what is to be minded of a score; `told` puts them into words.

    `step` is that from slice to slice (mm), `volume` that of all calcium (cubic millimetres).
    """
    found = {
        "contrast-unsaid": _AGENT not in of.header and _AGENTS not in of.header,
        "not-gated": not any(values(of.header, tag) for tag in _GATED),
        "unusual-step": not USUAL_STEPS[0] <= step <= USUAL_STEPS[1],
        "overlapping": Flag.OVERLAPPING in of.flags,
        "very-much": volume > MOST_VOLUME,
    }
    return [name for name, is_so in found.items() if is_so]


def told(remark: str) -> Sentence:
    """What a remark means; the name itself where it is none of these."""
    return _REMARKS.get(remark) or say("{remark}", remark=remark)


_REMARKS: Final = {
    "contrast-unsaid": say(
        "The images don't say whether a contrast agent was given. In images with contrast the score is wrong."
    ),
    "not-gated": say(
        "The images don't say that they were taken by the heart's beat (ECG). Motion may change the score."
    ),
    "unusual-step": say(
        "The slices aren't 2.5 to 3 mm apart. Categories, risks and percentiles were found with such slices; thinner"
        " ones have more noise, and tend to higher scores."
    ),
    "overlapping": say(
        "The slices are thicker than the step from one to the next: the score goes by the step, not by the thickness."
    ),
    "very-much": say(
        "That is more calcium than arteries hold: see in the picture whether bone, a valve, a stent or contrast is"
        " counted with it."
    ),
}


def _by_values(of: Pictured) -> Iterator[Sentence]:
    if text(of.header, _MODALITY) != "CT" or of.unit != "HU":
        yield say("Calcium is scored in CT with Hounsfield units. This volume has none.")
    if _PROJECTED & {str(value).strip().upper() for value in values(of.header, _IMAGE_TYPE)}:
        yield say("These images were made from other images. Score the axial slices that they were made from.")
    if _has_contrast(of.header):
        yield say("A contrast agent was given: blood is as bright as calcium then. Score the series without contrast.")


def _by_kvp(of: Pictured, thresholds: Thresholds) -> Iterator[Sentence]:
    if of.kvp is None:
        yield say(
            "The images don't say with which tube voltage they were taken (KVP), so that no thresholds are known."
        )
    elif abs(of.kvp - thresholds.kvp) > SAME_KVP:
        yield say(
            "The images were taken with {kvp} kVp, and the thresholds hold for {known} kVp. Give thresholds for the"
            " images' voltage, and who published them, or score a series of {known} kVp.",
            kvp=f"{of.kvp:g}",
            known=f"{thresholds.kvp:g}",
        )


def _by_geometry(of: Pictured) -> Iterator[Sentence]:
    lattice = of.lattice
    if not is_quantifiable(of.flags):
        yield say("Nothing may be measured in this volume: look at what it says about its geometry.")
    if lattice.gaps or not lattice.is_even:
        yield say("The slices aren't evenly spaced, or some are missing. A score needs all of them.")
    if abs(lattice.normal[2]) < AXIAL:
        yield say("These slices aren't axial. Scores are known of axial slices alone.")
    thickness = number(of.header, _THICKNESS)
    if thickness is not None and thickness < lattice.slice_spacing * (1 - EVEN_SHARE) - EVEN_MM:
        yield say(
            "The slices are {thickness} mm thick and {step} mm apart: calcium between them isn't seen. Score a series"
            " whose slices touch.",
            thickness=f"{thickness:g}",
            step=f"{lattice.slice_spacing:g}",
        )


def _has_contrast(header: Attributes) -> bool:
    """Contrast/Bolus (PS3.3 C.7.6.4), or of an enhanced object Enhanced Contrast/Bolus (C.7.6.4b) and its usage."""
    if text(header, _ADMINISTERED).upper() == "NO":
        return False
    has_agent = text(header, _AGENT).upper() not in _NO_AGENT
    has_volume = any((number(header, tag) or 0) > 0 for tag in _VOLUME_OF_AGENT)
    return has_agent or has_volume or bool(values(header, _AGENTS))
