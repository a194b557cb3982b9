"""Planning steps and moving them on: each move is checked, saved and put on record.

scheduled → in progress → completed or discontinued; a scheduled one may be cancelled or expire. What a device does
counts more than what was planned: it may begin a step that was cancelled or has expired, or was discontinued.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time
from typing import Any, Final, Self

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import whole
from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.archive.models import TEXT_LENGTH
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid
from apps.core.languages import in_english
from apps.dicom.uids import new_uid
from apps.remotes.administering import save_checked
from apps.saying import say
from apps.worklist import items
from apps.worklist.events import step_changed
from apps.worklist.models.scheduled import PLANNING, Priority, ScheduledStep, StepState

# Letters and digits that nobody takes for another one.
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS_LENGTH: Final = 6
_ATTEMPTS: Final = 20
_HAS_NUMBER: Final = (
    "SELECT 1 FROM worklist_scheduledstep WHERE practice_id = %s AND (step_id = %s OR accession_number = %s) LIMIT 1"
)
MOST_ATTRIBUTES: Final = 100
MAX_ITEM: Final = 64 * 1024

# From which states a step comes into each.
MOVES: Final[Mapping[StepState, tuple[StepState, ...]]] = {
    StepState.SCHEDULED: (StepState.CANCELLED, StepState.EXPIRED),
    StepState.IN_PROGRESS: (StepState.SCHEDULED, StepState.CANCELLED, StepState.EXPIRED, StepState.DISCONTINUED),
    StepState.COMPLETED: (StepState.SCHEDULED, StepState.IN_PROGRESS, StepState.EXPIRED),
    StepState.DISCONTINUED: (StepState.SCHEDULED, StepState.IN_PROGRESS, StepState.EXPIRED),
    StepState.CANCELLED: (StepState.SCHEDULED, StepState.EXPIRED),
    StepState.EXPIRED: (StepState.SCHEDULED, StepState.IN_PROGRESS),
}
CHANGEABLE: Final = (StepState.SCHEDULED, StepState.EXPIRED)
# What is made where nobody gives it, and stays.
_MADE: Final = ("step_id", "requested_procedure_id", "accession_number", "study_instance_uid")
NOT_PLANNING: Final = say("You may not plan in this practice: that is for those who may store objects in all of it.")
_ENDS: Final = (StepState.COMPLETED, StepState.DISCONTINUED, StepState.CANCELLED, StepState.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What people and other systems say of a step; the fields are those of ScheduledStep.

    Empty identifiers are made here. `attributes` are further ones in DICOM JSON; those of the step itself stand in the
    one item of its Scheduled Procedure Step Sequence.
    """

    patient_id: str
    patient_name: str
    modality: str
    start_date: date
    start_time: time | None = None
    minutes: int = 15
    issuer: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    station_titles: str = ""
    station_name: str = ""
    location: str = ""
    performing_physician: str = ""
    referring_physician: str = ""
    description: str = ""
    requested_description: str = ""
    priority: str = Priority.ROUTINE
    step_id: str = ""
    requested_procedure_id: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""
    external_id: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, step: ScheduledStep) -> Self:
        """What is planned as it stands; `dataclasses.replace` makes another plan of it."""
        return cls(**{each.name: getattr(step, each.name) for each in fields(cls)})


def schedule(practice_id: int, planned: Planned, by: Principal, *, source: str = "") -> ScheduledStep:
    """Plan a step. What is not given of its step ID, accession number and Study Instance UID is made.

    Raises Refused, NotFound for a practice out of sight, and Invalid with what is wrong.
    """
    decide(by, practice_id)
    step = ScheduledStep(practice_id=practice_id, source=source, created_by_id=by.user_id or None)
    _put(step, planned)
    with transaction.atomic():
        _identify(step)
        _save(step)
        _tell(step, by, "planned", source)
        _announce(step, None)
    return step


def change(step: ScheduledStep, planned: Planned, by: Principal, *, source: str = "") -> ScheduledStep:
    """Plan the step otherwise; an expired one is scheduled again. What is empty of its identifiers stays as it is.

    Raises Refused, Conflict for a step that has begun or ended, and Invalid with what is wrong.
    """
    decide(by, step.practice_id)
    with transaction.atomic():
        step = ScheduledStep.objects.select_for_update().get(pk=step.pk)
        previous = StepState(step.state)
        if previous not in CHANGEABLE:
            raise Conflict(
                say("Plan another step instead of this one in its state: {state}.", state=in_english(previous.label))
            )
        changed = _put(step, planned)
        if not changed and previous is StepState.SCHEDULED:
            return step
        step.state, step.ended_at, step.changed_at = StepState.SCHEDULED, None, timezone.now()
        _save(step)
        _tell(step, by, f"changed: {', '.join(changed) or 'scheduled again'}", source)
        _announce(step, previous)
    return step


def cancel(step: ScheduledStep, by: Principal, *, reason: str = "", source: str = "") -> ScheduledStep:
    """Take a step off the worklists. Raises Refused, and Conflict for one that has begun or ended."""
    decide(by, step.practice_id)
    return _move(step, StepState.CANCELLED, by, timezone.now(), reason=reason, source=source)


