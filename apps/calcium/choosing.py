"""What of a study people may choose for a score: its CT volumes, and the segmentations that say what counts."""

from typing import Final

from apps.analysis.kinds import Choices
from apps.archive.models import Study
from apps.segmentation.models import Segmentation
from apps.volumes.derived.choosing import volumes

MOST: Final = 50


def choices(study: Study) -> Choices:
    """As `kinds.Kind.choices` says."""
    rows = Segmentation.objects.filter(instance__series__study=study.pk).order_by("-pk")[:MOST]
    return {**volumes(study, "CT"), "segmentation": [(row.pk, str(row)) for row in rows]}
