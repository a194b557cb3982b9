"""Reports of the tests' CT that somebody has signed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.measurements.reports import reading_of
from apps.reports.content.document import Document
from apps.reports.models import Report, Signature, Status
from tests import dicoms
from tests.measurements.measured import length, report, store
from tests.reports.drafts import made
from tests.reports.objects.documents import DOCUMENT, LENGTH, SLICE

PDF = b"%PDF-1.7\n%%EOF\n"


def study_of(practice: Practice) -> Study:
    """Three slices, and a report of measurements of them that has been read."""
    for series in store(practice, *dicoms.ct_series(3), report(length())):
        reading_of(series)
    return Study.objects.get(practice=practice)


def report_of(study: Study, **columns: Any) -> Report:
    return Report.objects.create(
        study=study, version=made.template(study.practice), changed_at=timezone.now(), **columns
    )


def document_of(written: Report, number: int = 1, **changes: Any) -> Document:
    """What the report says: the measurement of its study, and one key image."""
    assert DOCUMENT.signed is not None
    table = (replace(LENGTH, report_uid=f"{dicoms.STUDY_UID}.9.1.1", report_series_uid=f"{dicoms.STUDY_UID}.9.1"),)
    signed = replace(DOCUMENT.signed, number=number)
    status = "amended" if number > 1 else "final"
    return replace(
        DOCUMENT, **{
            "measurements": table, "key_images": (SLICE,), "report_id": written.pk, "signed": signed, "status": status,
            **changes,
        }
    )  # fmt: skip


def sign(written: Report, number: int = 1, **changes: Any) -> Signature:
    """A signature of the report; the series of what it stores are the report's."""
    document = document_of(written, number, **changes)
    written.status = Status.AMENDED if number > 1 else Status.FINAL
    written.save(update_fields=["status"])
    return Signature.objects.create(
        report=written, number=number, document=document.as_json(), digest=document.digest(), name="Sign^Ada^^Dr",
        signed_at=timezone.now() + timedelta(seconds=number), verification=f"secret-{written.pk}-{number}",
        pdf_series_uid=dicoms.uid(7, 2), pdf_instance_uid=dicoms.uid(7, 2, number), sr_series_uid=dicoms.uid(7, 1),
        sr_instance_uid=dicoms.uid(7, 1, number),
    )  # fmt: skip
