"""The segmentations of a study as rows: read from the headers in the index alone, and again when they change."""

from typing import Any, Final

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from isal import isal_zlib

from apps.archive.models import Instance
from apps.dicom.attributes import text
from apps.dicom.sr_tree import Code
from apps.segmentation import origins
from apps.segmentation.models import TEXT_LENGTH, Segmentation, SegmentRow
from apps.segmentation.objects.facts import SOP_CLASSES
from apps.segmentation.objects.reading import (
    is_labelmap,
    predecessors_of,
    segments_of,
    source_instances_of,
    source_series_of,
)
from apps.segmentation.objects.segments import Algorithm, Segment

# Raised when the same header is read otherwise.
READER: Final = 1
# Images that are looked for where an object doesn't name the series that it lies over.
MOST_SOURCES: Final = 100
_CONTENT_LABEL, _CONTENT_DESCRIPTION, _SERIES_DESCRIPTION = "00700080", "00700081", "0008103E"


def segmentations() -> QuerySet[Instance]:
    """The objects of the archive that are segmentations."""
    return Instance.objects.filter(sop_class_uid__in=SOP_CLASSES)


def unread(instances: QuerySet[Instance]) -> QuerySet[Instance]:
    """Those of the segmentations that nobody has read as they are now."""
    read = Segmentation.objects.filter(instance=OuterRef("pk"), digest=OuterRef("digest"), reader=READER)
    return instances.filter(sop_class_uid__in=SOP_CLASSES).exclude(Exists(read))


def read_all(instances: QuerySet[Instance]) -> None:
    """Read these segmentations, in the order in which they came; what is deleted meanwhile is not among them."""
    for pk in sorted(instances.values_list("pk", flat=True)):
        _read(pk)


def _read(pk: int) -> None:
    """Two at once do the same work and agree."""
    found = segmentations().filter(pk=pk).defer("found", "frame_index", "bulk_index").select_related("series").first()
    if found is None:
        return
    header = orjson.loads(isal_zlib.decompress(bytes(found.header)))
    told = _told(header, found.series.study_id)
    segments = segments_of(header)
    told |= {"digest": bytes(found.digest), "is_machine_made": any(each.algorithm for each in segments)}
    with transaction.atomic():
        if not Instance.objects.select_for_update(of=("self",)).only("pk").filter(pk=pk).exists():
            return
        row, _ = Segmentation.objects.update_or_create(instance_id=pk, defaults=told)
        row.segments.all().delete()
        SegmentRow.objects.bulk_create(_row(row, segment) for segment in segments)
        origins.note(row, predecessors_of(header, MOST_SOURCES))


def _told(header: dict[str, Any], study: int) -> dict[str, Any]:
    description = text(header, _CONTENT_DESCRIPTION) or text(header, _SERIES_DESCRIPTION)
    return {
        "study_id": study,
        "reader": READER,
        "source_series_uid": source_series_of(header) or _series_of(source_instances_of(header, MOST_SOURCES), study),
        "is_labelmap": is_labelmap(header),
        "label": text(header, _CONTENT_LABEL)[:TEXT_LENGTH],
        "description": description[:TEXT_LENGTH],
    }


def _series_of(sop_uids: list[str], study: int) -> str:
    """The series of the study that has these images; empty where it has none, or several do."""
    images = Instance.objects.filter(series__study=study, sop_instance_uid__in=sop_uids)
    found = set(images.order_by().values_list("series__series_instance_uid", flat=True)[:MOST_SOURCES])
    return found.pop() if len(found) == 1 else ""


def _row(row: Segmentation, segment: Segment) -> SegmentRow:
    return SegmentRow(
        segmentation=row,
        number=segment.number,
        label=segment.label,
        category=_code(segment.category),
        type=_code(segment.type),
        modifier=_code(segment.modifier),
        anatomy=_code(segment.anatomy),
        algorithm=_algorithm(segment.algorithm),
        colour="#{:02x}{:02x}{:02x}".format(*segment.colour),
        tracking_uid=segment.tracking_uid,
        tracking_identifier=segment.tracking_identifier,
    )


def _code(code: Code) -> dict[str, str]:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning} if code else {}


def _algorithm(algorithm: Algorithm | None) -> dict[str, Any] | None:
    if algorithm is None:
        return None
    return {"name": algorithm.name, "version": algorithm.version, "is_automatic": algorithm.is_automatic}
