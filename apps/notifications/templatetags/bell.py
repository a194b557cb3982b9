"""The bell in the header of the administration."""

from typing import Any

from django import template

from apps.accounts.models import User
from apps.notifications import reading

register = template.Library()


@register.inclusion_tag("notifications/bell.html", takes_context=True)
def notification_bell(context: dict[str, Any]) -> dict[str, Any]:
    """How much waits to be seen by whoever looks at the page; one query."""
    user = context["request"].user
    count = reading.unseen(user.pk) if isinstance(user, User) else 0
    return {"count": count, "is_many": count >= reading.MANY, "many": reading.MANY - 1}
