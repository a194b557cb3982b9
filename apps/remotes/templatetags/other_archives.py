"""The ways from a study or series to other archives, for who may go them."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.accounts.permissions import Permission
from apps.archive.models import Series, Study

register = template.Library()


@register.simple_tag(takes_context=True)
def send_button(context: dict[str, Any], what: Study | Series) -> SafeString:
    """The way to where it is sent."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal

    rows: Any = type(what).objects
    if not rows.visible_to(principal(context["request"]), Permission.SEND).filter(pk=what.pk).exists():
        return SafeString("")
    page = reverse("admin:remotes_remote_send")
    kind = type(what)._meta.model_name  # noqa: SLF001
    return format_html('<a class="fovea-button" href="{}?{}={}">{}</a>', page, kind, what.pk, gettext("Send"))
