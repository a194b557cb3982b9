"""Performed procedure steps as devices create and set them, and what that makes of the scheduled ones (PS3.4 F.7).

A device's report is kept whatever was planned: it names scheduled steps, or none. Those that it names move with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, NotFound
from apps.core.languages import in_english
from apps.saying import say
from apps.worklist import reporting, scheduling
from apps.worklist.models.performed import PerformedState, PerformedStep
from apps.worklist.models.scheduled import ScheduledStep, StepState
from apps.worklist.reporting import Attributes, Reference

SOURCE: Final = "MPPS"
_ISSUER: Final = "00100021"
_SCHEDULED: Final[Mapping[str, StepState]] = {
    PerformedState.IN_PROGRESS: StepState.IN_PROGRESS,
    PerformedState.COMPLETED: StepState.COMPLETED,
    PerformedState.DISCONTINUED: StepState.DISCONTINUED,
}
# Which decides where a scheduled step has several performed ones.
_FIRST: Final = (PerformedState.IN_PROGRESS, PerformedState.COMPLETED, PerformedState.DISCONTINUED)


class Duplicate(Conflict):
    """There is such a performed step already."""


class Ended(Conflict):
    """The performed step is in its final state (PS3.4 F.7.2.2.2)."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """The device that reports: its remote, if it has one, and who acts for it, in whose practice."""

    principal: Principal
    practice_id: int
    remote_id: int | None = None


def create(reporter: Reporter, sop_instance_uid: str, attributes: Attributes) -> PerformedStep:
    """Keep a performed step that begins, durably, and move the scheduled steps that it names (PS3.4 F.7.2.1).

    Raises Duplicate where it is known: what it named is moved nevertheless, as far as it was not. Raises
    MissingAttribute, MissingValue, InvalidValue.
    """
    reporting.check_created(attributes)
    try:
        with transaction.atomic():
            performed = PerformedStep.objects.create(
                practice_id=reporter.practice_id,
                remote_id=reporter.remote_id,
                sop_instance_uid=sop_instance_uid,
                dataset=dict(attributes),
                station_title=reporting.text(attributes, reporting.STATION_TITLE)[:16],
                started_at=reporting.moment(attributes, reporting.START),
            )
            _follow(performed, reporter, "created")
    except IntegrityError as error:
        if not _repeat(reporter, sop_instance_uid):
            raise
        raise Duplicate(say("There is a performed step of this UID.")) from error
    return performed


def change(reporter: Reporter, sop_instance_uid: str, attributes: Attributes) -> tuple[str, ...]:
    """Set attributes of a performed step, durably, and move its scheduled steps (PS3.4 F.7.2.2).

    Returns the tags of what may not be set: that stays as it was created. Raises NotFound, Ended, InvalidValue.
    """
    with transaction.atomic():
        performed = find(reporter.practice_id, sop_instance_uid, is_to_change=True)
        if performed.is_final:
            raise Ended(say("Performed Procedure Step Object may no longer be updated"))
        kept = tuple(sorted(reporting.differing(attributes, performed.dataset)))
        performed.state = reporting.state_of(attributes, performed.state)
        new = {tag: element for tag, element in attributes.items() if tag not in reporting.FIXED}
        performed.dataset = {**performed.dataset, **new}
        performed.changed_at = timezone.now()
        if performed.is_final:
            performed.ended_at = reporting.moment(performed.dataset, reporting.END) or performed.changed_at
        performed.save()
        _follow(performed, reporter, "set")
    return kept


def find(practice_id: int, sop_instance_uid: str, *, is_to_change: bool = False) -> PerformedStep:
    """A performed step of the practice by its UID; locked, if it is to be changed. Raises NotFound."""
    steps = PerformedStep.objects.select_for_update() if is_to_change else PerformedStep.objects.all()
    performed = steps.filter(practice=practice_id, sop_instance_uid=sop_instance_uid).first()
    if performed is None:
        raise NotFound(say("There is no performed step of this UID."))
    return performed


def _repeat(reporter: Reporter, sop_instance_uid: str) -> bool:
    """A device that heard no answer says it again; meanwhile the step that it names may have been planned.

    False where there is no such performed step.
    """
    with transaction.atomic():
        known = PerformedStep.objects.select_for_update().filter(practice=reporter.practice_id)
        performed = known.filter(sop_instance_uid=sop_instance_uid).first()
        if performed is not None and not performed.is_final:
            _follow(performed, reporter, "created again")
    return performed is not None


def _follow(performed: PerformedStep, reporter: Reporter, what: str) -> None:
    """Link the performed step with the scheduled ones that it names, and bring them to where it is."""
    performed.steps.add(*_named(performed))
    # Locked before it is looked at what else was performed of them: of two that end at once, the second one sees both.
    for step in performed.steps.select_for_update():
        _move(step, performed, reporter.principal)
    _tell(performed, reporter, what)


def _named(performed: PerformedStep) -> Iterator[ScheduledStep]:
    """The scheduled steps of the practice that it refers to (PS3.3 C.4.13)."""
    patient_id = reporting.text(performed.dataset, reporting.PATIENT_ID)
    mine = ScheduledStep.objects.filter(practice=performed.practice_id)
    for reference in reporting.references(performed.dataset):
        if reference.step_id:
            candidates = list(mine.filter(step_id=reference.step_id))
        else:
            candidates = list(mine.filter(study_instance_uid=reference.study_instance_uid)[:2])
        if len(candidates) == 1 and _is_meant(candidates[0], reference, patient_id):
            yield candidates[0]


def _is_meant(step: ScheduledStep, reference: Reference, patient_id: str) -> bool:
    """Whether more than the step's ID agrees: other systems, whose steps are not here, count from 1 as well."""
    if step.study_instance_uid == reference.study_instance_uid:
        return True
    is_same_request = reference.accession_number in ("", step.accession_number) and (
        reference.requested_procedure_id == step.requested_procedure_id
        or reference.accession_number == step.accession_number
    )
    return is_same_request and patient_id == step.patient_id


