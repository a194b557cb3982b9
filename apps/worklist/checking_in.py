"""The patient has come: noted on the step, once, and told to who listens (what is fetched for them, say)."""

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict
from apps.core.languages import in_english
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.events import checked_in
from apps.worklist.models import ScheduledStep, StepState


def check_in(step: ScheduledStep, by: Principal, *, source: str) -> ScheduledStep:
    """Note that the patient of an open step is here; a second time changes nothing.

    Raises Refused for who may not plan in the practice, and Conflict for a step that has ended.
    """
    scheduling.decide(by, step.practice_id)
    with transaction.atomic():
        step = ScheduledStep.objects.select_for_update().get(pk=step.pk)
        if not step.is_open:
            raise Conflict(
                say(
                    "Nobody is expected for this step in its state: {state}.",
                    state=in_english(StepState(step.state).label),
                )
            )
        if step.checked_in_at is not None:
            return step
        step.checked_in_at = timezone.now()
        step.save(update_fields=["checked_in_at"])
        uid, detail = step.study_instance_uid, f"step {step.step_id}: the patient has come"
        tell(
            Action.SCHEDULE,
            principal=by,
            practice_id=step.practice_id,
            study_instance_uid=uid,
            detail=detail,
            source=source,
        )
        transaction.on_commit(lambda: checked_in.send(ScheduledStep, step=step))
    return step
