"""The segmentations of a study on its page: what is in each, who made it, and the ways to look at it and to measure."""

from typing import TYPE_CHECKING, Any, Final

from django import template
from django.db.models import F

from apps.archive.models import Instance, Study

if TYPE_CHECKING:  # The theme loads all tags while it is itself being imported.
    from apps.accounts.principal import Principal
    from apps.analysis.models import Analysis
    from apps.segmentation.models import Segmentation

register = template.Library()

NEWEST: Final = 20
# Segments that are named of each.
MOST_SEGMENTS: Final = 12
# What a page reads before it is shown; a job reads the others.
MOST_READ: Final = 10
STATISTICS: Final = "segment-statistics"


@register.inclusion_tag("admin/segmentation/of_study.html", takes_context=True)
def segmentations_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """The newest of the study's segmentations, whoever made them."""
    from apps.accounts.scoped_admin import principal
    from apps.analysis.asking import may_analyse
    from apps.segmentation.origins import analyses_of

    who = principal(context["request"])
    rows = _rows(who, study)
    made, volumes = analyses_of(rows), _volumes(study)
    return {
        "study": study,
        "lines": [_line(row, made.get(row.pk), volumes) for row in rows],
        "may_measure": may_analyse(who, study),
        "kind": STATISTICS,
    }


def _rows(who: "Principal", study: Study) -> "list[Segmentation]":
    from apps.segmentation.api.reaching import rows
    from apps.segmentation.finding import read_all, unread

    read_all(unread(Instance.objects.filter(series__study=study)).order_by("-pk")[:MOST_READ])
    return list(rows(who).filter(study=study)[:NEWEST])


def _volumes(study: Study) -> dict[str, int]:
    """Of each series the volume that may be measured in, by its Series Instance UID: the largest one."""
    from apps.volumes.models import Volume

    known = Volume.objects.filter(survey__series__study=study, survey__version=F("survey__series__version"))
    found = known.select_related("survey__series").defer("frames", "lattice", "survey__series__found")
    measurable = [volume for volume in found.order_by("slices", "-pk") if volume.is_quantifiable]
    return {volume.series.series_instance_uid: volume.pk for volume in measurable}


def _line(row: "Segmentation", analysis: "Analysis | None", volumes: dict[str, int]) -> dict[str, Any]:
    from apps.archive.viewing import viewer_url

    segments = list(row.segments.all())
    return {
        "segmentation": row,
        "segments": segments[:MOST_SEGMENTS],
        "more": max(0, len(segments) - MOST_SEGMENTS),
        "analysis": analysis,
        "volume": volumes.get(row.source_series_uid),
        "viewer_url": viewer_url(row.study.study_instance_uid, row.source_series_uid),
    }
