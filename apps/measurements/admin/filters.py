"""The filters beside the list of measurements."""

from typing import Any, Final

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.scoped_admin import PracticeFilter, principal
from apps.archive.models import Patient, Study
from apps.archive.templatetags.dicom_text import person_name
from apps.measurements.content import concepts

# What people measure most; others are found by the search.
CONCEPTS: Final = (
    concepts.LENGTH, concepts.LONG_AXIS, concepts.SHORT_AXIS, concepts.ANGLE, concepts.AREA, concepts.PERIMETER,
    concepts.VOLUME, concepts.MEAN, concepts.STANDARD_DEVIATION,
)  # fmt: skip
VERIFIED, MACHINE, PERSON = "verified", "machine", "person"


class PatientFilter(SimpleListFilter):
    """By the patient whose page led here; without one there is nothing to choose, and no filter."""

    title = _("patient")
    parameter_name = "patient"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name, "")
        if not (key.isascii() and key.isdigit() and len(key) <= 18):
            return []
        seen = Patient.objects.filter(pk=int(key), studies__in=Study.objects.visible_to(principal(request))).first()
        return [(key, person_name(seen.name))] if seen else []

    def has_output(self) -> bool:
        return bool(self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {key for key, _name in self.lookup_choices}
        if not self.value():
            return queryset
        return queryset.filter(study__patient=self.value()) if self.value() in known else queryset.none()


class ConceptFilter(SimpleListFilter):
    title = _("measurement")
    parameter_name = "concept"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(each.value, each.meaning) for each in CONCEPTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(concept_value=self.value()) if self.value() else queryset


class StandingFilter(SimpleListFilter):
    """By who stands for it."""

    title = _("verification")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [(VERIFIED, _("Verified")), (MACHINE, _("Unverified, by a machine")), (PERSON, _("By a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "verified":
                return queryset.filter(report__is_verified=True)
            case "machine":
                return queryset.filter(report__is_verified=False, report__is_machine_made=True)
            case "person":
                return queryset.filter(report__is_verified=False, report__is_machine_made=False)
        return queryset


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"
