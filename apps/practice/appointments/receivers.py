"""What appointments hear of: steps that change, patients who come, and leads that are known otherwise now."""

from typing import Any, Final

from apps.jobs.queue import enqueue
from apps.practice.appointments import following
from apps.worklist.models import ScheduledStep

RENAME: Final = "appointments-rename"
# With more leads than this, a job looks through all that the practice expects.
FEW: Final = 50


def on_step_changed(*, step: ScheduledStep, **_: Any) -> None:
    following.follow(step)


def on_checked_in(*, step: ScheduledStep, **_: Any) -> None:
    following.come(step)


def on_leads_changed(*, practice_id: int, lead_pks: set[int], **_: Any) -> None:
    """Few are told to the devices at once: whoever has corrected a name may look at the device the moment after."""
    if len(lead_pks) <= FEW:
        following.rename(practice_id, lead_pks)
    else:
        enqueue(RENAME, {}, practice=practice_id, key=str(practice_id))
