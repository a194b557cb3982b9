"""What the worklist does when images arrive and go, and once a minute.

The store pays next to nothing for it: a process remembers which practices plan nothing, and which studies it has asked
a job to look at.
"""

import time
from datetime import timedelta
from threading import Lock
from typing import Any, Final

from django.conf import settings

from apps.archive.models import Study
from apps.archive.outcomes import Origin
from apps.jobs.asked import AskedLately
from apps.jobs.queue import enqueue, enqueue_settling
from apps.worklist import expiry, linking
from apps.worklist.deciding import OPEN
from apps.worklist.models import ScheduledStep

LINK: Final = "worklist-link"
COMPLETE: Final = "worklist-complete"
# Seconds for which a practice is taken to plan nothing still, and a study not to be looked at again.
IDLE_SECONDS: Final = 30.0
ASKED_SECONDS: Final = 60.0
SOON: Final = timedelta(seconds=1)

_idle: dict[int, float] = {}
_asked = AskedLately()
_lock = Lock()


def on_stored(*, study_pks: set[int], origin: Origin, **_: Any) -> None:
    """See to it that a job looks which steps these studies belong to, where the practice expects any."""
    if _is_idle(origin.practice_id):
        return
    if fresh := _asked.fresh(study_pks, ASKED_SECONDS):
        asked = {str(pk): {"study": pk} for pk in fresh}
        enqueue_settling(LINK, asked, practice=origin.practice_id, delay=SOON)


def on_settled(*, study: Study, **_: Any) -> None:
    """Look once more, with all there is of the study; and have its steps completed when it stays so for a while."""
    if not ScheduledStep.objects.filter(practice=study.practice_id).exists():
        return
    linking.link(study)
    if settings.STEP_COMPLETES_MINUTES and study.scheduled_steps.exists():
        delay = timedelta(minutes=settings.STEP_COMPLETES_MINUTES)
        enqueue(COMPLETE, {"study": study.pk}, practice=study.practice_id, key=str(study.pk), delay=delay)


def on_deleted(*, practice_id: int, **_: Any) -> None:
    """Steps whose study is gone have none."""
    linking.forget(practice_id)


def on_minute(**_: Any) -> None:
    expiry.expire_overdue()


def forget_all() -> None:
    """Forget what this process knows of practices and studies."""
    with _lock:
        _idle.clear()
    _asked.forget_all()


def _is_idle(practice_id: int) -> bool:
    """Whether nothing is expected in the practice; what is planned a moment ago counts a little later."""
    now = time.monotonic()
    with _lock:
        if _idle.get(practice_id, 0.0) > now:
            return True
    if ScheduledStep.objects.filter(practice=practice_id, state__in=OPEN).exists():
        return False
    with _lock:
        _idle[practice_id] = now + IDLE_SECONDS
    return True
