"""The filters beside the list of steps."""

from datetime import date, timedelta
from typing import Any, Final

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.scoped_admin import practices_of
from apps.archive.admin.filters import MODALITIES
from apps.worklist.wording import devices

DAYS: Final = {
    "today": _("Today"),
    "tomorrow": _("Tomorrow"),
    "week": _("Next 7 days"),
    "past": _("Before today"),
}


class DayFilter(SimpleListFilter):
    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(key, str(name)) for key, name in DAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        span = days_of(self.value() or "")
        return queryset.filter(start_date__gte=span[0], start_date__lt=span[1]) if span else queryset


class StepModalityFilter(SimpleListFilter):
    title = _("modality")
    parameter_name = "modality"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(code, f"{code} · {name}") for code, name in MODALITIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(modality=self.value()) if self.value() else queryset


class StationFilter(SimpleListFilter):
    """By a device of the practices in sight; steps for any device are each one's."""

    title = _("device")
    parameter_name = "device"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return sorted(devices(list(practices_of(request).values_list("pk", flat=True))).items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(station_titles__contains=value) if value else queryset


def days_of(chosen: str) -> tuple[date, date] | None:
    """The first day of the choice, and the day after its last."""
    today, one = timezone.localdate(), timedelta(days=1)
    spans = {
        "today": (today, today + one),
        "tomorrow": (today + one, today + 2 * one),
        "week": (today, today + 7 * one),
        "past": (date.min, today),
    }
    return spans.get(chosen)
