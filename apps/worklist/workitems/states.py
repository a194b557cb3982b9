"""Changing a workitem's state, and asking for its cancellation (PS3.4 CC.1.1, CC.2.1, CC.2.2)."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.core.languages import in_english
from apps.dicom.attributes import text, values
from apps.dicom.uids import is_valid_uid
from apps.saying import say
from apps.worklist.models.workitems import ProcedureStepState, Workitem
from apps.worklist.workitems import finding, keeping, names, refusals, reporting, requirements
from apps.worklist.workitems.names import Dataset
from apps.worklist.workitems.refusals import WrongRequest, WrongState

State = ProcedureStepState
_ASKED_FOR: Final = (State.IN_PROGRESS, State.COMPLETED, State.CANCELED)
_ALREADY: Final = {State.COMPLETED: refusals.ALREADY_COMPLETED, State.CANCELED: refusals.ALREADY_CANCELED}
# Who asks for a cancellation without a reason has one all the same (PS3.16 CID 9300).
UNSPECIFIED: Final[Mapping[str, Any]] = {
    "00080100": {"vr": "SH", "Value": ["110513"]},
    "00080102": {"vr": "SH", "Value": ["DCM"]},
    "00080104": {"vr": "LO", "Value": ["Discontinued for unspecified reason"]},
}


def change_state(principal: Principal, uid: str, asked: Dataset) -> str:
    """Claim, complete or cancel a workitem (PS3.4 table CC.1.1-2); the Warning that it deserves.

    `asked` has the Procedure Step State and the Transaction UID, which claims it and is its lock from then on.
    Raises NotFound, Gone, Refused, Invalid; WrongRequest for a wrong lock, WrongState for a move that isn't allowed.
    """
    state, lock = _asked(asked)
    with transaction.atomic():
        workitem = finding.held(principal, uid)
        _check_lock(workitem, lock, state)
        if workitem.state == state and workitem.is_final:
            return _ALREADY[state]
        _check_move(workitem, state)
        if state is State.IN_PROGRESS:
            workitem.transaction_uid, workitem.claimed_by = lock, principal.username
        move(workitem, state)
        finding.put_on_record(workitem, principal, in_english(state.label).lower())
    return ""


def request_cancellation(principal: Principal, uid: str, asked: Dataset, requester: str = "") -> str:
    """Ask for the cancellation of a workitem (CC.2.2); the Warning that it deserves.

    One that nobody has claimed is cancelled; of others, whoever is subscribed is told, the performer among them.
    Raises NotFound, Gone, Refused; WrongState for one that is completed or whose performer nobody reaches.
    """
    reason = text(asked, names.REASON_FOR_CANCELLATION)
    with transaction.atomic():
        workitem = finding.held(principal, uid)
        if workitem.state == State.CANCELED:
            return refusals.ALREADY_CANCELED
        if workitem.state == State.COMPLETED:
            raise WrongState(refusals.IS_COMPLETED, say("The workitem is completed, and can't be cancelled any more."))
        if workitem.state == State.SCHEDULED:
            _cancel(workitem, asked)
            what = "cancelled"
        else:
            if not reporting.tell_cancel_requested(workitem, asked, requester or "FOVEA"):
                raise WrongState(refusals.NO_PERFORMER, say("Nobody is told of this workitem's events, so its performer"
                                 " can't be asked to cancel it."))  # fmt: skip
            what = "asked to be cancelled"
        finding.put_on_record(workitem, principal, what, reason=reason)
    return ""


def move(workitem: Workitem, state: ProcedureStepState) -> None:
    """Put the workitem into the state, whose being allowed has been checked, and tell its subscribers."""
    now = timezone.now()
    workitem.state = state
    keeping.put(workitem, workitem.dataset | {names.STATE: {"vr": "CS", "Value": [state.value]}})
    if state is State.IN_PROGRESS:
        workitem.claimed_at = now
    else:
        workitem.ended_at = now
    workitem.save()
    reporting.tell_state(workitem)


def _asked(asked: Dataset) -> tuple[ProcedureStepState, str]:
    state, lock = text(asked, names.STATE), text(asked, names.TRANSACTION_UID)
    if state not in _ASKED_FOR:
        raise Invalid(
            say("The Procedure Step State (0074,1000) to ask for is one of {names}.", names=", ".join(_ASKED_FOR))
        )
    if not lock:
        raise WrongRequest(refusals.UID_MISSING, say("Give a Transaction UID (0008,1195): it is the workitem's lock."))
    if not is_valid_uid(lock):
        raise WrongRequest(refusals.UID_INCORRECT, say("The Transaction UID (0008,1195) is no UID."))
    return State(state), lock


def _check_lock(workitem: Workitem, lock: str, state: ProcedureStepState) -> None:
    """The Transaction UID is the one that it was claimed with; who comes to claim it brings one."""
    if workitem.transaction_uid and lock != workitem.transaction_uid:
        detail = say("The workitem was claimed with another Transaction UID.")
        if state is State.IN_PROGRESS:
            detail = say("The workitem has been claimed already, with another Transaction UID.")
        raise WrongRequest(refusals.UID_INCORRECT, detail)


def _check_move(workitem: Workitem, state: ProcedureStepState) -> None:
    before = State(workitem.state)
    if before in (State.COMPLETED, State.CANCELED):
        raise WrongState(
            refusals.INCONSISTENT_STATE,
            say("The workitem is {before}, and can't change any more.", before=before.value),
        )
    if before is State.SCHEDULED and state is not State.IN_PROGRESS:
        raise WrongState(refusals.INCONSISTENT_STATE, say("The workitem is SCHEDULED: claim it first (IN PROGRESS)."))
    if before is State.IN_PROGRESS and state is State.IN_PROGRESS:
        raise WrongState(refusals.INCONSISTENT_STATE, say("The workitem is IN PROGRESS already."))
    if state is not State.IN_PROGRESS and (missing := requirements.unmet(workitem.dataset, state)):
        detail = say(
            "Before the workitem is {state}, update it with {missing} (PS3.4 table CC.2.5-3).",
            state=state.value,
            missing=missing,
        )
        raise WrongState(refusals.INCONSISTENT_STATE, detail)


def _cancel(workitem: Workitem, asked: Dataset) -> None:
    """Cancel what nobody has claimed, by way of IN PROGRESS (CC.2.2.3)."""
    given = {tag: asked[tag] for tag in (names.DISCONTINUATION_REASON_CODES, names.REASON_FOR_CANCELLATION)
             if values(asked, tag)}  # fmt: skip
    contact = {tag: asked[tag] for tag in (names.CONTACT_URI, names.CONTACT_NAME) if values(asked, tag)}
    progress: Dataset = {
        names.CANCELLATION_DATE_TIME: {"vr": "DT", "Value": [keeping.written(timezone.now())]},
        names.DISCONTINUATION_REASON_CODES: {"vr": "SQ", "Value": [dict(UNSPECIFIED)]},
        **given,
    }
    if contact:
        progress[names.COMMUNICATIONS] = {"vr": "SQ", "Value": [contact]}
    workitem.dataset[names.PROGRESS_INFORMATION] = {"vr": "SQ", "Value": [progress]}
    move(workitem, State.IN_PROGRESS)
    move(workitem, State.CANCELED)
