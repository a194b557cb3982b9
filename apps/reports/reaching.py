"""Reports as their callers reach them: like absent where they may not look."""

from typing import Final

from django.db.models import Q

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.archive.rights import denied
from apps.core.errors import Conflict, NotFound
from apps.reports.models import Report, Status
from apps.reports.models.reports import SIGNED, ReportQuerySet
from apps.saying import say

WRITES: Final = Permission.REPORT
READS: Final = Permission.VIEW
NO_REPORT: Final = say("There is no such report.")
CLOSED: Final = say("This report is signed. Amend it to change it.")
# Digits of a study's number; a UID has points.
LONGEST_NUMBER: Final = 19
# What may be read by who may not write: a draft is its writers' alone.
READABLE: Final = SIGNED | {Status.PRELIMINARY}


def reports(who: Principal) -> ReportQuerySet:
    """What the caller may read: all of the studies whose reports they write, and what is told of others."""
    written = Report.objects.visible_to(who, WRITES)
    told = Report.objects.visible_to(who, READS).filter(status__in=READABLE)
    reached = Q(pk__in=written.order_by().values("pk")) | Q(pk__in=told.order_by().values("pk"))
    return Report.objects.with_study().filter(reached)


def report_of(who: Principal, pk: int, permission: Permission = READS) -> Report:
    """The report with its study and template. With VIEW alone there are no drafts.

    Raises NotFound, and Refused for who may only look at it.
    """
    rows = Report.objects.with_study().filter(pk=pk)
    found = rows.visible_to(who, permission).first()
    if found is not None and (permission != READS or is_told(who, found)):
        return found
    seen = rows.visible_to(who, READS).first()
    if seen is None or not is_told(who, seen):
        raise NotFound(NO_REPORT)
    raise denied(who, permission, seen.study.study_instance_uid)


def study_of(who: Principal, named: str, permission: Permission = WRITES) -> Study:
    """The study by its UID or its number here, the active practice's of several. Raises NotFound, and Refused for who
    may only look at it."""
    is_number = named.isascii() and named.isdigit() and len(named) < LONGEST_NUMBER
    which = Q(pk=int(named)) if is_number else Q(study_instance_uid=named)
    rows = Study.objects.visible_to(who, permission).filter(which).select_related("patient", "practice")
    found = list(rows.defer("found", "original_found").order_by("practice_id"))
    if not found:
        uid = Study.objects.filter(which).values_list("study_instance_uid", flat=True).first() or ""
        raise denied(who, permission, uid)
    return next((study for study in found if study.practice_id == who.practice_id), found[0])


def open_report_of(who: Principal, pk: int) -> Report:
    """One that may be changed, with what saving asks for. Raises NotFound, Refused, and Conflict for a signed one."""
    report = Report.objects.to_save().filter(pk=pk).visible_to(who, WRITES).first() or report_of(who, pk, WRITES)
    if not report.is_open:
        raise Conflict(CLOSED)
    return report


def may(who: Principal, study: Study, permission: Permission) -> bool:
    """Whether the caller has the permission on the study."""
    if who.may_in_all_of(permission, study.practice_id):
        return True
    return bool(who.narrow(permission)) and Study.objects.visible_to(who, permission).filter(pk=study.pk).exists()


def is_told(who: Principal, report: Report) -> bool:
    """Whether somebody who sees the study may read its report."""
    return report.status in READABLE or may(who, report.study, WRITES)


def reads_signed_only(who: Principal, report: Report) -> bool:
    """Whether the caller reads what was signed last, instead of the amendment that is being written."""
    return report.status == Status.AMENDING and not may(who, report.study, WRITES)
