"""Leads in words, on their pages in the admin."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from apps.core.dates import day
from apps.core.serializers import camel
from apps.dicom.spoken import unturned
from apps.practice.leads.bulk import Change
from apps.practice.models import Lead, NameUse

register = template.Library()

OUTCOMES: Final[Mapping[str, Any]] = {
    Change.WRONG.value: gettext_lazy("Not taken"),
    Change.CHANGED.value: gettext_lazy("Changed"),
    Change.CREATED.value: gettext_lazy("New"),
    Change.SAME.value: gettext_lazy("As before"),
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
    return str(NameUse(use).label) if use in NameUse.values else gettext("Another name")


@register.filter
def iso_date(text: str) -> str:
    """`2024-01-31` as the reader's language writes a day; anything else as it is."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


@register.filter
def outcome(change: str) -> str:
    """What becomes of a row, in words."""
    return str(OUTCOMES.get(change, change))


@register.filter
def in_words(counts: Mapping[str, int]) -> str:
    """How many rows of a table come to what, in a line."""
    said = {
        Change.CREATED.value: gettext("%(count)s new"),
        Change.CHANGED.value: gettext("%(count)s changed"),
        Change.SAME.value: gettext("%(count)s as before"),
        Change.WRONG.value: gettext("%(count)s not taken"),
    }
    return ", ".join(said[name] % {"count": count} for name, count in counts.items() if count)


@register.filter
def field_label(path: str) -> str:
    """A field by its name outside, in words: `phones.0` is Phones."""
    name = path.partition(".")[0]
    return str(capfirst(_LABELS[name])) if name in _LABELS else path


@register.filter
def field_labels(names: Iterable[str]) -> str:
    """Fields by their names inside, in words."""
    return ", ".join(field_label(camel(name)).lower() for name in names)


_LABELS: Final[Mapping[str, Any]] = {
    camel(field.name): field.verbose_name
    for field in Lead._meta.concrete_fields  # noqa: SLF001 - documented API of Django
}
