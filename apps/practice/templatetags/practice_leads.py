"""Leads in words, on their pages in the admin."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import template

from apps.core.serializers import camel
from apps.dicom.spoken import unturned
from apps.practice.leads.bulk import Change
from apps.practice.models import Lead, NameUse

register = template.Library()

OUTCOMES: Final[Mapping[str, str]] = {
    Change.WRONG.value: "Not taken",
    Change.CHANGED.value: "Changed",
    Change.CREATED.value: "New",
    Change.SAME.value: "As before",
}


@register.filter
def spoken(lead: Lead) -> str:
    """The lead's name, as people write it."""
    return unturned(str(lead))


@register.filter
def on_one_line(address: Mapping[str, Any]) -> str:
    """`Bahnhofstrasse 1, 8000 Zürich, CH`."""
    place = " ".join(filter(None, (address.get("postcode"), address.get("city"))))
    return ", ".join(filter(None, (address.get("line"), place, address.get("region"), address.get("country"))))


@register.filter
def name_use(use: str) -> str:
    """What another name is, in words."""
    return str(NameUse(use).label) if use in NameUse.values else "Another name"


@register.filter
def outcome(change: str) -> str:
    """What becomes of a row, in words."""
    return OUTCOMES.get(change, change)


@register.filter
def field_label(path: str) -> str:
    """A field by its name outside, in words: `phones.0` is Phones."""
    return _LABELS.get(path.partition(".")[0], path)


@register.filter
def field_labels(names: Iterable[str]) -> str:
    """Fields by their names inside, in words."""
    return ", ".join(field_label(camel(name)).lower() for name in names)


_LABELS: Final = {
    camel(field.name): f"{field.verbose_name[:1].upper()}{field.verbose_name[1:]}"
    for field in Lead._meta.concrete_fields  # noqa: SLF001 - documented API of Django
}