def _move(step: ScheduledStep, performed: PerformedStep, by: Principal) -> None:
    """Bring a scheduled step to where its performed steps are, as far as it can still go there."""
    states = set(PerformedStep.objects.filter(steps=step).values_list("state", flat=True))
    decisive = next(state for state in _FIRST if state in states)
    wanted = _SCHEDULED[decisive]
    if StepState(step.state) in scheduling.MOVES[wanted]:
        _MOVERS[wanted](step, performed, by)


def _start(step: ScheduledStep, performed: PerformedStep, by: Principal) -> None:
    scheduling.start(step, by, when=performed.started_at, source=SOURCE)


def _complete(step: ScheduledStep, performed: PerformedStep, by: Principal) -> None:
    scheduling.complete(step, by, when=_end(performed), source=SOURCE)


def _discontinue(step: ScheduledStep, performed: PerformedStep, by: Principal) -> None:
    why = reporting.reason(performed.dataset)
    scheduling.discontinue(step, by, when=_end(performed), reason=why, source=SOURCE)


_MOVERS: Final[Mapping[StepState, Callable[[ScheduledStep, PerformedStep, Principal], None]]] = {
    StepState.IN_PROGRESS: _start,
    StepState.COMPLETED: _complete,
    StepState.DISCONTINUED: _discontinue,
}


def _end(performed: PerformedStep) -> datetime:
    return performed.ended_at or performed.changed_at


def _tell(performed: PerformedStep, reporter: Reporter, what: str) -> None:
    data: dict[str, Any] = performed.dataset
    named = reporting.references(data)
    identity = identity_of(reporting.text(data, _ISSUER), reporting.text(data, reporting.PATIENT_ID))
    state = in_english(PerformedState(performed.state).label).lower()
    tell(
        Action.SCHEDULE,
        principal=reporter.principal,
        practice_id=performed.practice_id,
        study_instance_uid=named[0].study_instance_uid if named else "",
        patient=pseudonym(performed.practice_id, identity),
        detail=f"performed step {performed.sop_instance_uid} {what}: {state}",
        source=SOURCE,
    )
