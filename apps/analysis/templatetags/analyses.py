"""The analyses of a study or a series on its page, with the ways to ask for others."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django import template

from apps.archive.models import Series, Study

if TYPE_CHECKING:  # The theme loads all tags while it is itself being imported.
    from apps.analysis.models import Analysis, AnalysisQuerySet

register = template.Library()

NEWEST: Final = 10


@register.inclusion_tag("admin/analysis/of_study.html", takes_context=True)
def analyses_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """What was worked out of the study, and what may be asked of it, for who may ask."""
    return _shown(context, study, _seen(context, study))


@register.inclusion_tag("admin/analysis/of_study.html", takes_context=True)
def analyses_of_series(context: dict[str, Any], series: Series) -> dict[str, Any]:
    """The same of what was worked out of the series, or what the series came of."""
    uid = series.series_instance_uid
    seen = _seen(context, series.study)
    concerned = (row for row in seen if uid in (*row.series_instance_uids, *row.inputs.get("seriesInstanceUids", ())))
    return _shown(context, series.study, concerned)


def _seen(context: dict[str, Any], study: Study) -> "AnalysisQuerySet":
    from apps.accounts.scoped_admin import principal
    from apps.analysis.models import Analysis

    return Analysis.objects.with_study().visible_to(principal(context["request"])).filter(study=study)


def _shown(context: dict[str, Any], study: Study, rows: "Iterable[Analysis]") -> dict[str, Any]:
    from apps.accounts.scoped_admin import principal
    from apps.analysis.admin.showing import choices_of, line, parameters_of
    from apps.analysis.asking import may_analyse

    newest = list(islice(rows, NEWEST))
    choices = {row.kind: choices_of(row) for row in {row.kind: row for row in newest}.values()}
    lines = [{**line(row), "parameters": parameters_of(row, choices[row.kind])} for row in newest]
    return {
        "study": study,
        "lines": lines,
        "is_watched": any(each["bar"] for each in lines),
        "kinds": _offered(study) if may_analyse(principal(context["request"]), study) else [],
    }


def _offered(study: Study) -> list[tuple[str, str]]:
    """The kinds of which the study has something to analyse: names and titles."""
    from apps.analysis import kinds
    from apps.analysis.admin.form import can_ask, choices_of
    from apps.core.languages import translated

    every = kinds.every()
    return [(kind.name, translated(kind.title)) for kind in every if can_ask(kind, choices_of(kind, study))]
