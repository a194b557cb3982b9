"""What people say of what a machine has found: accepted or rejected; until then it is unverified.

What is accepted has its structured reports replaced by verified ones. Segmentations and pictures stay as they are:
DICOM has no place in them for who stands for them.
"""

from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.names import person_name
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis.asking import AT_WORK
from apps.analysis.models import Analysis, Verdict
from apps.analysis.results import WAY, own_instances, remove_replaced
from apps.analysis.verifying import Verifier, verified
from apps.archive import retrieve
from apps.archive.models import Study
from apps.archive.outcomes import DuplicatePolicy, Origin, Status
from apps.archive.rights import denied
from apps.archive.store import Batch
from apps.audit.record import Action, tell
from apps.core.errors import Conflict
from apps.dicom.sr_tree import is_report
from apps.saying import say

# Standing for a result is like writing it in a report.
JUDGES: Final = Permission.REPORT


def accept(who: Principal, row: Analysis, *, remark: str = "", source: str = "") -> Analysis:
    """Stand for what was found: its structured reports are replaced by ones that say so (PS3.3 C.17.2).

    Raises NotFound, Refused without the permission, Conflict for what is no finding, still at work or judged already.
    """
    _check(who, row)
    # First, so that nobody rejects it while its reports are being verified in this person's name.
    judged = _judge(who, row, Verdict.ACCEPTED, remark, source)
    try:
        _verify(row, _verifier(who, row))
    except BaseException:
        _take_back(who, row, source)
        raise
    return judged


def reject(who: Principal, row: Analysis, *, remark: str = "", source: str = "") -> Analysis:
    """Say that what was found is wrong. Its series stay until the analysis is removed. Raises as `accept`."""
    _check(who, row)
    return _judge(who, row, Verdict.REJECTED, remark, source)


def may_judge(who: Principal, row: Analysis) -> bool:
    """Whether the caller may say something of the result as it is."""
    is_open = row.verdict == Verdict.UNVERIFIED and row.is_ended
    return is_open and Study.objects.visible_to(who, JUDGES).filter(pk=row.study_id).exists()


def _check(who: Principal, row: Analysis) -> None:
    if not Study.objects.visible_to(who, JUDGES).filter(pk=row.study_id).exists():
        raise denied(who, JUDGES, row.study.study_instance_uid)
    if not row.is_ended:
        raise Conflict(AT_WORK)
    if not row.verdict:
        raise Conflict(say("There is nothing to accept here: no machine has found anything."))
    if row.verdict != Verdict.UNVERIFIED:
        raise Conflict(say("This result has been judged already. Run the analysis again to judge it anew."))


def _verifier(who: Principal, row: Analysis) -> Verifier:
    name = person_name(User.objects.get(pk=who.user_id))
    return Verifier(name, row.study.practice.name[:64], timezone.now())


def _verify(row: Analysis, verifier: Verifier) -> None:
    """The new documents are stored before the old ones go; what breaks off in between is done by the next attempt."""
    found = own_instances(row, row.series_instance_uids)
    old = [pk for pk, sop_class in found.values_list("pk", "sop_class_uid") if is_report(sop_class)]
    stored = [each for each in map(retrieve.by_key, old) if each]
    made = {each: verified(retrieve.read_file(each), verifier) for each in stored}
    new = {each: file for each, file in made.items() if file}
    with Batch(Origin(WAY, row.study.practice_id, verifier.name), DuplicatePolicy.OVERWRITE) as batch:
        for file in new.values():
            batch.receive([file])
        outcomes = batch.commit()
    for outcome in outcomes:
        if outcome.status is Status.REFUSED:
            raise Conflict(outcome.reason)
    for each in new:
        remove_replaced(row, each.series_instance_uid, each.sop_instance_uid)


def _judge(who: Principal, row: Analysis, verdict: Verdict, remark: str, source: str) -> Analysis:
    with transaction.atomic():
        still = Analysis.objects.select_for_update(of=("self",)).filter(
            pk=row.pk, verdict=Verdict.UNVERIFIED, run=row.run
        )
        changed = still.update(verdict=verdict, judged_by=who.user_id, judged_at=timezone.now(), remark=remark)
        if not changed:
            raise Conflict(say("This result has changed meanwhile. Look at it again."))
        _tell(who, row, verdict, source)
    return Analysis.objects.with_study().get(pk=row.pk)


def _take_back(who: Principal, row: Analysis, source: str) -> None:
    """It could not be verified: it is to be judged again."""
    with transaction.atomic():
        accepted = Analysis.objects.filter(pk=row.pk, verdict=Verdict.ACCEPTED, run=row.run)
        accepted.update(verdict=Verdict.UNVERIFIED, judged_by=None, judged_at=None, remark="")
        _tell(who, row, Verdict.UNVERIFIED, source)


def _tell(who: Principal, row: Analysis, verdict: Verdict, source: str) -> None:
    tell(
        Action.EDIT,
        principal=who,
        practice_id=row.study.practice_id,
        study_instance_uid=row.study.study_instance_uid,
        detail=f"analysis {row.pk} ({row.kind}) {verdict.value}",
        source=source,
    )
