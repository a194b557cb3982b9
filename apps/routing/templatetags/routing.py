"""What went where of a study, on its page; and alarms, on the first page."""

from typing import Any, Final

from django import template

from apps.accounts.permissions import Permission
from apps.archive.models import Study

register = template.Library()
MOST: Final = 20


@register.inclusion_tag("admin/routing/of_study.html", takes_context=True)
def routed(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """Where the study went and goes, for who administers its practice or may send it."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal
    from apps.core.languages import translated
    from apps.routing import words
    from apps.routing.models import CommitmentRequest, Outgoing

    who = principal(context["request"])
    administers = who.may_in_all_of(Permission.ADMINISTER, study.practice_id)
    if not administers and not who.may_in_all_of(Permission.SEND, study.practice_id):
        return {"rows": []}
    rows = Outgoing.objects.filter(study=study).select_related("remote", "rule", "asked_by").order_by("-pk")[:MOST]
    promised = CommitmentRequest.objects.filter(study=study).select_related("remote").order_by("-pk")[:MOST]
    return {
        "rows": [(row, translated(words.state(row)[1]), translated(words.done(row))) for row in rows],
        "promised": promised if administers else [],
        "administers": administers,
    }


@register.inclusion_tag("admin/routing/alarms.html", takes_context=True)
def routing_alarms(context: dict[str, Any]) -> dict[str, Any]:
    """The alarms of the practices that the person administers."""
    from apps.accounts.scoped_admin import principal
    from apps.routing.models import Alarm

    who = principal(context["request"])
    if not who.may(Permission.ADMINISTER):
        return {"alarms": []}
    current = Alarm.objects.visible_to(who).filter(ended_at=None)
    return {"alarms": current.select_related("remote").order_by("pk")[:MOST]}
