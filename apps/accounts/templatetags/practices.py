"""The active practice in the header of the administration, with the others to switch to."""

from typing import Any

from django import template
from django.http import HttpRequest

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal, principal_of

register = template.Library()


@register.inclusion_tag("account/practice_switch.html", takes_context=True)
def practice_switch(context: dict[str, Any]) -> dict[str, Any]:
    """The practices of whoever looks at the page, the active one first; none, and no query, for who has just one."""
    request: HttpRequest = context["request"]
    user = request.user
    who: Principal | None = getattr(request, "fovea_principal", None)
    if who is None and isinstance(user, User):
        who = principal_of(user)
    if who is None or len(who.practice_ids) < 2:
        return {"practices": []}
    practices = Practice.objects.filter(pk__in=who.practice_ids)
    active_first = sorted(practices, key=lambda practice: (practice.pk != who.practice_id, practice.name))
    return {"practices": active_first, "request": request, "csrf_token": context.get("csrf_token")}
