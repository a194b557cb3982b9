"""Where a segmentation comes from: an analysis, or another one that somebody has edited and stored again."""

from collections.abc import Iterable
from typing import Final

from django.db.models import QuerySet

from apps.analysis.models import Analysis
from apps.segmentation.models import Segmentation

# Earlier ones of the same images that are looked through.
MOST_COMPARED: Final = 100


def analyses_of(rows: Iterable[Segmentation]) -> dict[int, Analysis]:
    """By the rows' keys, the analyses that made those that one has made. The rows come with their instance's series."""
    named = {row.instance.series.series_instance_uid: row.pk for row in rows}
    made = Analysis.objects.filter(study__in={row.study_id for row in rows}).defer("summary")
    # What it is storing right now is among the leftovers until all of it is there.
    found = ((uid, each) for each in made for uid in (*each.leftover_uids, *each.series_instance_uids))
    return {named[uid]: analysis for uid, analysis in found if uid in named}


def note(row: Segmentation) -> None:
    """Write down which other one it was edited from.

    Viewers that store a segmentation again give it new UIDs. It is known by what it has kept: its images, and its
    segments' Tracking UIDs, or where the viewer drops those, their labels.
    """
    edited_from = None if _is_made(row) else _like(row)
    Segmentation.objects.filter(pk=row.pk).update(edited_from=edited_from)


def _is_made(row: Segmentation) -> bool:
    """Whether it is a result of an analysis, and nobody's edit."""
    return bool(analyses_of([row]))


def _like(row: Segmentation) -> Segmentation | None:
    """The latest of those before it that have most in common with it."""
    if not row.source_series_uid:
        return None
    own = set(row.segments.values_list("tracking_uid", flat=True)) - {""}
    labels = {label.casefold() for label in row.segments.values_list("label", flat=True)} - {""}
    best, most = None, 0
    for each in _before(row):
        segments = list(each.segments.all())
        shared = len(own & {segment.tracking_uid for segment in segments})
        if not shared and not own:
            shared = len(labels & {segment.label.casefold() for segment in segments})
        if shared > most:
            best, most = each, shared
    return best


def _before(row: Segmentation) -> QuerySet[Segmentation]:
    same_images = Segmentation.objects.filter(study=row.study_id, source_series_uid=row.source_series_uid)
    earlier = same_images.filter(instance__lt=row.instance_id).order_by("-instance")
    return earlier.prefetch_related("segments")[:MOST_COMPARED]
