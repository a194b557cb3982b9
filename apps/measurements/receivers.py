"""What measurements make of what the archive tells: reports are read once their study has settled."""

from typing import Any, Final

from apps.archive.models import Instance, Study
from apps.dicom.sr_tree import is_report
from apps.jobs.queue import enqueue

READ: Final = "measurements-read"


def on_settled(*, study: Study, **_: Any) -> None:
    """Nothing more came of a study for a while: its reports are read by a job, where it has any."""
    classes = Instance.objects.filter(series__study=study).order_by().values_list("sop_class_uid", flat=True).distinct()
    if any(map(is_report, classes)):
        enqueue(READ, {"study": study.pk}, practice=study.practice_id, key=str(study.pk))
