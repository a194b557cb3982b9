"""When a study is complete: nothing says so in DICOM, so it is when nothing more came for a while.

Listens to the store. To cost it next to nothing, each process remembers which studies it has asked for, and one study
has one row for as long as it settles.
"""

import time
from datetime import timedelta
from threading import Lock
from typing import Any, Final

from django.conf import settings

from apps.archive.outcomes import Origin
from apps.jobs.queue import enqueue_settling

KIND: Final = "study-stable"
REMEMBERED: Final = 10_000

_asked: dict[int, float] = {}
_lock = Lock()


def on_stored(*, study_pks: set[int], origin: Origin, **_: Any) -> None:
    """See to it that a job looks at each of these studies once it has settled."""
    if fresh := _not_asked(study_pks):
        asked = {str(pk): {"study": pk} for pk in fresh}
        delay = timedelta(seconds=settings.STUDY_SETTLES)
        enqueue_settling(KIND, asked, practice=origin.practice_id, delay=delay)


def forget_all() -> None:
    """Forget what this process asked for."""
    with _lock:
        _asked.clear()


def _not_asked(study_pks: set[int]) -> list[int]:
    """The studies without a job that starts after now; they are taken to have one from here on.

    The job itself waits on while a study still grows, which covers what came in while it was remembered here.
    """
    now = time.monotonic()
    with _lock:
        fresh = sorted(pk for pk in study_pks if _asked.get(pk, 0.0) <= now)
        if len(_asked) + len(fresh) > REMEMBERED:
            _asked.clear()
        _asked.update(dict.fromkeys(fresh, now + settings.STUDY_SETTLES))
    return fresh
