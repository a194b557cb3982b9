"""DICOM's values in people's words. What comes out is plain text or escaped: names are what strangers sent."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any, Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext_lazy

from apps.archive.viewing import viewer_url
from apps.core.dates import clock, day
from apps.dicom.spoken import unturned

register = template.Library()
register.filter("viewer_url", viewer_url)

_COUNTED: Final[Mapping[str, Any]] = {
    "archive": ngettext_lazy("%(count)s archive", "%(count)s archives", "count"),
    "attempt": ngettext_lazy("%(count)s attempt", "%(count)s attempts", "count"),
    "attribute": ngettext_lazy("%(count)s attribute", "%(count)s attributes", "count"),
    "emergency access": ngettext_lazy("%(count)s emergency access", "%(count)s emergency accesses", "count"),
    "examination": ngettext_lazy("%(count)s examination", "%(count)s examinations", "count"),
    "file": ngettext_lazy("%(count)s file", "%(count)s files", "count"),
    "frame": ngettext_lazy("%(count)s frame", "%(count)s frames", "count"),
    "image": ngettext_lazy("%(count)s image", "%(count)s images", "count"),
    "instance": ngettext_lazy("%(count)s instance", "%(count)s instances", "count"),
    "item": ngettext_lazy("%(count)s item", "%(count)s items", "count"),
    "series": ngettext_lazy("%(count)s series", "%(count)s series", "count"),
    "study": ngettext_lazy("%(count)s study", "%(count)s studies", "count"),
    "value": ngettext_lazy("%(count)s value", "%(count)s values", "count"),
}


@register.filter
def person_name(value: str) -> str:
    """`Doe^Jane^M^Dr^Jr` (PS3.5 6.2.1.1) as "Doe, Jane M"; the group it is in stays as it came.

    Its characters that turn the direction of writing are taken out: they could make it another's name.
    """
    group, _, _ = unturned(value).partition("=")
    family, given, middle, *_ = [*(part.strip() for part in group.split("^")), "", "", ""]
    forenames = " ".join(part for part in (given, middle) if part)
    return ", ".join(part for part in (family, forenames) if part) or gettext("No name")


@register.filter
def dicom_date(value: str) -> str:
    """`20240229` as the reader's language writes a day; anything else, a range or an old form, as it came."""
    if len(value) != len("YYYYMMDD") or not value.isdigit():
        return value
    try:
        return day(date(int(value[:4]), int(value[4:6]), int(value[6:])))
    except ValueError:
        return value


@register.filter
def dicom_time(value: str) -> str:
    """`101530.25` as the reader's language writes a time, without seconds; anything else as it came."""
    try:
        return clock(time(int(value[:2]), int(value[2:4])))
    except ValueError:
        return value


@register.filter
def counted(count: int, noun: str) -> str:
    """`1 instance`, `2 instances`: of the things that are named here."""
    return str(_COUNTED[noun] % {"count": count})


@register.filter
def modality_list(value: str) -> list[str]:
    r"""The modalities in `\CT\PT\`."""
    return [modality for modality in value.split("\\") if modality]


@register.filter
def modality_badges(value: str) -> SafeString:
    r"""`\CT\PT\` as badges."""
    return format_html_join(" ", '<span class="fovea-badge">{}</span>', ((one,) for one in modality_list(value)))


@register.simple_tag
def thumbnail(path: str, size: str = "") -> SafeString:
    """A picture of `studies/S`, `studies/S/series/E` or an instance, loaded when it comes into sight.

    What has no picture shows the frame's own mark behind it: the empty alternative text leaves no broken image.
    """
    picture = '<img src="/dicom-web/{}/thumbnail" alt="" loading="lazy" decoding="async">'
    return format_html(f'<span class="fovea-thumb {{}}">{picture}</span>', size, path)
