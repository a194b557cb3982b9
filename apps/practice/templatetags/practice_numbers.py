"""How times and shares are written on pages."""

from typing import Final

from django import template

register = template.Library()

NONE: Final = "\N{EN DASH}"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 days`; a dash for none."""
    if seconds is None:
        return NONE
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} days"


@register.filter
def share(rate: float | None) -> str:
    """A rate from 0 to 1 in per cent; a dash for none."""
    if rate is None:
        return NONE
    return f"{100 * rate:.1f} %" if 0 < rate < 0.995 else f"{100 * rate:.0f} %"
