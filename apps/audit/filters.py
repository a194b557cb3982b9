"""The filters beside the record in the admin."""

from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, TextFilter
from unfold.utils import parse_date_str

from apps.audit import export, searching
from apps.audit.models import Event


class ActionFilter(DropdownFilter):
    title = _("what happened")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return searching.actions()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(action=self.value()) if self.value() in Event.Action.values else queryset


class PeriodFilter(RangeDateFilter):
    """Two days, both included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("day")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        first, last = (parse_date_str(self.used_parameters.get(f"at_{end}")) for end in ("from", "to"))
        return export.period(queryset, first, last)


class _TypedFilter(TextFilter):
    """By a text that has to fit exactly."""

    condition: ClassVar[Any]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        term = (self.value() or "").strip()
        return queryset.filter(type(self).condition(term)) if term else queryset


class UserFilter(_TypedFilter):
    title, parameter_name = _("user"), "user"
    condition = staticmethod(searching.about_user)


class StudyFilter(_TypedFilter):
    title, parameter_name = _("Study Instance UID"), "study"

    @staticmethod
    def condition(term: str) -> Q:
        return Q(study_instance_uid=term)


class PatientFilter(_TypedFilter):
    title, parameter_name = _("Patient ID"), "patient"
    condition = staticmethod(searching.about_patient)
