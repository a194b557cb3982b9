"""DICOM's values in people's words. What comes out is plain text or escaped: names are what strangers sent."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.dicom.spoken import unturned

register = template.Library()

NO_NAME = "No name"


@register.filter
def person_name(value: str) -> str:
    """`Doe^Jane^M^Dr^Jr` (PS3.5 6.2.1.1) as "Doe, Jane M"; the group it is in stays as it came.

    Its characters that turn the direction of writing are taken out: they could make it another's name.
    """
    group, _, _ = unturned(value).partition("=")
    family, given, middle, *_ = [*(part.strip() for part in group.split("^")), "", "", ""]
    forenames = " ".join(part for part in (given, middle) if part)
    return ", ".join(part for part in (family, forenames) if part) or NO_NAME


@register.filter
def dicom_date(value: str) -> str:
    """`20240229` as 2024-02-29; anything else, a range or an old form, as it came."""
    if len(value) == 8 and value.isdigit():
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value


@register.filter
def dicom_time(value: str) -> str:
    """`101530.25` as 10:15."""
    return f"{value[:2]}:{value[2:4]}" if value[:4].isdigit() and len(value) >= 4 else value


@register.filter
def counted(count: int, noun: str) -> str:
    """`1 instance`, `2 instances`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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
