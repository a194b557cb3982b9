"""One workitem by its UID, for who may see or change it."""

from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import NotFound, Refused
from apps.dicom.attributes import text
from apps.saying import say
from apps.worklist.models.workitems import WRITING, Workitem
from apps.worklist.workitems import names
from apps.worklist.workitems.refusals import Gone

NOT_HERE = say("There is no such workitem, or you may not see it.")
READ_ONLY = say("You may look at workitems but not change them. Ask an administrator.")


def may_write(principal: Principal, practice_id: int | None) -> bool:
    """Whether they may change the practice's workitems: who may store or correct in all of it."""
    return principal.may_in_all_of(WRITING, practice_id)


def seen(principal: Principal, uid: str) -> Workitem:
    """The workitem, of the active practice first. Raises NotFound, and Gone for one that has been removed."""
    found = list(Workitem.objects.visible_to(principal).filter(uid=uid).order_by("pk"))
    if not found:
        raise NotFound(NOT_HERE)
    workitem = next((each for each in found if each.practice_id == principal.practice_id), found[0])
    if workitem.gone_at:
        raise Gone(say("This workitem has ended, and is no longer kept."))
    return workitem


def held(principal: Principal, uid: str) -> Workitem:
    """The workitem to be changed: nobody else changes it before the transaction ends.

    Raises NotFound, Gone, and Refused for who may see it only.
    """
    workitem = seen(principal, uid)
    if not may_write(principal, workitem.practice_id):
        raise Refused(READ_ONLY)
    return Workitem.objects.select_for_update().get(pk=workitem.pk)


def patient_of(workitem: Workitem) -> str:
    """The pseudonym of whom it is about; empty where it is about nobody."""
    if not workitem.patient_id:
        return ""
    identity = identity_of(text(workitem.dataset, names.PATIENT_ID_ISSUER), workitem.patient_id)
    return pseudonym(workitem.practice_id, identity)


def put_on_record(workitem: Workitem, principal: Principal, what: str, *, reason: str = "") -> None:
    """That somebody did this to the workitem; the last thing in the transaction."""
    tell(
        Action.SCHEDULE,
        principal=principal,
        practice_id=workitem.practice_id,
        study_instance_uid=text(workitem.dataset, names.STUDY_INSTANCE_UID),
        patient=patient_of(workitem),
        detail=f"workitem {workitem.uid} {what}",
        reason=reason,
        source="UPS-RS",
    )
