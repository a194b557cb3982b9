"""What was planned, on the page of the study that came of it."""

from typing import Any

from django import template

from apps.archive.models import Study
from apps.worklist.models import ScheduledStep

register = template.Library()


@register.inclusion_tag("admin/worklist/of_study.html", takes_context=True)
def steps_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """The steps that the study is linked to, for who sees the practice's; with a way to unlink, for who plans."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal
    from apps.worklist.scheduling import may_plan

    who = principal(context["request"])
    return {
        "csrf_token": context.get("csrf_token"),
        "steps": list(ScheduledStep.objects.visible_to(who).filter(study=study).order_by("start_date", "pk")),
        "may_unlink": may_plan(who, study.practice_id),
    }
