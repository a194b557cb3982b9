"""The reports of a study on its page, and the button that begins one."""

from typing import Any, Final

from django import template

from apps.archive.models import Study

register = template.Library()

MOST: Final = 50


@register.inclusion_tag("admin/reports/of_study.html", takes_context=True)
def reports_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """Those that the person may read, the newest first, and whether they may write one."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal
    from apps.reports.reaching import WRITES, may, reports

    who = principal(context["request"])
    found = list(reports(who).filter(study=study)[:MOST])
    return {"study": study, "reports": found, "may_write": may(who, study, WRITES)}
