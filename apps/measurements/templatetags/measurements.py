"""The measurements of a study or a patient on its page: in a table, and over time."""

from typing import TYPE_CHECKING, Any, Final

from django import template

from apps.archive.models import Patient, Study

if TYPE_CHECKING:  # The theme loads all tags while it is itself being imported.
    from apps.measurements.models import Measurement

register = template.Library()

NEWEST: Final = 50
MOST_CHARTS: Final = 12


@register.inclusion_tag("admin/measurements/of_study.html", takes_context=True)
def measurements_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """What was measured in the study, the newest first."""
    from apps.accounts.scoped_admin import principal
    from apps.measurements.api.reaching import read_now, rows

    who = principal(context["request"])
    read_now(who, {"study": study.pk})
    found = list(rows(who).filter(study=study)[: NEWEST + 1])
    return {"study": study, "lines": [_line(row) for row in found[:NEWEST]], "has_more": len(found) > NEWEST}


@register.inclusion_tag("admin/measurements/of_patient.html", takes_context=True)
def measurements_of_patient(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """What was measured of the patient over time."""
    from apps.accounts.scoped_admin import principal
    from apps.measurements.admin.charts import chart_of_line
    from apps.measurements.api.reaching import read_now, rows
    from apps.measurements.lines import MOST_VALUES, lines_of

    who = principal(context["request"])
    read_now(who, {"study__patient": patient.pk})
    found = list(rows(who).filter(study__patient=patient)[:MOST_VALUES])
    several = [line for line in lines_of(found) if len(line.points) > 1]
    return {
        "patient": patient,
        "has_any": bool(found),
        "charts": [(chart_of_line(line), line.newest.pk) for line in several[:MOST_CHARTS]],
        "more": max(len(several) - MOST_CHARTS, 0),
    }


def _line(row: "Measurement") -> dict[str, Any]:
    from apps.measurements.api.serializers import viewer_of
    from apps.measurements.showing import amount, of_what, standing, what_of

    return {
        "measurement": row,
        "of_what": of_what(row),
        "what": what_of(row),
        "amount": amount(row.value, row.unit_value),
        "standing": standing(row),
        "viewer_url": viewer_of(row),
    }
