"""What becomes of uploads that nobody goes on with."""

from typing import Any

from apps.jobs.models import State
from apps.practice.batches import staging
from apps.practice.models import Batch


def on_minute(**_: Any) -> None:
    """Remove uploads that have waited longer than they may, and whose jobs neither wait nor run."""
    for folder in staging.left_behind():
        at_work = Batch.objects.filter(folder=folder.name, job__state__in=(State.QUEUED, State.RUNNING))
        if not at_work.exists():
            folder.discard()
