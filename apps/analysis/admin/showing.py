"""What the pages show of an analysis: how it goes, of what and with what it came, and what came of it."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.accounts.scoped_admin import acting_in
from apps.analysis import asking, judging, kinds
from apps.analysis.describing import Field
from apps.analysis.kinds import Choices, Table
from apps.analysis.models import Analysis, Verdict
from apps.analysis.results import is_outdated
from apps.analysis.serializers import flags_of, title_of, viewer_url_of
from apps.archive.models import Series
from apps.core.languages import translated
from apps.jobs.models import State
from apps.jobs.showing import bar

# Of a list of numbers, so many are shown.
MOST_SHOWN: Final = 12


def shown(request: HttpRequest, row: Analysis) -> dict[str, Any]:
    """The context of the page of one."""
    who = acting_in(request, row.study.practice_id)
    may_ask = asking.may_analyse(who, row.study)
    return {
        **line(row),
        "parameters": parameters_of(row, choices_of(row)),
        "is_outdated": is_outdated(row),
        "results": series_of(row, row.series_instance_uids),
        "inputs": series_of(row, row.inputs.get("seriesInstanceUids", [])),
        "may_cancel": may_ask and asking.may_cancel(who, row),
        "may_rerun": may_ask and row.is_ended and kinds.find(row.kind) is not None,
        "may_remove": may_ask and asking.may_remove(who, row),
        "may_judge": judging.may_judge(who, row),
        "tables": tables_of(row),
    }


def line(row: Analysis) -> dict[str, Any]:
    """What a line of a list tells of one."""
    return {
        "analysis": row,
        "title": title_of(row),
        "state": row.state,
        "state_words": state_words(row),
        "bar": progress(row),
        "error": translated(row.error),
        "flags": flags_of(row),
        "viewer_url": viewer_url_of(row),
        "verdict_words": Verdict(row.verdict).label if row.verdict else "",
    }


def tables_of(row: Analysis) -> Sequence[Table]:
    """What it found, in people's words; nothing of a kind that is no longer here."""
    kind = kinds.find(row.kind)
    return kind.tables(row.summary) if kind and row.stored_at else ()


def state_words(row: Analysis) -> str:
    return str(State(row.state).label) if row.state else ""


def progress(row: Analysis) -> SafeString:
    """Its bar; nothing for one that has ended."""
    return SafeString() if row.is_ended else bar(row.job, reverse("api-analysis", args=[row.pk]))


def choices_of(row: Analysis) -> Choices:
    """What of its study may be chosen for its kind's parameters, so that their values can be put into words."""
    kind = kinds.find(row.kind)
    return kind.choices(row.study) if kind else {}


def parameters_of(row: Analysis, choices: Choices) -> list[tuple[str, str]]:
    """Its parameters in people's words: what each is called, and its value."""
    kind = kinds.find(row.kind)
    if kind is None:
        return [(name, _plain(value)) for name, value in row.parameters.items()]
    fields = kind.parameters().fields
    given = row.parameters
    names = [*(name for name in fields if name in given), *(name for name in given if name not in fields)]
    return [(_label(fields, name), _value(fields.get(name), choices.get(name, ()), given[name])) for name in names]


def series_of(row: Analysis, uids: list[str]) -> list[Series]:
    """Those of the series that are still in the study."""
    return list(Series.objects.filter(study=row.study_id, series_instance_uid__in=uids).defer("found"))


def _label(fields: Any, name: str) -> str:
    return str(fields[name].label or name) if name in fields else name


def _value(field: Field | None, choices: Sequence[tuple[Any, str]], value: Any) -> str:
    named = {str(each): label for each, label in choices}
    if isinstance(field, serializers.ListField) and isinstance(field.child, serializers.ChoiceField):
        return ", ".join(_value(field.child, (), each) for each in value)
    if isinstance(field, serializers.ChoiceField):
        named = {str(each): str(label) for each, label in field.choices.items()}
    return named.get(str(value)) or _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return _("Yes") if value else _("No")
        case dict():
            return ", ".join(f"{name} {_plain(each)}" for name, each in value.items()) or "—"
        case list():
            more = ["…"] if len(value) > MOST_SHOWN else []
            return "; ".join([*(_plain(each) for each in value[:MOST_SHOWN]), *more])
        case float() if value.is_integer():
            return str(localize(int(value)))
    return str(localize(value))
