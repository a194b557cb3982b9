"""Asking for analyses: who may, of what, and whether there is anything to be done; stopping and removing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis import kinds, parameters
from apps.analysis.kinds import Kind
from apps.analysis.models import Analysis
from apps.analysis.parameters import Given
from apps.analysis.results import is_current, remove_all
from apps.archive.models import Study
from apps.archive.querysets import StudyQuerySet
from apps.archive.rights import denied
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, Refused
from apps.jobs import control
from apps.jobs.models import ENDED
from apps.jobs.queue import enqueue
from apps.saying import say

# The kinds of the jobs: of what is quick, and of what may take minutes.
JOB: Final = "analysis"
LONG_JOB: Final = "analysis-long"
JOBS: Final = frozenset({JOB, LONG_JOB})
# Of one study; and of one practice, those that wait or are at work.
MOST_OF_STUDY: Final = 200
MOST_WAITING: Final = 100
AT_WORK: Final = say("This analysis is still at work: cancel it first.")


@dataclass(frozen=True, slots=True)
class Asked:
    """The analysis that was asked for, and whether a run of it was begun: what is there already is not made again."""

    analysis: Analysis
    is_started: bool


def ask(
    who: Principal,
    study_uid: str,
    name: str,
    given: Mapping[str, Any],
    *,
    again: bool = False,
    source: str = "",
) -> Asked:
    """Have an analysis of the kind `name` run on a study. The same one asked for again is the same row.

    Nothing is begun while it is at work, nor where a run would give what is stored, unless it is wanted `again`.
    Raises NotFound, Refused without the permission, Invalid with what is wrong with the kind or its parameters,
    Conflict for what can't be analysed and for too many.
    """
    return _ask(who, analysable(who, study_uid), name, given, again=again, source=source)


def rerun(who: Principal, row: Analysis, *, source: str = "") -> Asked:
    """Have it run again with its own parameters, whatever is stored. Raises as `ask`."""
    study = _analysable(who).filter(pk=row.study_id).first()
    if study is None:
        raise denied(who, Permission.ANALYSE, row.study.study_instance_uid)
    return _ask(who, study, row.kind, row.parameters, again=True, source=source)


def _ask(who: Principal, study: Study, name: str, given: Mapping[str, Any], *, again: bool, source: str) -> Asked:
    kind = kinds.find(name)
    if kind is None:
        raise Invalid(parameters.WRONG, [("kind", say("There is no such kind of analysis here."))])
    read = parameters.read(kind, given)
    inputs = kind.inputs_of(study, read.values)
    with transaction.atomic():
        # Whoever asks for anything of this study waits here, so that one row is made and one job is begun.
        Study.objects.select_for_update().only("pk").get(pk=study.pk)
        row = _row(study, kind, read)
        if row.pk and not (row.is_ended and (again or not is_current(row, kind, inputs))):
            return Asked(row, is_started=False)
        _begin(who, row, LONG_JOB if kind.is_long else JOB, source)
    return Asked(row, is_started=True)


def cancel(who: Principal, row: Analysis) -> Analysis:
    """Stop it: at once while it waits, at its next step while it runs. What an earlier run has stored stays.

    Raises Refused for who neither asked for it nor administers the practice, Conflict for one that has ended.
    """
    _check_own(who, row, Permission.ADMINISTER)
    if row.job is None:
        raise Conflict(say("This analysis has already ended."))
    control.cancel(who, row.job.pk)
    return Analysis.objects.with_study().get(pk=row.pk)


def remove(who: Principal, row: Analysis, *, source: str = "") -> None:
    """Delete what came of it, and the row. Raises Conflict while it is at work.

    Raises Refused for who neither asked for it nor may delete studies of the practice.
    """
    _check_own(who, row, Permission.DELETE)
    if not row.is_ended:
        raise Conflict(AT_WORK)
    remove_all(row, who.username)
    with transaction.atomic():
        # With the last of its series the study may have gone, and this row with it.
        left = Analysis.objects.select_for_update(of=("self",)).select_related("job").filter(pk=row.pk).first()
        if left is not None and not left.is_ended:
            raise Conflict(AT_WORK)
        if left is not None:
            _tell(who, row, Action.DELETE, "removed", source)
            left.delete()


def analysable(who: Principal, study_uid: str) -> Study:
    """The study if the caller may look at it and analyse it; the active practice's of several.

    Raises NotFound and Refused.
    """
    found = list(_analysable(who).filter(study_instance_uid=study_uid).order_by("practice_id"))
    if not found:
        raise denied(who, Permission.ANALYSE, study_uid)
    return next((study for study in found if study.practice_id == who.practice_id), found[0])


def _analysable(who: Principal) -> StudyQuerySet:
    visible = Study.objects.visible_to(who, Permission.ANALYSE).visible_to(who, Permission.VIEW)
    return visible.select_related("practice").defer("found", "original_found")


def may_analyse(who: Principal, study: Study) -> bool:
    """Whether the caller may have analyses of this study run."""
    return Study.objects.visible_to(who, Permission.ANALYSE).filter(pk=study.pk).exists()


def may_cancel(who: Principal, row: Analysis) -> bool:
    return not row.is_ended and _is_own(who, row, Permission.ADMINISTER)


def may_remove(who: Principal, row: Analysis) -> bool:
    return row.is_ended and _is_own(who, row, Permission.DELETE)


def _row(study: Study, kind: Kind, read: Given) -> Analysis:
    """The one there is, or a new one that is not saved yet."""
    same = {"study": study, "kind": kind.name, "fingerprint": read.fingerprint}
    known = Analysis.objects.select_related("job", "requested_by").filter(**same).first()
    row = known or Analysis(**same, parameters=read.told)
    row.study = study
    return row


def _begin(who: Principal, row: Analysis, job: str, source: str) -> None:
    _check_room(row)
    row.requested_by_id = who.user_id or None
    row.asked_at, row.last_state, row.reason = timezone.now(), "", ""
    row.save()
    row.job = enqueue(job, {"analysis": row.pk}, principal=who, practice=row.study.practice_id)
    row.save(update_fields=["job"])
    _tell(who, row, Action.ACCESS, "asked for", source)


def _check_room(row: Analysis) -> None:
    if row.pk is None and Analysis.objects.filter(study=row.study).count() >= MOST_OF_STUDY:
        raise Conflict(
            say("This study has {most} analyses. Remove those that are no longer needed.", most=MOST_OF_STUDY)
        )
    waiting = Analysis.objects.filter(study__practice=row.study.practice_id, job__isnull=False)
    if waiting.exclude(job__state__in=ENDED).count() >= MOST_WAITING:
        raise Conflict(say("{most} analyses of the practice are waiting already. Try again later.", most=MOST_WAITING))


def _check_own(who: Principal, row: Analysis, permission: Permission) -> None:
    if not _is_own(who, row, permission):
        raise Refused(say("An analysis is for whoever asked for it, and for administrators, to stop or to remove."))


def _is_own(who: Principal, row: Analysis, permission: Permission) -> bool:
    is_own = row.requested_by_id is not None and row.requested_by_id == who.user_id
    return is_own or who.may_in_all_of(permission, row.study.practice_id)


def _tell(who: Principal, row: Analysis, action: Action, what: str, source: str) -> None:
    study = row.study
    tell(
        action,
        principal=who,
        practice_id=study.practice_id,
        study_instance_uid=study.study_instance_uid,
        detail=f"analysis {row.pk} ({row.kind}) {what}",
        source=source,
    )
