"""What is to be reported: studies without a signed report, urgent ones first, then by when the report is due."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from django.conf import settings
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.principal import Principal
from apps.archive.models import Series
from apps.reports.models import Report, StudyToReport
from apps.reports.models.reports import OPEN, Status
from apps.reports.reaching import WRITES
from apps.worklist.evidence import NOT_ACQUIRED
from apps.worklist.models import Priority, ScheduledStep, StepState

# What came before is an archive, not work: unless somebody has begun to report it.
RECENT: Final = timedelta(days=30)


class Urgency(IntEnum):
    """How soon a study is reported; by Requested Procedure Priority (0040,1003) of the steps that it came of."""

    STAT = 0
    HIGH = 1
    ROUTINE = 2
    LOW = 3


# From the first image to the signature.
TARGETS: Final = {
    Urgency.STAT: timedelta(hours=1),
    Urgency.HIGH: timedelta(hours=4),
    Urgency.ROUTINE: timedelta(hours=24),
    Urgency.LOW: timedelta(hours=72),
}
_URGENCIES: Final = {Priority.STAT: Urgency.STAT, Priority.HIGH: Urgency.HIGH, Priority.LOW: Urgency.LOW}


class Which(TextChoices):
    """The lists that people work through."""

    UNREAD = "unread", _("Unread")
    MINE = "mine", _("Mine")
    PRELIMINARY = "preliminary", _("Preliminary")
    OVERDUE = "overdue", _("Overdue")
    STAT = "stat", _("STAT")


def waiting(who: Principal, which: str = "", *, now: datetime | None = None) -> QuerySet[Any]:
    """The studies whose reports the principal writes and that have none that is signed, with `urgency`, `due_at`, and
    `report_pk` of the report that is being written (None where nobody has begun).

    Those that came in the last 30 days, are complete and have images; and all whose report is open, amendments too.
    """
    now = now or timezone.now()
    written = Report.objects.filter(study=OuterRef("pk"))
    begun = written.filter(status__in=OPEN)
    rows: QuerySet[Any] = StudyToReport.objects.visible_to(who, WRITES).filter(
        Exists(begun) | (_new(now) & ~Exists(written))
    )
    rows = rows.annotate(urgency=_urgency(), report_pk=Subquery(begun.order_by("-pk").values("pk")[:1]))
    rows = rows.annotate(due_at=_due()).filter(wanted(who, which, now))
    return rows.defer("found", "original_found", "correction").order_by(
        Case(When(urgency=Urgency.STAT, then=0), default=1), "due_at", "pk"
    )


def reports_in(studies: list[StudyToReport]) -> dict[int, Report]:
    """The open reports of a page of `waiting`, by their keys."""
    keys = [study.report_pk for study in studies if study.report_pk]
    return {each.pk: each for each in Report.objects.filter(pk__in=keys).select_related("reader", "author")}


def _new(now: datetime) -> Q:
    """Complete studies of the last days, with something that was acquired."""
    images = Series.objects.filter(study=OuterRef("pk")).exclude(modality__in=NOT_ACQUIRED)
    settled = now - timedelta(seconds=settings.STUDY_SETTLES)
    return Q(received_at__gte=now - RECENT, updated_at__lte=settled) & Q(Exists(images))


def _urgency() -> Any:
    """The most urgent of the steps that the study came of; routine without any."""
    ranks = Case(
        *(When(priority=priority, then=Value(int(urgency))) for priority, urgency in _URGENCIES.items()),
        default=Value(int(Urgency.ROUTINE)),
        output_field=IntegerField(),
    )
    steps = ScheduledStep.objects.filter(study=OuterRef("pk")).exclude(state=StepState.CANCELLED).order_by()
    most = steps.values("study").annotate(most=Min(ranks)).values("most")
    return Coalesce(Subquery(most), Value(int(Urgency.ROUTINE)))


def _due() -> Any:
    whens = (
        When(urgency=int(urgency), then=ExpressionWrapper(F("received_at") + target, DateTimeField()))
        for urgency, target in TARGETS.items()
    )
    return Case(*whens, output_field=DateTimeField())


def wanted(who: Principal, which: str, now: datetime) -> Q:
    """The condition on rows of `waiting` that a list has; none for all of them."""
    mine = Report.objects.filter(pk=OuterRef("report_pk")).filter(
        Q(reader=who.user_id) | Q(reader=None, author=who.user_id)
    )
    return {
        Which.UNREAD.value: Q(report_pk=None),
        Which.MINE.value: Q(Exists(mine)),
        Which.PRELIMINARY.value: Q(Exists(Report.objects.filter(pk=OuterRef("report_pk"), status=Status.PRELIMINARY))),
        Which.OVERDUE.value: Q(due_at__lt=now),
        Which.STAT.value: Q(urgency=int(Urgency.STAT)),
    }.get(which, Q())
