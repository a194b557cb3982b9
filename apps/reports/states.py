"""From draft to preliminary, and from signed to being amended: each step once, whoever asks for it.

    draft → preliminary → (signed) final → amending → (signed) amended → amending → …

What is signed is in `apps.reports.signing`.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH
from apps.core.errors import Conflict, Invalid
from apps.reports import revisions
from apps.reports.models import Report, Status
from apps.reports.reaching import WRITES, report_of
from apps.reports.recording import told
from apps.saying import say

UNSIGNED: Final = frozenset({Status.DRAFT, Status.PRELIMINARY})
SETTLED: Final = frozenset({Status.FINAL, Status.AMENDED})
NO_REASON: Final = say("Say why the report is amended.")


def make_preliminary(who: Principal, pk: int, *, source: str = "") -> Report:
    """Let others read a draft before it is signed. Raises NotFound, Refused, and Conflict for what is no draft."""
    report = report_of(who, pk, WRITES)
    now = timezone.now()
    return _step(who, report, {Status.DRAFT}, {"status": Status.PRELIMINARY, "preliminary_at": now}, source)


def amend(who: Principal, pk: int, reason: str, *, source: str = "") -> Report:
    """Open a signed report again: it says what it said until the amendment is signed.

    Raises NotFound, Refused, Invalid without a reason, and Conflict for one that is not signed, or is open already.
    """
    report = report_of(who, pk, WRITES)
    reason = " ".join(reason.split())
    if not reason or len(reason) > TEXT_LENGTH:
        text = say("A reason has at most {most} characters.", most=TEXT_LENGTH) if reason else NO_REASON
        raise Invalid(text, [("reason", text)])
    return _step(who, report, SETTLED, {"status": Status.AMENDING, "reason": reason}, source)


def discard(who: Principal, pk: int, *, source: str = "") -> Report | None:
    """Throw away a report that was never signed, with its history; of one that is being amended the amendment, so that
    it is as it was signed: that report is given.

    Raises NotFound, Refused, and Conflict for a signed one.
    """
    report = report_of(who, pk, WRITES)
    if report.status == Status.AMENDING:
        return _take_back(who, report, source)
    with transaction.atomic():
        row = Report.objects.select_for_update().filter(pk=pk, status__in=UNSIGNED)
        if not row.exists():
            raise Conflict(say("This report is signed: it stays."))
        told(who, report, "discarded", source=source)
        Report.objects.filter(pk=pk).delete()
    return None


def _take_back(who: Principal, report: Report, source: str) -> Report:
    signed = revisions.signed_last(report)
    columns = {"status": signed.status, "content": signed.content, "reason": ""}
    return _step(who, report, {Status.AMENDING}, columns, source)


def _step(who: Principal, report: Report, before: Iterable[Status], columns: dict[str, Any], source: str) -> Report:
    """Take the step where the report is at its beginning still. Raises Conflict where it is not."""
    columns |= {"revision": F("revision") + 1, "changed_by_id": who.user_id or None, "changed_at": timezone.now()}
    with transaction.atomic():
        if not Report.objects.filter(pk=report.pk, status__in=before).update(**columns):
            raise Conflict(say("This can't be done with the report as it is now."))
        report = Report.objects.with_study().get(pk=report.pk)
        revisions.keep(report)
        told(who, report, f"now {report.status}", source=source)
    return report
