"""Where a segmentation comes from: an analysis, or another one that somebody has edited and stored again."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import QuerySet

from apps.analysis.models import Analysis
from apps.analysis.results import WAY
from apps.segmentation.models import Segmentation

# Earlier ones of the same images that are looked through.
MOST_COMPARED: Final = 100


def analyses_of(rows: Iterable[Segmentation]) -> dict[int, Analysis]:
    """By the rows' keys, the analyses that made those that one has made. The rows come with their instance's series.

    What a person has edited may lie in the same series; it came by another way.
    """
    named: dict[str, list[int]] = {}
    for row in rows:
        if row.instance.source == WAY:
            named.setdefault(row.instance.series.series_instance_uid, []).append(row.pk)
    if not named:
        return {}
    made = Analysis.objects.filter(study__series__series_instance_uid__in=named).defer("summary").distinct()
    # What it is storing right now is among the leftovers until all of it is there.
    found = ((uid, each) for each in made for uid in (*each.leftover_uids, *each.series_instance_uids))
    return {pk: analysis for uid, analysis in found for pk in named.get(uid, ())}


def note(row: Segmentation, predecessors: Sequence[str]) -> None:
    """Write down which other one it was edited from: the predecessor that it names, as its SOP Instance UID.

    Viewers that name none give it new UIDs. It is known then by what it has kept: its images, and its segments'
    Tracking UIDs, or where the viewer drops those, their labels.
    """
    edited_from = None if row.instance.source == WAY else _named(row, predecessors) or _like(row)
    Segmentation.objects.filter(pk=row.pk).update(edited_from=edited_from)


def _named(row: Segmentation, predecessors: Sequence[str]) -> Segmentation | None:
    same_study = Segmentation.objects.filter(study=row.study_id).exclude(pk=row.pk)
    return same_study.filter(instance__sop_instance_uid__in=predecessors).order_by("-instance").first()


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
