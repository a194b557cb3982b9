"""The volumes of a study or a series on its page, with the ways to look at them."""

from collections.abc import Iterator
from typing import Any, Final

from django import template
from django.db.models import F

from apps.archive.models import Series, Study

register = template.Library()

MOST_VOLUMES: Final = 50
# What a page looks at before it is shown; a job looks at the others.
MOST_SERIES: Final = 10
MOST_INSTANCES: Final = 1000
# Modalities whose series are volumes as a rule: others are looked at by a job alone, and nobody misses one there.
VOLUMETRIC: Final = frozenset({"CT", "MR", "PT"})
# Long columns of the rows.
NOT_SHOWN: Final = ("frames", "lattice", "survey__series__found", "survey__series__study__found")
# Those of which there are jaws.
OF_JAWS: Final = frozenset({"CT"})


@register.inclusion_tag("admin/volumes/of_study.html", takes_context=True)
def volumes_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """The study's volumes, what is to be known of each, and why images of it are in none."""
    return _shown(context, list(study.series.defer("found")))


@register.inclusion_tag("admin/volumes/of_study.html", takes_context=True)
def volumes_of_series(context: dict[str, Any], series: Series) -> dict[str, Any]:
    """The same of one series."""
    return _shown(context, [series])


def _shown(context: dict[str, Any], series: list[Series]) -> dict[str, Any]:
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal
    from apps.volumes.models import Volume

    surveys = _surveys(series)
    seen = Volume.objects.visible_to(principal(context["request"])).filter(survey__in=surveys.values())
    volumes = seen.select_related("survey__series__study").defer(*NOT_SHOWN)
    ordered = volumes.order_by("survey__series__series_number", "survey", "pk")
    return {
        "volumes": [_row(volume) for volume in ordered[:MOST_VOLUMES]],
        "left_out": [(each, list(_reasons(surveys[each.pk].left_out))) for each in _incomplete(series, surveys)],
    }


def _surveys(series: list[Series]) -> dict[int, Any]:
    """What is known of the series as they are now, by their keys; small ones that are not known yet are looked at."""
    from apps.volumes.finding import survey_of
    from apps.volumes.models import Survey

    current = Survey.objects.filter(series__in=series, version=F("series__version"))
    known = {survey.series_id: survey for survey in current}
    small = [each for each in series if each.modality in VOLUMETRIC and each.instance_count <= MOST_INSTANCES]
    unknown = [each for each in small if each.pk not in known]
    return known | {each.pk: survey_of(each) for each in unknown[:MOST_SERIES]}


def _incomplete(series: list[Series], surveys: dict[int, Any]) -> list[Series]:
    """Those of which images are in no volume where one might look for them: not in what analyses have made."""
    from apps.analysis.models import Analysis

    found = [each for each in series if each.pk in surveys and surveys[each.pk].left_out]
    searched = [each for each in found if each.modality in VOLUMETRIC]
    if not searched:
        return []
    analyses = Analysis.objects.filter(study__in={each.study_id for each in searched})
    made = {uid for uids in analyses.values_list("series_instance_uids", flat=True) for uid in uids}
    return [each for each in searched if each.series_instance_uid not in made]


def _row(volume: Any) -> dict[str, Any]:
    from apps.archive.viewing import viewer_url
    from apps.core.languages import translated
    from apps.volumes.geometry.flags import HARMLESS
    from apps.volumes.geometry.wording import flag_text

    series = volume.series
    return {
        "volume": volume,
        "series": series,
        "flags": [(translated(flag_text(flag)), flag in HARMLESS) for flag in volume.known_flags],
        "has_panoramic": series.modality in OF_JAWS,
        "mpr_url": f"{viewer_url(series.study.study_instance_uid, series.series_instance_uid)}&hangingprotocolId=mpr",
    }


def _reasons(left_out: dict[str, int]) -> Iterator[str]:
    from apps.core.languages import translated
    from apps.volumes.geometry.stacks import Reason
    from apps.volumes.geometry.wording import reason_text

    for reason, count in left_out.items():
        yield translated(reason_text(Reason(reason), count))
