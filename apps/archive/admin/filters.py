"""The filters beside the list of studies."""

from datetime import timedelta
from typing import Any, Final

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.scoped_admin import principal
from apps.archive import labels
from apps.archive.models import StudyLabel

# Defined terms of Modality (PS3.3 C.7.3.1.1.1) that practices and hospitals make most.
MODALITIES: Final = {
    "CT": _("Computed tomography"),
    "MR": _("Magnetic resonance"),
    "US": _("Ultrasound"),
    "DX": _("Digital radiography"),
    "CR": _("Computed radiography"),
    "IO": _("Intra-oral radiography"),
    "PX": _("Panoramic X-ray"),
    "MG": _("Mammography"),
    "XA": _("X-ray angiography"),
    "RF": _("Fluoroscopy"),
    "NM": _("Nuclear medicine"),
    "PT": _("Positron emission tomography"),
    "ECG": _("Electrocardiography"),
    "ES": _("Endoscopy"),
    "OP": _("Ophthalmic photography"),
    "OPT": _("Ophthalmic tomography"),
    "XC": _("Photography"),
    "SC": _("Secondary capture"),
    "OT": _("Other"),
    "DOC": _("Document"),
    "SR": _("Structured report"),
    "SEG": _("Segmentation"),
    "RTDOSE": _("Radiotherapy dose"),
}
MOST_LABELS: Final = 100
PERIODS: Final = {"1": _("Today"), "7": _("Last 7 days"), "30": _("Last 30 days"), "365": _("Last 12 months")}


class ModalityFilter(SimpleListFilter):
    title = _("modality")
    parameter_name = "modality"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(code, f"{code} · {name}") for code, name in MODALITIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(modalities__contains=f"\\{value}\\") if value in MODALITIES else queryset


class LabelFilter(SimpleListFilter):
    """By a label of the studies in sight."""

    title = _("label")
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        found = labels.counted(principal(request))[:MOST_LABELS]
        return [(row["name"], f"{row['name']} ({row['studies']})") for row in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        labelled = StudyLabel.objects.filter(name=value).order_by().values("study")
        return queryset.filter(pk__in=labelled) if value else queryset


class StudyDateFilter(SimpleListFilter):
    """By Study Date, which DICOM keeps as text that sorts as dates do."""

    title = _("study date")
    parameter_name = "date"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [*((days, str(name)) for days, name in PERIODS.items()), ("none", gettext("Without a date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value == "none":
            return queryset.filter(study_date="")
        if value not in PERIODS:
            return queryset
        first = timezone.localdate() - timedelta(days=int(value) - 1)
        return queryset.filter(study_date__gte=first.strftime("%Y%m%d"))
