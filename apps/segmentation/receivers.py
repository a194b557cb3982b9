"""What segmentations make of what the archive tells: they are read once their study has settled."""

from typing import Any, Final

from apps.archive.models import Instance, Study
from apps.jobs.queue import enqueue
from apps.segmentation.objects.facts import SOP_CLASSES

FIND: Final = "segmentations-find"


def on_settled(*, study: Study, **_: Any) -> None:
    """Nothing more came of a study for a while: its segmentations are read by a job, where it has any."""
    if Instance.objects.filter(series__study=study, sop_class_uid__in=SOP_CLASSES).exists():
        enqueue(FIND, {"study": study.pk}, practice=study.practice_id, key=str(study.pk))
