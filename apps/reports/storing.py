"""Putting a signed report into the archive: as a structured report, as its PDF, and as a selection of its key images.

All of it goes in together or not at all. Its UIDs follow from the signature, so that a second attempt replaces what the
first has stored; what earlier signatures have stored stays, and is named as what came before.
"""

from collections.abc import Iterator
from typing import Final

from apps.analysis.uids import uid
from apps.archive.models import Instance
from apps.archive.outcomes import DuplicatePolicy, Origin, Status
from apps.archive.store import Batch
from apps.core.errors import Conflict
from apps.dicom.attributes import Attributes
from apps.jobs.handle import JobHandle
from apps.lesions.objects import header_of
from apps.measurements.writing.documents import Evidence, ReportSeries
from apps.measurements.writing.sr import COMPREHENSIVE
from apps.reports.content.document import Document
from apps.reports.models import Signature
from apps.reports.objects import encapsulated, kos, sr
from apps.reports.objects.referring import referred

WAY: Final = "reports"
# Of the study, that the report names as read.
MOST_EVIDENCE: Final = 20_000
# Series numbers, above those of devices and of analyses.
SR_NUMBER, PDF_NUMBER, KEY_IMAGES_NUMBER = 9500, 9501, 9502


def store_outputs(signature: Signature, pdf: bytes, handle: JobHandle) -> list[str]:
    """Store what a signature has made; the SOP Instance UIDs, the structured report's first.

    Raises NotFound where the study has no object left, Conflict for what the archive doesn't take, OutOfSpace and
    Unavailable, and what `handle` raises when the job is another worker's.
    """
    files = list(_files(signature, pdf))
    handle.check()
    with Batch(_origin(signature), DuplicatePolicy.OVERWRITE, is_held=True) as batch:
        for file in files:
            batch.receive([file])
        outcomes = batch.commit()
    for outcome in outcomes:
        if outcome.status is Status.REFUSED:
            raise Conflict(outcome.reason)
    return [outcome.sop_instance_uid for outcome in outcomes]


def _files(signature: Signature, pdf: bytes) -> Iterator[bytes]:
    document, header = Document.from_json(signature.document), header_of(signature.report.study)
    before = signature.report.signatures.filter(number__lt=signature.number).order_by("-number").first()
    yield _structured(signature, before, document, header)
    yield _encapsulated(signature, before, document, header, pdf)
    selection = kos.selection(document, header, series=_key_images(signature, document))
    if selection is not None:
        yield selection


def _structured(signature: Signature, before: Signature | None, document: Document, header: Attributes) -> bytes:
    names = signature.sr_series_uid, signature.sr_instance_uid
    predecessors = []
    if before is not None:
        earlier = before.sr_series_uid, COMPREHENSIVE, before.sr_instance_uid
        predecessors.append(Evidence(document.examination.study_uid, *earlier))
    series = ReportSeries(*names, document.title, SR_NUMBER)
    return sr.report_sr(document, header, series=series, evidence=_evidence(signature), predecessors=predecessors)


def _encapsulated(
    signature: Signature, before: Signature | None, document: Document, header: Attributes, pdf: bytes
) -> bytes:
    predecessors = []
    if before is not None:
        earlier = before.pdf_series_uid, encapsulated.SOP_CLASS, before.pdf_instance_uid
        predecessors.append(Evidence(document.examination.study_uid, *earlier))
    return encapsulated.encapsulated_pdf(
        pdf,
        document,
        header,
        series=ReportSeries(signature.pdf_series_uid, signature.pdf_instance_uid, document.title, PDF_NUMBER),
        sources=referred(document),
        predecessors=predecessors,
    )


def _key_images(signature: Signature, document: Document) -> ReportSeries:
    """Its names follow from the structured report's."""
    names = uid(signature.sr_series_uid, "key images series"), uid(signature.sr_instance_uid, "key images")
    return ReportSeries(*names, document.title, KEY_IMAGES_NUMBER)


def _evidence(signature: Signature) -> list[Evidence]:
    """What the study had when it was signed, but for what reports have stored."""
    rows = Instance.objects.filter(series__study=signature.report.study_id, received_at__lte=signature.signed_at)
    named = rows.exclude(source=WAY).order_by("series", "instance_number", "pk").values_list(
        "series__study__study_instance_uid", "series__series_instance_uid", "sop_class_uid", "sop_instance_uid"
    )  # fmt: skip
    return [Evidence(*names) for names in named[:MOST_EVIDENCE]]


def _origin(signature: Signature) -> Origin:
    signer = signature.signed_by
    actor = signer.get_username() if signer else signature.name
    return Origin(WAY, signature.report.study.practice_id, actor, user_id=signature.signed_by_id)
