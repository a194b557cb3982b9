"""Steps of which nothing more is to be expected: they expire some days after they were due or have begun."""

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import Conflict
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState

# As the record names it.
WORKER: Final = "worklist"
SOURCE: Final = "expiry"
AT_ONCE: Final = 200

logger = logging.getLogger(__name__)


def expire_overdue() -> int:
    """Expire some of the steps that are overdue; returns how many. Several workers at once do no harm."""
    count = 0
    for step in ScheduledStep.objects.filter(_overdue()).order_by("pk")[:AT_ONCE]:
        try:
            scheduling.expire(step, Principal.worker(step.practice_id, WORKER), source=SOURCE)
        except Conflict:
            logger.info("step %s is no longer to expire", step.pk)
        else:
            count += 1
    return count


def _overdue() -> Q:
    """Those whose days are over (`FOVEA_STEP_EXPIRES_DAYS`, `FOVEA_STEP_IN_PROGRESS_DAYS`; 0: never)."""
    today, now = timezone.localdate(), timezone.now()
    overdue = Q(pk__in=[])
    if days := settings.STEP_EXPIRES_DAYS:
        overdue |= Q(state=StepState.SCHEDULED, start_date__lt=today - timedelta(days=days))
    if days := settings.STEP_IN_PROGRESS_DAYS:
        overdue |= Q(state=StepState.IN_PROGRESS, started_at__lt=now - timedelta(days=days))
    return overdue