def reopen(step: ScheduledStep, by: Principal, *, source: str = "") -> ScheduledStep:
    """Put a cancelled or expired step on the worklists again. Raises Refused, and Conflict for any other."""
    decide(by, step.practice_id)
    return _move(step, StepState.SCHEDULED, by, timezone.now(), source=source)


def start(step: ScheduledStep, by: Principal, *, when: datetime | None = None, source: str = "") -> ScheduledStep:
    """Say that a device has begun a step. `by` is who says so: whoever calls this has asked for their right to.

    Raises Conflict for a step that has begun already or is completed.
    """
    return _move(step, StepState.IN_PROGRESS, by, when or timezone.now(), source=source)


def complete(step: ScheduledStep, by: Principal, *, when: datetime | None = None, source: str = "") -> ScheduledStep:
    """Say that a step has been done. As for `start`, the caller has asked for the right.

    Raises Conflict for a step that is completed, discontinued or cancelled.
    """
    return _move(step, StepState.COMPLETED, by, when or timezone.now(), source=source)


def discontinue(
    step: ScheduledStep, by: Principal, *, when: datetime | None = None, reason: str = "", source: str = ""
) -> ScheduledStep:
    """Say that a step was given up at the device. As for `start`, the caller has asked for the right.

    Raises Conflict for a step that is completed, discontinued or cancelled.
    """
    return _move(step, StepState.DISCONTINUED, by, when or timezone.now(), reason=reason, source=source)


def expire(step: ScheduledStep, by: Principal, *, source: str = "") -> ScheduledStep:
    """Say that nothing more is expected of a step. Raises Conflict for one that has ended."""
    return _move(step, StepState.EXPIRED, by, timezone.now(), source=source)


def may_plan(who: Principal, practice_id: int) -> bool:
    """Whether `who` may plan in the practice."""
    return who.may_in_all_of(PLANNING, practice_id)


def decide(who: Principal, practice_id: int) -> None:
    """Raises Refused for who may not plan in the practice, NotFound for who has nothing to do with it."""
    whole.decide(who, PLANNING, practice_id, NOT_PLANNING)


def _put(step: ScheduledStep, planned: Planned) -> list[str]:
    """Write what is planned into the step, no identifier being emptied; returns the names of the fields that differ."""
    changed = []
    for name, value in asdict(planned).items():
        is_kept = name in _MADE and not value
        if not is_kept and getattr(step, name) != value:
            setattr(step, name, value)
            changed.append(name)
    return changed


def _identify(step: ScheduledStep) -> None:
    """Make the identifiers that nobody has given."""
    if not (step.step_id and step.accession_number):
        number = _number(step)
        step.step_id = step.step_id or number
        step.accession_number = step.accession_number or number
    step.requested_procedure_id = step.requested_procedure_id or step.accession_number
    step.study_instance_uid = step.study_instance_uid or new_uid()


def _number(step: ScheduledStep) -> str:
    """A number that the practice has on no other step: the date, and letters that can be read out (SH)."""
    for _ in range(_ATTEMPTS):
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_LENGTH))
        number = f"{step.start_date:%y%m%d}-{letters}"
        with connection.cursor() as cursor:
            cursor.execute(_HAS_NUMBER, [step.practice_id, number, number])
            if cursor.fetchone() is None:
                return number
    raise Conflict(say("No number is free for this step. Give it an accession number and a step ID."))


def _save(step: ScheduledStep) -> None:
    step.item = items.item_of(step)
    if len(step.attributes) > MOST_ATTRIBUTES or len(step.item) > MAX_ITEM:
        raise Invalid(
            say(
                "A step has at most {most_attributes} further attributes, and {max_item} bytes in all.",
                most_attributes=MOST_ATTRIBUTES,
                max_item=MAX_ITEM,
            )
        )
    save_checked(step)


def _move(
    step: ScheduledStep, state: StepState, by: Principal, when: datetime, *, reason: str = "", source: str = ""
) -> ScheduledStep:
    """Bring the step into a state, from one of those that lead there. Raises Conflict."""
    with transaction.atomic():
        step = ScheduledStep.objects.select_for_update().get(pk=step.pk)
        previous = StepState(step.state)
        if previous not in MOVES[state]:
            raise Conflict(
                say(
                    "This step can't go from the state {before} to the state {after}.",
                    before=in_english(previous.label),
                    after=in_english(state.label),
                )
            )
        step.state, step.reason, step.changed_at = state, reason[:TEXT_LENGTH], timezone.now()
        step.ended_at = when if state in _ENDS else None
        if state is StepState.IN_PROGRESS:
            step.started_at = when
        step.item = items.item_of(step)
        step.save(update_fields=["state", "reason", "changed_at", "started_at", "ended_at", "item"])
        _tell(step, by, in_english(state.label).lower(), source, reason=reason)
        _announce(step, previous)
    return step


def _announce(step: ScheduledStep, previous: StepState | None) -> None:
    transaction.on_commit(lambda: step_changed.send(ScheduledStep, step=step, previous=previous))


def _tell(step: ScheduledStep, by: Principal, what: str, source: str, *, reason: str = "") -> None:
    tell(
        Action.SCHEDULE,
        principal=by,
        practice_id=step.practice_id,
        study_instance_uid=step.study_instance_uid,
        patient=pseudonym(step.practice_id, identity_of(step.issuer, step.patient_id)),
        detail=f"step {step.step_id} {what}",
        reason=reason,
        source=source,
    )
