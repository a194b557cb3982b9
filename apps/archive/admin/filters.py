"""The filters beside the list of studies."""

from datetime import timedelta
from typing import Any, Final

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.scoped_admin import principal
from apps.archive import labels
from apps.archive.models import StudyLabel

# Defined terms of Modality (PS3.3 C.7.3.1.1.1) that practices and hospitals make most.
MODALITIES: Final = {
    "CT": "Computed tomography",
    "MR": "Magnetic resonance",
    "US": "Ultrasound",
    "DX": "Digital radiography",
    "CR": "Computed radiography",
    "IO": "Intra-oral radiography",
    "PX": "Panoramic X-ray",
    "MG": "Mammography",
    "XA": "X-ray angiography",
    "RF": "Fluoroscopy",
    "NM": "Nuclear medicine",
    "PT": "Positron emission tomography",
    "ECG": "Electrocardiography",
    "ES": "Endoscopy",
    "OP": "Ophthalmic photography",
    "OPT": "Ophthalmic tomography",
    "XC": "Photography",
    "SC": "Secondary capture",
    "OT": "Other",
    "DOC": "Document",
    "SR": "Structured report",
    "SEG": "Segmentation",
    "RTDOSE": "Radiotherapy dose",
}
MOST_LABELS: Final = 100
PERIODS: Final = {"1": "Today", "7": "Last 7 days", "30": "Last 30 days", "365": "Last 12 months"}


class ModalityFilter(SimpleListFilter):
    title = "modality"
    parameter_name = "modality"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(code, f"{code} · {name}") for code, name in MODALITIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(modalities__contains=f"\\{value}\\") if value in MODALITIES else queryset


class LabelFilter(SimpleListFilter):
    """By a label of the studies in sight."""

    title = "label"
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

    title = "study date"
    parameter_name = "date"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [*PERIODS.items(), ("none", "Without a date")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value == "none":
            return queryset.filter(study_date="")
        if value not in PERIODS:
            return queryset
        first = timezone.localdate() - timedelta(days=int(value) - 1)
        return queryset.filter(study_date__gte=first.strftime("%Y%m%d"))
