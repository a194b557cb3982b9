"""What the worklist tells: a device has performed a step, and so its study is complete."""

from typing import Any

from django.db.models import Q

from apps.routing.models import Arrival
from apps.worklist.models import ScheduledStep, StepState


def on_step_changed(*, step: ScheduledStep, **_: Any) -> None:
    """What came of the step's study goes without waiting for it to settle."""
    if step.state != StepState.COMPLETED:
        return
    named = Q(study__study_instance_uid=step.study_instance_uid) if step.study_instance_uid else Q()
    of_step = (Q(study=step.study_id) | named) if step.study_id else named
    if of_step:
        Arrival.objects.filter(of_step, practice=step.practice_id).update(is_settled=True)
