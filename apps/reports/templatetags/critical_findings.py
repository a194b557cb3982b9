"""The critical findings of a study on its page, and the way to raise another."""

from typing import Any, Final

from django import template

from apps.archive.models import Study

register = template.Library()

NEWEST: Final = 10


@register.inclusion_tag("admin/reports/critical_of_study.html", takes_context=True)
def critical_findings_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """Those that are open before the others, for who sees the study."""
    # The theme loads all tags while it is itself being imported.
    from django.db.models import F

    from apps.accounts.scoped_admin import principal
    from apps.reports.admin.critical import STATES, state_of
    from apps.reports.critical import RAISES, READS
    from apps.reports.models import CriticalFinding

    who = principal(context["request"])
    seen = CriticalFinding.objects.visible_to(who, READS).filter(study=study)
    rows = seen.order_by(F("acknowledged_at").desc(nulls_first=True), "due_at")[:NEWEST]
    return {
        "study": study,
        "lines": [{"finding": row, "state": state_of(row), "state_words": STATES[state_of(row)]} for row in rows],
        "may_raise": Study.objects.visible_to(who, RAISES).filter(pk=study.pk).exists(),
    }
