"""What the caches are called on pages; in metrics and on the disk they keep their names."""

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

_NAMES: Final[Mapping[str, Any]] = {
    "metadata": _("metadata"),
    "movies": _("movies"),
    "thumbnails": _("thumbnails"),
    "volumes": _("volumes"),
}


@register.filter
def cache_name(name: str) -> str:
    """`thumbnails` in the reader's language; a name that is not known, as it is."""
    return str(_NAMES.get(name, name))
