"""What X-rays do when images arrive, and when their studies get leads. The store pays one statement for it."""

from datetime import timedelta
from typing import Any, Final

from apps.archive.models import Study
from apps.archive.outcomes import Origin
from apps.jobs.asked import AskedLately
from apps.jobs.queue import enqueue_settling
from apps.practice.xrays import rows
from apps.practice.xrays.receiving import BATCH_WAY, WAY

KEEP: Final = "practice-xrays"
# Seconds for which a study is not looked at again; when it has settled, it is.
ASKED_SECONDS: Final = 20.0
SOON: Final = timedelta(seconds=1)

_asked = AskedLately()


def on_stored(*, study_pks: set[int], origin: Origin, **_: Any) -> None:
    """Have a job make the rows; whoever brings X-rays by their own addresses makes them at once."""
    if origin.way in (WAY, BATCH_WAY):
        return
    if fresh := _asked.fresh(study_pks, ASKED_SECONDS):
        enqueue_settling(KEEP, {str(pk): {"study": pk} for pk in fresh}, practice=origin.practice_id, delay=SOON)


def on_settled(*, study: Study, **_: Any) -> None:
    """Look once more, with all there is of the study."""
    rows.keep(study.pk)


def on_matched(*, study_pks: set[int], **_: Any) -> None:
    """X-rays stand where their study's match does."""
    rows.follow(study_pks)


def forget_all() -> None:
    """Forget what this process has asked for."""
    _asked.forget_all()
