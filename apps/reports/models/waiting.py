"""Studies as the list of what is to be reported has them."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.archive.models import Study


class StudyToReport(Study):
    """A study that waits for its report, with what `apps.reports.worklist.waiting` says beside it."""

    urgency: int
    due_at: datetime
    report_pk: int | None

    class Meta:
        proxy = True
        # As `waiting` orders them.
        ordering = []
        verbose_name = _("report to write")
        verbose_name_plural = _("reports to write")
