"""Studies and their scheduled steps: linked when they arrive, where it is certain, and by people otherwise."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, NotFound
from apps.core.languages import in_english
from apps.saying import say
from apps.worklist import evidence, scheduling
from apps.worklist.deciding import NOTHING, OPEN, Decision, decide
from apps.worklist.evidence import Arrived
from apps.worklist.models import LinkedBy, Reason, ScheduledStep, StepState, UnplannedStudy

# As the record names it.
WORKER: Final = "worklist"
SOURCE: Final = "images"
MOST_STEPS: Final = 200
# What is older was made before anybody could have planned it here.
RECENT: Final = timedelta(days=1)
_BY_HAND: Final = Q(set_aside_at__isnull=False) | Q(reason=Reason.UNLINKED)


def link(study: Study) -> Decision:
    """Link the study to the steps that it certainly belongs to, and say that these have begun; else list it for people.

    Doing it again changes nothing. A study that a person has unlinked or set aside is left alone.
    """
    arrived = evidence.of(study)
    with transaction.atomic():
        if _is_decided(study):
            return NOTHING
        decision = decide(arrived, _candidates(study.practice_id, arrived))
        by = Principal.worker(study.practice_id, WORKER)
        for step in decision.steps:
            _start(_linked(step, study, decision.how, by), by)
        _list(study, arrived, decision)
    return decision


def link_by_hand(step: ScheduledStep, study: Study, by: Principal, *, source: str) -> ScheduledStep:
    """Say that the study is what came of the step. A step that was scheduled has then begun.

    Raises Refused, NotFound for a study of another practice, Conflict for a step that has a study or was cancelled.
    """
    scheduling.decide(by, step.practice_id)
    if study.practice_id != step.practice_id:
        raise NotFound(say("There is no such study in the practice of this step."))
    with transaction.atomic():
        step = ScheduledStep.objects.select_for_update().get(pk=step.pk)
        if step.study_id == study.pk:
            return step
        if step.study_id is not None:
            raise Conflict(say("This step has another study. Unlink that one first."))
        if step.state == StepState.CANCELLED:
            raise Conflict(say("This step was cancelled. Open it again first."))
        step = _link(step, study, LinkedBy.HAND, by, source)
        UnplannedStudy.objects.filter(study=study).delete()
        return _start(step, by)


def unlink(step: ScheduledStep, by: Principal, *, source: str) -> ScheduledStep:
    """Say that the study is not what came of the step; the server won't link that study again, a person may.

    The step's state stays: what a device has begun has begun. Raises Refused, and Conflict for a step without a study.
    """
    scheduling.decide(by, step.practice_id)
    with transaction.atomic():
        step = ScheduledStep.objects.select_for_update().get(pk=step.pk)
        study = step.study
        if study is None:
            raise Conflict(say("This step has no study."))
        _note(step, None, "", by, "unlinked by hand", source)
        if not study.scheduled_steps.exists():
            listed = {"practice_id": study.practice_id, "reason": Reason.UNLINKED, "set_aside_at": None, "detail": ""}
            UnplannedStudy.objects.update_or_create(study=study, defaults={**listed, "noticed_at": timezone.now()})
    return step


def set_aside(row: UnplannedStudy, by: Principal, *, source: str) -> None:
    """Say that the study needs no step. Raises Refused."""
    scheduling.decide(by, row.practice_id)
    with transaction.atomic():
        row.set_aside_at, row.set_aside_by_id = timezone.now(), by.user_id or None
        row.save(update_fields=["set_aside_at", "set_aside_by"])
        _tell(by, row.practice_id, row.study.study_instance_uid, "the study needs no step", source)


def forget(practice_id: int) -> None:
    """Let steps whose study was deleted be as if it had never come, but for their state."""
    lost = ScheduledStep.objects.filter(practice=practice_id, study=None).exclude(linked_by="")
    by = Principal.worker(practice_id, WORKER)
    for step in lost[:MOST_STEPS]:
        with transaction.atomic():
            _note(step, None, "", by, "unlinked: its study was deleted", SOURCE)


def complete(study: Study) -> None:
    """Say that the study's steps are done, but for those that a device reports about (MPPS)."""
    by = Principal.worker(study.practice_id, WORKER)
    running = study.scheduled_steps.filter(state=StepState.IN_PROGRESS, performed_steps=None)
    for step in running.order_by("pk")[:MOST_STEPS]:
        scheduling.complete(step, by, source=SOURCE)


