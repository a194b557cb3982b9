"""What a document refers to: the images that it shows, and the reports that its measurements are from."""

from collections.abc import Iterator

from apps.measurements.writing.documents import Evidence
from apps.reports.content.document import Document
from apps.reports.content.entries import KeyImage


def referred(document: Document) -> list[Evidence]:
    """All of it, each object once. The measurements' reports are of the document's study."""
    return list(dict.fromkeys([*map(evidence_of, document.key_images), *_reports(document)]))


def evidence_of(image: KeyImage) -> Evidence:
    return Evidence(image.study_uid, image.series_uid, image.sop_class_uid, image.sop_instance_uid)


def frame_of(image: KeyImage) -> int:
    """The frame to name; 0, for all of the object, where it may have one alone: then there is none (C.18.4)."""
    return image.frame if image.frame > 1 else 0


def _reports(document: Document) -> Iterator[Evidence]:
    for each in document.measurements:
        if each.report_uid:
            series = each.report_series_uid, each.report_class_uid
            yield Evidence(document.examination.study_uid, *series, each.report_uid)
