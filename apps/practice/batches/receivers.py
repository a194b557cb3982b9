"""What becomes of uploads that nobody goes on with."""

from typing import Any

from django.conf import settings

from apps.jobs.models import State
from apps.practice.batches.staging import Folder
from apps.practice.models import Batch


def on_minute(**_: Any) -> None:
    """Remove uploads that have waited longer than they may, and whose jobs neither wait nor run."""
    for folder in Folder.left_behind(settings.BATCH_KEEP_HOURS):
        at_work = Batch.objects.filter(folder=folder.name, job__state__in=(State.QUEUED, State.RUNNING))
        if not at_work.exists():
            folder.discard()
