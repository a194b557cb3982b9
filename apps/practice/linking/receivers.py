"""When matching looks: studies arrive, settle or are corrected, and leads come, change or go.

A practice that never had a lead costs the store one look into memory.
"""

import time
from threading import Lock
from typing import Any, Final

from apps.archive.models import Study
from apps.archive.outcomes import Origin
from apps.jobs.asked import AskedLately
from apps.jobs.queue import enqueue_settling
from apps.practice.linking import changes, deciding
from apps.practice.linking.changes import MATCH, SOON
from apps.practice.models import Matching

# Seconds for which a practice is taken to have no leads still, and a study not to be looked at again.
IDLE_SECONDS: Final = 30.0
ASKED_SECONDS: Final = 60.0

_idle: dict[int, float] = {}
_asked = AskedLately()
_lock = Lock()


def on_stored(*, study_pks: set[int], origin: Origin, **_: Any) -> None:
    """See to it that a job looks whose these studies are, where the practice has leads."""
    if _is_idle(origin.practice_id):
        return
    if fresh := _asked.fresh(study_pks, ASKED_SECONDS):
        _ask(origin.practice_id, fresh)


def on_settled(*, study: Study, **_: Any) -> None:
    """Look once more, with all there is of the study."""
    if Matching.objects.filter(practice=study.practice_id).exists():
        deciding.match(study)


def on_corrected(*, practice_id: int, study_pks: list[int], **_: Any) -> None:
    """Their patient is another one, or is called otherwise."""
    if study_pks and Matching.objects.filter(practice=practice_id).exists():
        _ask(practice_id, study_pks)


def on_leads_changed(*, practice_id: int, lead_pks: set[int], **_: Any) -> None:
    """Note them, for one job to look at as many as there are by then."""
    if lead_pks:
        changes.note(practice_id, lead_pks)


def forget_all() -> None:
    """Forget what this process knows of practices and studies."""
    with _lock:
        _idle.clear()
    _asked.forget_all()


def _ask(practice_id: int, study_pks: list[int]) -> None:
    enqueue_settling(MATCH, {str(pk): {"study": pk} for pk in study_pks}, practice=practice_id, delay=SOON)


def _is_idle(practice_id: int) -> bool:
    """Whether the practice has no leads; one that came a moment ago counts a little later, when studies settle."""
    now = time.monotonic()
    with _lock:
        if _idle.get(practice_id, 0.0) > now:
            return True
    if Matching.objects.filter(practice=practice_id).exists():
        return False
    with _lock:
        _idle[practice_id] = now + IDLE_SECONDS
    return True
