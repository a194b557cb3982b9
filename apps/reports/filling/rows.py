"""The rows of measurements that a report can be filled in with: those that count, each thing once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.db.models import Prefetch

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Series, Study
from apps.dicom.sr_tree import Code
from apps.measurements.models import Measurement, MeasurementQuerySet, MeasurementReport
from apps.measurements.reports import read_all, unread

# Of one study; those that were measured first are left out.
MOST_ROWS: Final = 2000
# Series of reports that are read before an answer; jobs read the others.
MOST_READ: Final = 100
# What is measured, how it was worked out, and its unit.
What = tuple[str, ...]
_LONG: Final = (
    "digest", "instance__found", "instance__header", "instance__frame_index", "instance__bulk_index",
    "instance__digest", "instance__series__found",
)  # fmt: skip


def rows_of(study: Study, who: Principal) -> Sequence[Measurement]:
    """What was measured in the study and counts (`MeasurementQuerySet.current`), newest first, once its reports that
    have come are read. What was measured again of the same thing is there once, as it was measured last."""
    read_all(unread(Series.objects.visible_to(who, Permission.VIEW).filter(study=study.pk)).defer("found")[:MOST_READ])
    return list(_newest_of_each(counting(who).filter(study=study.pk).order_by("-measured_at", "-pk")[:MOST_ROWS]))


def counting(who: Principal) -> MeasurementQuerySet:
    """The measurements that count of what the principal sees, with their reports and without what is long."""
    seen = Measurement.objects.visible_to(who, Permission.VIEW).current().defer("coordinates", "evaluations")
    # Hundreds are of a few reports: each is read once.
    reports = MeasurementReport.objects.select_related("instance__series").defer(*_LONG)
    return seen.prefetch_related(Prefetch("report", reports))


def what_of(row: Measurement) -> What:
    """What tells values apart that are of the same thing."""
    return (
        row.concept_scheme, row.concept_value, row.derivation_scheme, row.derivation_value, row.unit_value,
    )  # fmt: skip


def is_same(code: Code, value: str, scheme: str) -> bool:
    """Whether a code is that one; meanings differ."""
    return code.value == value and code.scheme == scheme


def stands(row: Measurement) -> bool:
    """Whether somebody stands for it: who has verified it, or measured it."""
    return row.report.is_verified or not row.report.is_machine_made


def _newest_of_each(rows: Iterable[Measurement]) -> Iterator[Measurement]:
    seen: set[tuple[str, What]] = set()
    for row in rows:
        key = row.tracking_uid, what_of(row)
        if not row.tracking_uid or key not in seen:
            seen.add(key)
            yield row
