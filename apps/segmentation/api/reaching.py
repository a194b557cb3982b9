"""Segmentations as their callers reach them: as the objects are now, and like absent where they may not look."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Q

from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller
from apps.archive.models import Instance
from apps.core.errors import NotFound
from apps.saying import say
from apps.segmentation.finding import read_all, unread
from apps.segmentation.models import Segmentation, SegmentationQuerySet
from apps.volumes.models import Volume

# Objects that one request reads anew; jobs read the others.
MOST_READ: Final = 50
NO_SUCH: Final = say("There is no such segmentation.")
# Long columns.
_NOT_TOLD: Final = (
    "instance__header",
    "instance__found",
    "instance__frame_index",
    "study__found",
    "study__original_found",
)


def rows(who: Caller) -> SegmentationQuerySet:
    """The segmentations that the caller sees, the newest first."""
    seen = Segmentation.objects.visible_to(who, Permission.VIEW)
    told = seen.select_related("instance__series", "study").defer(*_NOT_TOLD)
    return told.prefetch_related("segments").order_by("-pk")


def found(who: Caller, wanted: Mapping[str, Any]) -> SegmentationQuerySet:
    """Those that meet the filters, once those that have come are read. Raises NotFound for a volume that is none."""
    chosen, reached = rows(who), Instance.objects.visible_to(who, Permission.VIEW)
    for study, series in _asked_about(who, wanted):
        if study:
            reached = reached.filter(series__study__study_instance_uid=study)
            chosen = chosen.filter(study__study_instance_uid=study)
        if series:
            chosen = chosen.filter(Q(source_series_uid=series) | Q(instance__series__series_instance_uid=series))
    if "machine" in wanted:
        chosen = chosen.filter(is_machine_made=wanted["machine"])
    read_all(unread(reached).order_by("-pk")[:MOST_READ])
    return chosen


def one(who: Caller, pk: int) -> Segmentation:
    """The segmentation of this number, read anew where its object has changed. Raises NotFound."""
    read_all(unread(Instance.objects.visible_to(who, Permission.VIEW).filter(segmentation=pk)))
    row = rows(who).filter(pk=pk).first()
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _asked_about(who: Caller, wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Study and series, as they are named, and those of the volume that is."""
    yield wanted.get("study", ""), wanted.get("series", "")
    if "volume" not in wanted:
        return
    seen = Volume.objects.visible_to(who, Permission.VIEW).filter(pk=wanted["volume"])
    volume = seen.select_related("survey__series__study").first()
    if volume is None:
        raise NotFound(say("There is no such volume. A series that has changed may have others now: GET /api/volumes."))
    yield volume.series.study.study_instance_uid, volume.series.series_instance_uid
