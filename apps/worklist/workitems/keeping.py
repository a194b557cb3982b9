"""Creating workitems and setting their attributes (PS3.4 CC.2.5, CC.2.6)."""

from datetime import UTC, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH
from apps.core.errors import Conflict, Invalid, Refused
from apps.dicom.attributes import text
from apps.dicom.uids import is_valid_uid, new_uid
from apps.saying import say
from apps.worklist.models.scheduled import LONG_LENGTH
from apps.worklist.models.workitems import (
    DATETIME_LENGTH,
    PRIORITY_LENGTH,
    READINESS_LENGTH,
    ProcedureStepState,
    Workitem,
)
from apps.worklist.workitems import finding, names, refusals, reporting, requirements, subscribing
from apps.worklist.workitems.names import Dataset
from apps.worklist.workitems.refusals import WrongRequest, WrongState

MAX_WORKITEMS: Final = 200_000
_WELL_KNOWN: Final = (names.WORKLIST, names.FILTERED_WORKLIST)
# What is in columns too, for searches and lists, and how much of it.
_COLUMNS: Final = {
    "label": (names.LABEL, TEXT_LENGTH),
    "priority": (names.PRIORITY, PRIORITY_LENGTH),
    "readiness": (names.INPUT_READINESS, READINESS_LENGTH),
    "patient_id": (names.PATIENT_ID, LONG_LENGTH),
    "start": (names.START, DATETIME_LENGTH),
    "expected_end": (names.EXPECTED_COMPLETION, DATETIME_LENGTH),
}


def create(principal: Principal, dataset: Dataset, uid: str = "") -> tuple[Workitem, str]:
    """A new workitem of the active practice, and the Warning that it deserves (PS3.18 11.4; CC.2.5.3).

    The UID is the one given, else the data set's, else a new one. What must stand in a workitem, and may be empty, is
    added. Raises Refused, Invalid, and Conflict for a UID that is taken.
    """
    practice = principal.practice_id
    if practice is None or not finding.may_write(principal, practice):
        raise Refused(say("You may not plan workitems in this practice. Ask an administrator."))
    uid = _uid_of(dataset, uid)
    dataset.pop(names.TRANSACTION_UID, None)
    requirements.check_new(dataset)
    was_completed = requirements.completed(dataset)
    dataset[names.SOP_CLASS_UID] = {"vr": "UI", "Value": [names.UPS_PUSH]}
    dataset[names.SOP_INSTANCE_UID] = {"vr": "UI", "Value": [uid]}
    workitem = Workitem(practice_id=practice, uid=uid, created_by=principal.username)
    put(workitem, dataset)
    with transaction.atomic():
        _insert(workitem)
        subscribing.subscribe_to_new(workitem)
        reporting.tell_created(workitem)
        finding.put_on_record(workitem, principal, "created")
    return workitem, refusals.CREATED_OTHERWISE if was_completed else ""


def update(principal: Principal, uid: str, changes: Dataset, transaction_uid: str = "") -> str:
    """Set these attributes of a workitem, all or none (CC.2.6.2); the Warning that it deserves.

    The Transaction UID, which may stand among the changes too, opens one that is in progress. Raises NotFound, Gone,
    Refused, Invalid; WrongRequest for a wrong lock or a workitem that has ended, WrongState for one not claimed.
    """
    lock = text(changes, names.TRANSACTION_UID) or transaction_uid
    changes = {tag: element for tag, element in changes.items() if tag != names.TRANSACTION_UID}
    was_told_otherwise = changes.pop(names.MODIFICATION, None) is not None
    with transaction.atomic():
        workitem = finding.held(principal, uid)
        _check_lock(workitem, lock)
        requirements.check_changes(changes, workitem.dataset)
        before = dict(workitem.dataset)
        if any(before.get(tag) != element for tag, element in changes.items()):
            put(workitem, workitem.dataset | changes)
            workitem.save()
            reporting.tell_changed(workitem, before)
            finding.put_on_record(workitem, principal, "changed")
    return refusals.UPDATED_OTHERWISE if was_told_otherwise else ""


def put(workitem: Workitem, dataset: Dataset) -> None:
    """Give the workitem this data set, with the moment of its change, and the columns that follow from it."""
    now = timezone.now()
    stamp = {"vr": "DT", "Value": [written(now)]}
    workitem.dataset = dict(sorted((dataset | {names.MODIFICATION: stamp}).items()))
    workitem.changed_at = now
    for column, (tag, length) in _COLUMNS.items():
        setattr(workitem, column, text(dataset, tag)[:length])


def written(moment: datetime) -> str:
    """A moment as DICOM writes it (DT, PS3.5 6.2), in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S.%f+0000")


def _uid_of(dataset: Dataset, uid: str) -> str:
    told = text(dataset, names.SOP_INSTANCE_UID)
    if uid and told and uid != told:
        raise Invalid(say("The address and the data set name different SOP Instance UIDs."))
    uid = uid or told or new_uid()
    if not is_valid_uid(uid) or uid in _WELL_KNOWN:
        raise Invalid(say("The SOP Instance UID of a workitem has digits and dots, 64 at most, and is nothing else's."))
    return uid


def _insert(workitem: Workitem) -> None:
    if Workitem.objects.present().filter(practice_id=workitem.practice_id).count() >= MAX_WORKITEMS:
        raise Conflict(say("The practice has too many workitems: let ended ones be removed sooner."))
    try:
        with transaction.atomic():
            workitem.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(say("There is a workitem of this SOP Instance UID, or there was one.")) from error


def _check_lock(workitem: Workitem, lock: str) -> None:
    """Raises WrongRequest or WrongState unless N-SET may change it with this Transaction UID (CC.2.6.3)."""
    if workitem.is_final:
        raise WrongRequest(refusals.INCONSISTENT, say("The workitem has ended and can't be changed any more."))
    if workitem.state == ProcedureStepState.SCHEDULED and lock:
        raise WrongState(refusals.NOT_CLAIMED, say("Nobody has claimed the workitem: leave the Transaction UID out."))
    if workitem.state == ProcedureStepState.IN_PROGRESS and lock != workitem.transaction_uid:
        said = "is not the one that it was claimed with" if lock else "is missing"
        raise WrongRequest(
            refusals.NOT_CLAIMED, say("The workitem is in progress, and the Transaction UID {said}.", said=said)
        )