def near(study: Study) -> Iterable[ScheduledStep]:
    """The steps that a person may want to link the study to: its own numbers', its patient's, and those of its day."""
    arrived = evidence.of(study)
    wanted = _named(arrived) | Q(patient_id=arrived.person.patient_id) if arrived.person.patient_id else _named(arrived)
    if arrived.day is not None:
        wanted |= Q(start_date=arrived.day)
    steps = ScheduledStep.objects.filter(wanted, practice=study.practice_id, study=None)
    return steps.exclude(state=StepState.CANCELLED).order_by("-start_date", "start_time", "pk")[:50]


def _candidates(practice_id: int, arrived: Arrived) -> list[ScheduledStep]:
    """What the study may belong to, held until the transaction ends."""
    wanted = _named(arrived) | Q(study=arrived.study)
    if arrived.person.patient_id and arrived.day is not None:
        wanted |= Q(patient_id=arrived.person.patient_id, start_date=arrived.day, state__in=OPEN)
    steps = ScheduledStep.objects.select_for_update().filter(wanted, practice=practice_id)
    return list(steps.order_by("pk")[:MOST_STEPS])


def _named(arrived: Arrived) -> Q:
    accession = Q(accession_number__in=arrived.accession_numbers)
    return Q(study_instance_uid=arrived.study_instance_uid) | accession


def _linked(step: ScheduledStep, study: Study, how: LinkedBy | None, by: Principal) -> ScheduledStep:
    """The step with its study, as the images say."""
    return _link(step, study, how, by, SOURCE) if how and step.study_id is None else step


def _link(step: ScheduledStep, study: Study, how: LinkedBy, by: Principal, source: str) -> ScheduledStep:
    return _note(step, study, how, by, f"linked to its study ({in_english(how.label).lower()})", source)


def _note(step: ScheduledStep, study: Study | None, how: str, by: Principal, what: str, source: str) -> ScheduledStep:
    """Change the link and put it on record."""
    linked = study or step.study
    uid = linked.study_instance_uid if linked else step.study_instance_uid
    step.study, step.linked_by, step.changed_at = study, how, timezone.now()
    step.save(update_fields=["study", "linked_by", "changed_at"])
    _tell(by, step.practice_id, uid, f"step {step.step_id} {what}", source)
    return step


def _start(step: ScheduledStep, by: Principal) -> ScheduledStep:
    """Images have come of it, so that it has begun; what a device has reported, or a person decided, stays."""
    if step.state in (StepState.SCHEDULED, StepState.EXPIRED) and not step.performed_steps.exists():
        return scheduling.start(step, by, source=SOURCE)
    return step


def _tell(by: Principal, practice_id: int, uid: str, detail: str, source: str) -> None:
    tell(
        Action.SCHEDULE,
        principal=by,
        practice_id=practice_id,
        study_instance_uid=uid,
        detail=detail,
        source=source,
    )


def _is_decided(study: Study) -> bool:
    """Whether a person has said what the study belongs to, or that it belongs to nothing."""
    if study.scheduled_steps.filter(linked_by=LinkedBy.HAND).exists():
        return True
    return UnplannedStudy.objects.filter(_BY_HAND, study=study).exists()


def _list(study: Study, arrived: Arrived, decision: Decision) -> None:
    """Show the study to people, or show it no longer."""
    reason = decision.reason
    if decision is NOTHING and _is_awaited(study.practice_id, arrived):
        reason = Reason.NONE
    if reason is None or study.scheduled_steps.exists():
        UnplannedStudy.objects.filter(study=study).delete()
        return
    facts = {"practice_id": study.practice_id, "reason": reason, "detail": decision.detail}
    UnplannedStudy.objects.update_or_create(study=study, defaults=facts)


def _is_awaited(practice_id: int, arrived: Arrived) -> bool:
    """Whether it is of these days, and the practice plans studies of its kind for them."""
    today = timezone.localdate()
    if arrived.day is None or abs(arrived.day - today) > RECENT:
        return False
    kinds = {part.modality for part in arrived.parts}
    return ScheduledStep.objects.filter(practice=practice_id, start_date=arrived.day, modality__in=kinds).exists()
