"""How times and shares are written on pages."""

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

NONE: Final = "\N{EN DASH}"
_STEPS: Final[Mapping[str, Any]] = {
    "arriving": _("arriving"),
    "waiting to be looked at": _("waiting to be looked at"),
    "deciding whose it is": _("deciding whose it is"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.filter
def step_name(name: str) -> str:
    """A step that an X-ray goes through, as the report names it, in the reader's language."""
    return str(_STEPS.get(name, name))


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 days`; a dash for none."""
    if seconds is None:
        return NONE
    if seconds < _MINUTE:
        return gettext("%(number)s s") % {"number": _rounded(seconds, 1 if seconds < 10 else 0)}
    if seconds < _HOUR:
        return gettext("%(number)s min") % {"number": round(seconds / _MINUTE)}
    if seconds < 2 * _DAY:
        return gettext("%(number)s h") % {"number": round(seconds / _HOUR)}
    days = round(seconds / _DAY)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


@register.filter
def share(rate: float | None) -> str:
    """A rate from 0 to 1 in per cent; a dash for none."""
    if rate is None:
        return NONE
    return gettext("%(number)s %%") % {"number": _rounded(100 * rate, 1 if 0 < rate < 0.995 else 0)}


def _rounded(number: float, digits: int) -> str:
    return number_format(f"{number:.{digits}f}", digits)
