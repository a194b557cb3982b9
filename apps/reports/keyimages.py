"""Images that a report might show: those that somebody has noted, those that were measured in, one of each series."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import orjson
from isal import isal_zlib

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Instance, Series, Study
from apps.dicom.spoken import unturned
from apps.measurements.content.tools import ARROW
from apps.reports.annotations import Marked, marked_in
from apps.reports.content.entries import KeyImage
from apps.reports.objects import kos
from apps.reports.storing import WAY
from apps.saying import Sentence, say

MOST_CANDIDATES: Final = 120
MOST_IMAGES: Final = 20_000
MOST_SELECTIONS: Final = 50
CAPTION_LENGTH: Final = 200
# Tools of the viewer by which somebody says: look here.
_POINTING: Final = frozenset({ARROW, "KeyImage"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image to choose, and why it is one."""

    image: KeyImage
    why: Sentence


@dataclass(frozen=True, slots=True)
class _There:
    """An image of the study that the caller sees."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    frames: int
    description: str

    def key_image(self, frame: int, caption: str = "") -> KeyImage:
        names = self.study_uid, self.series_uid, self.sop_class_uid, self.sop_instance_uid
        return KeyImage(*names, frame=frame, caption=unturned(caption)[:CAPTION_LENGTH])


def noted(who: Principal, study: Study) -> list[KeyImage]:
    """What somebody wants to be looked at: by Key Object Selections, and by arrows and key images of the viewer's."""
    there = _there(who, study)
    return [each.image for each in _once([*_selected(study, there), *_marked(study, there, is_pointed=True)])]


def candidates(who: Principal, study: Study) -> list[Candidate]:
    """At most MOST_CANDIDATES images of the study, each once, what somebody has noted first."""
    there = _there(who, study)
    found = [
        *_selected(study, there), *_marked(study, there, is_pointed=True), *_marked(study, there, is_pointed=False),
        *_middles(there.values()),
    ]  # fmt: skip
    return _once(found)[:MOST_CANDIDATES]


def _once(found: Iterable[Candidate]) -> list[Candidate]:
    kept: dict[tuple[str, int], Candidate] = {}
    for each in found:
        kept.setdefault((each.image.sop_instance_uid, each.image.frame), each)
    return list(kept.values())


def _there(who: Principal, study: Study) -> dict[str, _There]:
    """By SOP Instance UID, in the order of the series and of the images in them."""
    seen = Series.objects.visible_to(who, Permission.VIEW).filter(study=study)
    rows = Instance.objects.filter(series__in=seen.order_by().values("pk"), number_of_frames__gt=0)
    named = rows.order_by("series__series_number", "series", "instance_number", "pk").values_list(
        "series__series_instance_uid", "sop_class_uid", "sop_instance_uid", "number_of_frames",
        "series__series_description",
    )  # fmt: skip
    return {row[2]: _There(study.study_instance_uid, *row) for row in named[:MOST_IMAGES]}


def _selected(study: Study, there: dict[str, _There]) -> Iterator[Candidate]:
    """By the Key Object Selections of others: those of reports say nothing that the report doesn't."""
    rows = Instance.objects.filter(series__study=study, sop_class_uid=kos.SOP_CLASS).exclude(source=WAY)
    for packed in rows.order_by("-received_at", "-pk").values_list("header", flat=True)[:MOST_SELECTIONS]:
        selection = kos.selection_of(orjson.loads(isal_zlib.decompress(packed)))
        if selection is None or not selection.is_of_interest:
            continue
        for image in selection.images:
            if image.sop_instance_uid in there:
                yield Candidate(_own(there[image.sop_instance_uid], image, selection), say("Noted as a key image"))


def _own(place: _There, image: KeyImage, selection: kos.Selection) -> KeyImage:
    """What is said of one image is its caption; what is said of several is said of none by itself."""
    return place.key_image(image.frame, selection.description if len(selection.images) == 1 else "")


def _marked(study: Study, there: dict[str, _There], *, is_pointed: bool) -> Iterator[Candidate]:
    for each in marked_in(study, _POINTING if is_pointed else ()):
        if each.sop_instance_uid in there and (each.tool in _POINTING) is is_pointed:
            yield Candidate(there[each.sop_instance_uid].key_image(each.frame, each.label), _why(each))


def _why(marked: Marked) -> Sentence:
    return say("Marked in the viewer") if marked.tool in _POINTING else say("Measured")


def _middles(there: Iterable[_There]) -> Iterator[Candidate]:
    """The image in the middle of each series; of a single object of several frames the frame in its middle."""
    for _, images in groupby(there, key=lambda each: each.series_uid):
        several = list(images)
        middle = several[len(several) // 2]
        frame = max(1, (middle.frames + 1) // 2) if len(several) == 1 else 1
        name = unturned(middle.description) or say("Series")
        yield Candidate(middle.key_image(frame), say("{name}, the middle one", name=name))
