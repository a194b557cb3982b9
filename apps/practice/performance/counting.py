"""What came, what went wrong and what is kept: each a query that counts, whatever the number of rows."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from apps.archive.models import Quarantined, Study
from apps.core import metrics
from apps.practice.models import BatchFile, FileOutcome, XRay
from apps.practice.performance.figures import Cache, Day, Errors, Jobs, Kept, Sending, rate
from apps.practice.performance.span import Span
from apps.remotes.models import Remote
from apps.routing import outbox
from apps.routing.alarms.models import Alarm

UNKNOWN: Final = "unknown"
_Arrived = dict[tuple[date, int], tuple[int, int, int]]


def arrived(span: Span) -> _Arrived:
    """Studies, instances and bytes by the day that the study came, and by practice; one query."""
    rows = _came(Study.objects.all(), span).annotate(day=TruncDate("received_at"))
    counted = rows.values_list("day", "practice").annotate(Count("pk"), Sum("instance_count"), Sum("size"))
    return {(day, practice): (studies, instances, size) for day, practice, studies, instances, size in counted}


def days(span: Span, studies: _Arrived) -> list[Day]:
    """What came on each day; one query."""
    rows = _came(XRay.objects.all(), span).annotate(day=TruncDate("received_at"))
    doors: dict[date, Counter[str]] = defaultdict(Counter)
    modalities: dict[date, Counter[str]] = defaultdict(Counter)
    for day, door, modality, count in rows.values_list("day", "source", "modality").annotate(Count("pk")):
        doors[day][door or UNKNOWN] += count
        modalities[day][modality or UNKNOWN] += count
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (day, _), values in studies.items():
        sums[day] = [total + value for total, value in zip(sums[day], values, strict=True)]
    return [Day(day, doors[day].total(), dict(doors[day]), dict(modalities[day]), *sums[day]) for day in span.days]


def storage(span: Span, studies: _Arrived) -> list[Kept]:
    """What each practice has, the largest first; one query."""
    grown: Counter[int] = Counter()
    for (_, practice), (_, _, size) in studies.items():
        grown[practice] += size
    rows = _within(Study.objects.all(), span).values("practice", "practice__name")
    kept = rows.annotate(studies=Count("pk"), instances=Sum("instance_count"), bytes=Sum("size")).order_by("-bytes")
    return [
        Kept(name=row.pop("practice__name"), bytes_per_day=grown[row["practice"]] // len(span.days), **row)
        for row in kept
    ]


def errors(span: Span, jobs: list[Jobs]) -> Errors:
    """What went wrong; two queries."""
    files = BatchFile.objects.order_by().filter(batch__created_at__gte=span.start, batch__created_at__lt=span.end)
    if span.practices is not None:
        files = files.filter(batch__practice__in=span.practices)
    counted = files.aggregate(all=Count("pk"), refused=Count("pk", filter=Q(outcome=FileOutcome.REFUSED)))
    failed, ended = sum(each.failed for each in jobs), sum(each.done + each.failed for each in jobs)
    return Errors(
        ended,
        failed,
        rate(failed, ended),
        sum(each.retries for each in jobs),
        counted["all"],
        counted["refused"],
        rate(counted["refused"], counted["all"]),
        _came(Quarantined.objects.all(), span).count(),
    )


def sending(span: Span) -> Sending:
    """How the outbox stands now; two or three queries."""
    alarms, remotes = Alarm.objects.filter(ended_at=None), None
    if span.practices is not None:
        alarms = alarms.filter(practice__in=span.practices)
        remotes = list(Remote.objects.filter(practice__in=span.practices).values_list("pk", flat=True))
    counts = outbox.counts(remotes)
    return Sending(
        sum(each.waiting + each.sending for each in counts), sum(each.failed for each in counts), alarms.count()
    )


def caches() -> list[Cache]:
    """What the processes of this machine have counted since they started, of all practices together."""
    reads = metrics.cache_reads()
    found = []
    for name in sorted({name for name, _ in reads}):
        ready = reads.get((name, "ready"), 0)
        total = ready + reads.get((name, "made"), 0)
        found.append(Cache(name, total, ready, rate(ready, total)))
    return found


def _came(rows: QuerySet[Any], span: Span) -> QuerySet[Any]:
    return _within(rows, span).filter(received_at__gte=span.start, received_at__lt=span.end)


def _within(rows: QuerySet[Any], span: Span) -> QuerySet[Any]:
    rows = rows.order_by()
    return rows if span.practices is None else rows.filter(practice__in=span.practices)
