"""Measurements as a report's table shows them, with their earlier values."""

from collections.abc import Iterable, Sequence

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.measurements.models import Measurement
from apps.reports.content.document import Measured, Past
from apps.reports.filling.histories import change_since, histories_of
from apps.reports.filling.rows import counting


def measured_of(study: Study, pks: Sequence[int], who: Principal) -> tuple[Measured, ...]:
    """The lines of the study's measurements with these keys, in this order; those that no longer count are left out."""
    found = counting(who).filter(study=study.pk).in_bulk(list(pks)) if pks else {}
    return measured([found[pk] for pk in pks if pk in found], study, who)


def measured(rows: Iterable[Measurement], study: Study, who: Principal) -> tuple[Measured, ...]:
    """A line for each row of the study, in the order of the rows, with what the principal sees of earlier values."""
    kept = list(rows)
    histories = histories_of(kept, study, who)
    return tuple(line_of(row, histories.get(row.pk, ())) for row in kept)


def line_of(row: Measurement, earlier: tuple[Past, ...] = ()) -> Measured:
    """A row as a line. The label is whatever names it first: a person's word, the finding, or the site."""
    instance = row.report.instance
    return Measured(
        label=row.label or row.finding.said or row.site.said,
        concept=row.concept,
        value=row.value,
        unit=row.unit,
        derivation=row.derivation,
        finding=row.finding,
        site=row.site,
        tracking_uid=row.tracking_uid,
        tracking_identifier=row.tracking_identifier,
        is_verified=row.report.is_verified,
        earlier=earlier,
        change=change_since(row.value, earlier),
        report_uid=instance.sop_instance_uid,
        report_class_uid=instance.sop_class_uid,
        report_series_uid=instance.series.series_instance_uid,
        group=row.group,
        number=row.number,
    )
