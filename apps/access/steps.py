"""The steps of an invitation from one state to the next: each is kept, on record, and taken once."""

from collections.abc import Collection, Iterable
from typing import Final

from django.db.models import QuerySet

from apps.access.models import ENDED, Invitation, InvitationStep, State
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.audit.patients import pseudonym
from apps.audit.record import Action, Outcome, tell
from apps.core.errors import Conflict, NotFound
from apps.core.languages import in_english
from apps.saying import say

# What each step is on the record.
ACTIONS: Final = {
    State.INVITED: Action.SHARE,
    State.OPENED: Action.SHARE_OPENED,
    State.VERIFIED: Action.ACCESS_ASKED,
    State.ACCEPTED: Action.ACCESS_DECIDED,
    State.REFUSED: Action.ACCESS_DECIDED,
    State.EXPIRED: Action.SHARE_REVOKED,
    State.REVOKED: Action.SHARE_REVOKED,
}
NO_SUCH: Final = say("There is no such invitation.")


def locked(rows: QuerySet[Invitation], pk: int) -> Invitation:
    """The invitation, held until the caller's transaction ends. Raises NotFound."""
    held = Invitation.objects.select_for_update(of=("self",)).select_related("patient", "practice")
    found = held.filter(pk=pk, pk__in=rows.filter(pk=pk).values("pk")).first()
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def be_in(invitation: Invitation, states: Collection[State]) -> None:
    """Raises Conflict unless the invitation is in one of these states now."""
    if invitation.state_now not in states:
        raise Conflict(
            say(
                "It can't be done with this invitation in its state: {state}.",
                state=in_english(invitation.state_now.label),
            )
        )


def take(invitation: Invitation, state: State, by: int | None, note: str = "", fields: Iterable[str] = ()) -> None:
    """Go on to the state, with the other fields that have been changed."""
    invitation.state = state
    invitation.save(update_fields=["state", *fields])
    keep(invitation, by, note)


def keep(invitation: Invitation, by: int | None, note: str = "") -> None:
    """Keep in the invitation's history what happened."""
    InvitationStep.objects.create(invitation=invitation, state=invitation.state, by_id=by, note=note[:250])


def put_on_record(
    invitation: Invitation,
    who: Principal | str,
    *,
    reason: str = "",
    what: str = "",
    outcome: Event.Outcome = Outcome.SUCCESS,
) -> None:
    """Tell the record of the step, without the name of who is invited: that may be the patient's."""
    patient = invitation.patient
    relation = in_english(Invitation.Relation(invitation.relation).label).lower()
    said = what or in_english(State(invitation.state).label).lower()
    tell(
        ACTIONS[State(invitation.state)],
        principal=who if isinstance(who, Principal) else None,
        actor=who if isinstance(who, str) else "",
        practice_id=invitation.practice_id,
        patient=pseudonym(invitation.practice_id, patient.identity) if patient else "",
        count=max(1, invitation.studies.count()),
        detail=f"family access {invitation.pk} ({relation}): {said}",
        outcome=outcome,
        reason=reason,
    )


def is_ended(invitation: Invitation) -> bool:
    return invitation.state_now in ENDED
