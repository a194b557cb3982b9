"""Steps of other systems: planned where they are new, and changed where they are known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, cast

from django.db import connection, transaction

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid
from apps.remotes.administering import Occupied
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep
from apps.worklist.scheduling import CHANGEABLE, Planned

# Fields of Planned by their names, as far as they are said.
Facts = Mapping[str, Any]
# Most steps that come are new: what the ORM does for this question costs as much as inserting one.
_EXTERNAL: Final = (
    "SELECT id, state FROM worklist_scheduledstep WHERE practice_id = %s AND external_id = %s AND external_id <> ''"
)
_NEEDED = {"patient_id": "Patient ID", "patient_name": "patient's name", "modality": "modality", "start_date": "date"}


class Change(Enum):
    """What became of a step that came from elsewhere."""

    PLANNED = "planned"
    CHANGED = "changed"
    SAME = "the same"
    KEPT = "left as it is, since it has begun or ended"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step, and what its coming again has changed."""

    step: ScheduledStep
    change: Change


def take(practice_id: int, facts: Facts, by: Principal, *, source: str) -> Taken:
    """Plan a step, or change the one that `known` finds: what isn't said of it stays.

    Saying the same again changes nothing. Raises Refused, NotFound, Invalid with what is wrong or missing.
    """
    scheduling.decide(by, practice_id)
    try:
        return _taken(practice_id, facts, by, source)
    except Occupied:
        # The same was sent twice at once: the other one is there by now.
        with transaction.atomic():
            if known(practice_id, facts) is None:
                raise
    return _taken(practice_id, facts, by, source)


def _taken(practice_id: int, facts: Facts, by: Principal, source: str) -> Taken:
    with transaction.atomic():
        step = known(practice_id, facts)
        if step is None:
            return Taken(scheduling.schedule(practice_id, _complete(facts), by, source=source), Change.PLANNED)
        before = Planned.of(step)
        planned = replace(before, **facts)
        if planned == before:
            return Taken(step, Change.SAME)
        if step.state not in CHANGEABLE:
            return Taken(step, Change.KEPT)
        return Taken(scheduling.change(step, planned, by, source=source), Change.CHANGED)


def known(practice_id: int, facts: Facts) -> ScheduledStep | None:
    """The step of this ID in the other system, else of this step ID and, where it is said, this accession number.

    Raises Conflict for a step ID that another procedure's step has.
    """
    mine = ScheduledStep.objects.select_for_update().filter(practice=practice_id)
    if external_id := facts.get("external_id"):
        row = state_of(practice_id, external_id)
        return mine.filter(pk=row[0]).first() if row else None
    if not (step_id := facts.get("step_id")):
        return None
    found = mine.filter(step_id=step_id).first()
    accession = facts.get("accession_number")
    if found and accession and found.accession_number != accession:
        raise Conflict(say("Step {step_id} is known here with another accession number.", step_id=step_id))
    return found


def state_of(practice_id: int, external_id: str) -> tuple[int, str] | None:
    """The number and the state of the step of this ID in the other system, without reading all of its row."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTERNAL, [practice_id, external_id])
        return cast(tuple[int, str] | None, cursor.fetchone())


def _complete(facts: Facts) -> Planned:
    missing = [words for name, words in _NEEDED.items() if not facts.get(name)]
    if missing:
        raise Invalid(say("Say the {names}.", names=", ".join(missing)))
    return Planned(**facts)
