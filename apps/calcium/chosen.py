"""Which calcium counts, as somebody has said it: by a segmentation or marks of the study, by lesions, or by regions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.archive.models import Instance, Study
from apps.calcium import marks
from apps.calcium.scoring.vessels import NUMBERS, Vessel, vessel_of
from apps.core.errors import Conflict, Invalid
from apps.saying import Sentence, say
from apps.segmentation.masks import masks_of
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.segments import Segment
from apps.volumes.models import Volume

NO_SUCH: Final = say("The study has no such segmentation: GET /api/segmentations?study=…")
LABELS: Final = "vessels.npy"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`asked` is what `scoring.working` takes of it; `vessels` are those that are looked at; the segments
    or marks `left_out`, by their labels, are of no coronary artery."""

    asked: Mapping[str, Any]
    vessels: tuple[Vessel, ...]
    left_out: tuple[str, ...] = field(default=())


def segmentation_in(study: Study, asked: Mapping[str, Any]) -> Segmentation | None:
    """The segmentation that was asked about. Raises Invalid where it is none of the study's."""
    if "segmentation" not in asked:
        return None
    rows = Segmentation.objects.filter(instance__series__study=study.pk, pk=asked["segmentation"])
    found = rows.select_related("instance__series__study").first()
    if found is None:
        raise Invalid(NO_SUCH, [("parameters.segmentation", NO_SUCH)])
    return found


def object_in(study: Study, asked: Mapping[str, Any]) -> Instance | None:
    """The object of the study that says what counts: a segmentation or a report; None where the parameters say it
    themselves. Raises Invalid where it is none of the study's."""
    segmentation = segmentation_in(study, asked)
    return segmentation.instance if segmentation else marks.report_in(study, asked)


def chosen_in(study: Study, asked: Mapping[str, Any], volume: Volume, folder: Path) -> Chosen:
    """What counts of the volume. Raises Invalid, Conflict where no segment is of a coronary artery, and what
    `masks_of` raises. The file of labels, if there is one, lies in `folder`."""
    segmentation = segmentation_in(study, asked)
    if segmentation is not None:
        return _of_segments(segmentation, volume, folder)
    report = marks.report_in(study, asked)
    if report is not None:
        marked = marks.marked_in(report)
        return _of_places("lesions", marked.lesions, marked.left_out)
    kind = "lesions" if asked.get("lesions") else "regions"
    return _of_places(kind, [dict(each) for each in asked[kind]])


def words(why: Unanswerable) -> Sentence:
    """Why what was chosen can't be scored, for people."""
    number = why.values.get("number", "")
    match why.reason:
        case "nothing-there":
            return say(
                "There is no calcium within 3 mm of the point of lesion {number}. Take a point in it.", number=number
            )
        case "too-large":
            return say(
                "Lesion {number} hangs together with bone, or with something else that is large. Say by regions or by"
                " a segmentation which part of it is in the artery.",
                number=number,
            )
        case "in-two-vessels":
            return say("Lesion or region {number} takes calcium that is another vessel's already.", number=number)
    return say("The calcium can't be scored ({reason}).", reason=why.reason)


def _of_places(kind: str, places: list[dict[str, Any]], left_out: tuple[str, ...] = ()) -> Chosen:
    """Of lesions or regions, as the parameters of these names have them."""
    named = {Vessel(each["vessel"]) for each in places}
    return Chosen({kind: places}, tuple(each for each in Vessel if each in named), left_out)


def _of_segments(segmentation: Segmentation, volume: Volume, folder: Path) -> Chosen:
    labels, vessels, left_out = np.zeros(volume.shape, np.uint8), set[Vessel](), list[str]()
    for segment, mask in masks_of(segmentation, volume):
        vessel = vessel_of(segment)
        if vessel is None:
            left_out.append(segment.label)
            continue
        vessels.add(vessel)
        _give(labels, mask, vessel, segment)
    if not vessels:
        raise Conflict(
            say(
                "None of the segmentation's segments is a coronary artery. Name them LM, LAD, LCX and RCA in the"
                " viewer, store the segmentation, and score that one."
            )
        )
    path = folder / LABELS
    np.save(path, labels)
    return Chosen({"labels": str(path)}, tuple(each for each in Vessel if each in vessels), tuple(left_out))


def _give(labels: NDArray[np.uint8], mask: NDArray[np.bool_], vessel: Vessel, segment: Segment) -> None:
    """The voxels of a segment are the vessel's. Raises Conflict where some are another one's."""
    if np.any(mask & (labels != 0) & (labels != NUMBERS[vessel])):
        raise Conflict(
            say("Segment {number} overlaps one of another vessel: each lesion is of one.", number=segment.number)
        )
    labels[mask] = NUMBERS[vessel]
