"""When a study is complete: nothing says so in DICOM, so it is when nothing more came for a while.

Listens to the store. To cost it next to nothing, each process remembers which studies it has asked for, and one study
has one row for as long as it settles.
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from apps.archive.outcomes import Origin
from apps.jobs.asked import AskedLately
from apps.jobs.queue import enqueue_settling

KIND: Final = "study-stable"

_asked = AskedLately()


def on_stored(*, study_pks: set[int], origin: Origin, **_: Any) -> None:
    """See to it that a job looks at each of these studies once it has settled."""
    # The job itself waits on while a study still grows, which covers what came in while the study was remembered here.
    if fresh := _asked.fresh(study_pks, settings.STUDY_SETTLES):
        asked = {str(pk): {"study": pk} for pk in fresh}
        delay = timedelta(seconds=settings.STUDY_SETTLES)
        enqueue_settling(KIND, asked, practice=origin.practice_id, delay=delay)


def forget_all() -> None:
    """Forget what this process asked for."""
    _asked.forget_all()
