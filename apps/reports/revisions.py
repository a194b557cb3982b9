"""A report's history: what one person saves within minutes is one revision, each change of its status another."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from apps.core.errors import NotFound
from apps.reports.models import Report, Revision, Status
from apps.saying import say

TOGETHER: Final = timedelta(minutes=5)
# Of the list: there are twelve in an hour of writing.
MOST: Final = 500
NO_REVISION: Final = say("The report has no such revision.")


def keep(report: Report, *, is_step: bool = True) -> bool:
    """Keep what the report says now, in the transaction that has saved it; whether that is a new row.

    A step (a new report, another status, a signature) is a row of its own that nothing is added to.
    """
    latest = report.revisions.only("report_id", "number", "status", "changed_by_id", "began_at").first()
    said = {"number": report.revision, "content": report.content, "changed_at": report.changed_at}
    if latest is not None and not is_step and _goes_on(latest, report):
        Revision.objects.filter(pk=latest.pk).update(**said)
        return False
    began_at = None if is_step else report.changed_at
    by = report.changed_by_id
    Revision.objects.create(report=report, status=report.status, changed_by_id=by, began_at=began_at, **said)
    return True


def revision_of(report: Report, number: int) -> Revision:
    """Raises NotFound."""
    found = report.revisions.select_related("changed_by").filter(number=number).first()
    if found is None:
        raise NotFound(NO_REVISION)
    return found


def signed_last(report: Report) -> Revision:
    """What it said when it was signed last. Raises Revision.DoesNotExist for one that never was."""
    return report.revisions.filter(status__in=(Status.FINAL, Status.AMENDED)).latest("number")


def _goes_on(latest: Revision, report: Report) -> bool:
    """Whether what is saved now is of the same piece of work."""
    if latest.began_at is None or (latest.changed_by_id, latest.status) != (report.changed_by_id, report.status):
        return False
    return timezone.now() - latest.began_at < TOGETHER
