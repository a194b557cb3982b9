"""What of a study people may choose for a score: its CT volumes, and the objects that say which calcium counts."""

from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext

from apps.analysis.kinds import Choices
from apps.archive.models import Study
from apps.measurements.models import MeasurementReport
from apps.segmentation.models import Segmentation
from apps.volumes.derived.choosing import volumes

MOST: Final = 50


def choices(study: Study) -> Choices:
    """As `kinds.Kind.choices` says: nothing can be chosen where there are neither segmentations nor marks."""
    rows = Segmentation.objects.filter(instance__series__study=study.pk).order_by("-pk")[:MOST]
    drawn: list[tuple[Any, str]] = [(row.pk, str(row)) for row in rows]
    reports = MeasurementReport.objects.filter(study=study.pk, is_machine_made=False).order_by("-pk")[:MOST]
    named = reports.annotate(uid=F("instance__sop_instance_uid"), series=F("instance__series__series_description"))
    marks = [(uid, f"{title} {series}".strip()) for uid, title, series in named.values_list("uid", "title", "series")]
    nothing: tuple[Any, str] = ("", gettext("None"))
    said = {"segmentation": drawn, "marks": marks}
    return {**volumes(study, "CT"), **{name: [nothing, *found] for name, found in said.items() if found}} | (
        {} if drawn or marks else {"segmentation": []}
    )
