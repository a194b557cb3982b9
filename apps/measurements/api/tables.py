"""Measurements as a table (CSV), for spreadsheets and statistics programs."""

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from apps.audit.export import csv_line, inert
from apps.core.errors import Invalid
from apps.measurements.models import Measurement
from apps.saying import say

# What one file holds at most.
MOST_ROWS: Final = 200_000
ROWS_AT_ONCE: Final = 2000
COLUMNS: Final = (
    "id", "patientId", "studyDate", "studyInstanceUid", "measuredAt", "trackingUid", "tool", "label", "finding", "site",
    "concept", "conceptCode", "derivation", "value", "unit", "seriesInstanceUid", "sopInstanceUid", "frameNumber",
    "segmentNumber", "x", "y", "z", "observer", "isMachineMade", "isVerified", "verifiedBy", "reportSopInstanceUid",
)  # fmt: skip


def table(rows: QuerySet[Measurement]) -> StreamingHttpResponse:
    """A file with a line of names and a line for each row (RFC 4180, UTF-8). Raises Invalid for too many rows."""
    if rows.order_by()[MOST_ROWS : MOST_ROWS + 1].exists():
        raise Invalid(say("These are more than {most} measurements. Narrow the search.", most=MOST_ROWS))
    headers = {"Content-Disposition": 'attachment; filename="measurements.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: QuerySet[Measurement]) -> Iterator[bytes]:
    yield csv_line(list(COLUMNS))
    for row in rows.iterator(ROWS_AT_ONCE):
        yield csv_line([_cell(value) for value in _values(row)])


def _cell(value: object) -> str:
    """Numbers with all of their digits; no text is a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
    return inert(str(value))


def _values(row: Measurement) -> tuple[object, ...]:
    """By the names of `COLUMNS`."""
    study, report = row.study, row.report
    return (
        row.pk, study.patient_identifier, study.study_date, study.study_instance_uid,
        row.measured_at.astimezone(UTC).isoformat(), row.tracking_uid, row.tool, row.label, row.finding.said,
        row.site.said, row.concept.said, row.concept.exact, row.derivation.said, row.value, row.unit_value,
        row.series_instance_uid, row.sop_instance_uid, row.frame_number, row.segment_number, row.x, row.y, row.z,
        report.observer, report.is_machine_made, report.is_verified, report.verified_by,
        report.instance.sop_instance_uid,
    )  # fmt: skip
