"""The reports of a series read into rows: once a study has settled or somebody asks, again when the series changes."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Any, Final

import orjson
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from isal import isal_zlib

from apps.archive.models import TEXT_LENGTH, UID_LENGTH, Instance, Series
from apps.core.errors import NotFound
from apps.dicom.attributes import Attributes, items, text
from apps.measurements.content.groups import Report
from apps.measurements.content.reading import report_of
from apps.measurements.images import Images
from apps.measurements.models import Measurement, MeasurementReport, Predecessor, Reading
from apps.measurements.rows import Context, rows_of
from apps.saying import say
from apps.worklist.moments import moment

# Raised when what is read from the same report becomes another.
READER: Final = 2
# Every structured report (PS3.4 B.5); Key Object Selections, which are of them, measure nothing.
REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
# Of one series.
MOST_REPORTS: Final = 1000
MOST_PREDECESSORS: Final = 100
ROWS_AT_ONCE: Final = 500
FIRST_YEAR, LAST_YEAR = 1895, 2999
_CONTENT_DATE, _CONTENT_TIME, _OFFSET = "00080023", "00080033", "00080201"
_PREDECESSORS: Final = "0040A360"


def reading_of(series: Series) -> Reading:
    """The reading of the series as it is now, which is made where there is none. Raises NotFound for one that is gone.

    Reports whose bytes were read before keep their rows, and so do those that say the same in other words.
    """
    current = Reading.objects.filter(series=series.pk, version=F("series__version"), reader=READER)
    return current.first() or _read(series.pk)


def placed_again(series: Series) -> Reading:
    """The same; what measures in images that had not come by then is read anew. Raises NotFound."""
    reading = reading_of(series)
    has_unplaced = MeasurementReport.objects.filter(instance__series=series.pk, unplaced__gt=0).exists()
    return _read(series.pk) if has_unplaced else reading


def with_reports(many: QuerySet[Series]) -> QuerySet[Series]:
    """Those of the series that have structured reports."""
    return many.filter(Exists(Instance.objects.filter(series=OuterRef("pk"), sop_class_uid__startswith=REPORTS)))


def unread(many: QuerySet[Series]) -> QuerySet[Series]:
    """Those of the series that have reports which nobody has read as they are now."""
    read = Reading.objects.filter(series=OuterRef("pk"), version=OuterRef("version"), reader=READER)
    return with_reports(many).exclude(Exists(read))


def read_all(many: QuerySet[Series]) -> None:
    """Read the reports of these series; what is deleted meanwhile is not among them."""
    for series in many:
        with suppress(NotFound):
            reading_of(series)


def _read(series_pk: int) -> Reading:
    """Two at once do the same work and agree: what is of an older version than is there is not written."""
    series = Series.objects.select_related("study").filter(pk=series_pk).first()
    if series is None:
        raise _gone()
    with transaction.atomic():
        if not Series.objects.select_for_update().filter(pk=series_pk).exists():
            raise _gone()
        known = Reading.objects.filter(series=series).first()
        if known is not None and known.version > series.version:
            return known
        for instance in _reports(series):
            _read_report(series, instance)
        reading, _ = Reading.objects.update_or_create(
            series=series, defaults={"version": series.version, "reader": READER}
        )
    return reading


def _reports(series: Series) -> Iterator[Instance]:
    """The reports of the series but for those that were read as they are now, with all images in which they measure."""
    read = MeasurementReport.objects.filter(instance__series=series, reader=READER, unplaced=0)
    digests = {pk: bytes(digest) for pk, digest in read.values_list("instance", "digest")}
    reports = series.instances.filter(sop_class_uid__startswith=REPORTS).order_by("pk")
    for pk, digest in reports.values_list("pk", "digest")[:MOST_REPORTS]:
        if digests.get(pk) != bytes(digest):
            yield Instance.objects.defer("found", "frame_index", "bulk_index").get(pk=pk)


def _read_report(series: Series, instance: Instance) -> None:
    """Write the rows of one report; none where it measures nothing, or nothing itself."""
    header = orjson.loads(isal_zlib.decompress(instance.header))
    report = report_of(header)
    if report is None or not report.groups or report.is_quotation:
        MeasurementReport.objects.filter(instance=instance).delete()
        return
    images = Images(series.study, header, report)
    row = _report_row(series, instance, header, report, images.missing)
    context = Context(row.content_at, images.series_of, images.locate)
    _write([each for each in rows_of(row, report, context) if isfinite(each.value)], row)


def _report_row(
    series: Series, instance: Instance, header: Attributes, report: Report, unplaced: int
) -> MeasurementReport:
    told = {
        "study_id": series.study_id,
        "digest": bytes(instance.digest),
        "reader": READER,
        "title": report.title.said[:TEXT_LENGTH],
        "observer": report.observer[:TEXT_LENGTH],
        "is_machine_made": report.is_machine_made,
        "is_verified": report.is_verified,
        "verified_by": report.verified_by[:TEXT_LENGTH],
        "unplaced": unplaced,
        "content_at": _content_at(header) or instance.received_at,
    }
    row, _ = MeasurementReport.objects.update_or_create(instance=instance, defaults=told)
    named = dict.fromkeys(uid[:UID_LENGTH] for uid in _predecessors(header))
    row.predecessors.exclude(sop_instance_uid__in=named).delete()
    new = [Predecessor(report=row, sop_instance_uid=uid) for uid in named]
    Predecessor.objects.bulk_create(new, ignore_conflicts=True)
    return row


def _write(rows: list[Measurement], report: MeasurementReport) -> None:
    """Rows of the same place keep their keys; those of places that there are no longer go."""
    there = {(group, number): pk for pk, group, number in report.measurements.values_list("pk", "group", "number")}
    gone = sorted(there.keys() - {(row.group, row.number) for row in rows})
    for start in range(0, len(gone), ROWS_AT_ONCE):
        Measurement.objects.filter(pk__in=[there[each] for each in gone[start : start + ROWS_AT_ONCE]]).delete()
    Measurement.objects.bulk_create(
        rows, ROWS_AT_ONCE, update_conflicts=True, unique_fields=["report", "group", "number"], update_fields=_COLUMNS
    )


def _content_at(header: Attributes) -> datetime | None:
    """When the report's content was made (PS3.3 C.17.2); None where it has no date that could be."""
    day, time, offset = (text(header, tag) for tag in (_CONTENT_DATE, _CONTENT_TIME, _OFFSET))
    if not day:
        return None
    written = (day + time + offset, day + time, day)
    found = next(filter(None, map(moment, written)), None)
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _predecessors(header: Attributes) -> Iterator[str]:
    """The SOP Instance UIDs of Predecessor Documents Sequence."""
    named = (
        text(reference, "00081155")
        for study in items(header, _PREDECESSORS)
        for series in items(study, "00081115")
        for reference in items(series, "00081199")
    )
    return (uid for uid, _ in zip(filter(None, named), range(MOST_PREDECESSORS), strict=False))


def _gone() -> NotFound:
    return NotFound(say("There is no such study or series."))


_COLUMNS: Final[list[Any]] = [
    field.attname
    for field in Measurement._meta.concrete_fields  # noqa: SLF001 - documented API of Django
    if field.name not in {"id", "report", "group", "number"}
]
