"""What leaves of a signed report: the sealed PDF, and the objects that it is stored as.

The job may end anywhere, and the next attempt goes on: a PDF that is stored is not made again, the objects' UIDs stand
in the signature's row, and that they are stored is noted, and told, once.
"""

import hashlib
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.archive import retrieve
from apps.archive.models import Instance
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotFound
from apps.dicomweb import documents
from apps.jobs.handle import JobHandle, Progress
from apps.reports import events
from apps.reports.content.document import Document
from apps.reports.models import Signature
from apps.saying import Sentence, say

WHOLE: Final = 100
# Of the whole: where the PDF is made, where it is sealed.
MADE: Final = 70
SEALED: Final = 80
MAKING: Final = say("Making the PDF")
SEALING: Final = say("Sealing the PDF")
STORING: Final = say("Storing the report")
STORED: Final = say("Stored")


def make(handle: JobHandle, pk: int) -> dict[str, Any]:
    """Make, seal and store what leaves of a signature; what came of it.

    Raises NotFound where there is no such signature, and what making, sealing and storing raise.
    """
    rows = Signature.objects.select_related("report__study__practice", "report__study__patient")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(say("There is no such signature."))
    if row.stored_at is None:
        _store(handle, row)
    # Not by `progress`: what is stored is not cancelled any more.
    handle.said = Progress(WHOLE, WHOLE, STORED)
    return {"signature": row.pk, "pdf": row.pdf_instance_uid, "structuredReport": row.sr_instance_uid}


def stored_pdf(signature: Signature) -> bytes | None:
    """The sealed PDF as it is stored; None where it is not, or not any more."""
    stored = _instance(signature)
    if stored is None:
        return None
    part = documents.encapsulated(stored, documents.PDF)
    return b"".join(part.pieces(0, part.size))


def _instance(signature: Signature) -> StoredInstance | None:
    rows = Instance.objects.filter(
        series__study=signature.report.study_id,
        series__series_instance_uid=signature.pdf_series_uid,
        sop_instance_uid=signature.pdf_instance_uid,
    )
    pk = rows.values_list("pk", flat=True).first()
    return retrieve.by_key(pk) if pk else None


def _store(handle: JobHandle, row: Signature) -> None:
    from apps.reports import storing

    pdf = stored_pdf(row) or _sealed(handle, row)
    handle.progress(SEALED, WHOLE, STORING)
    storing.store_outputs(row, pdf, handle)
    _note(row, pdf)


def _sealed(handle: JobHandle, row: Signature) -> bytes:
    from apps.reports import paper, sealing

    practice = row.report.study.practice
    handle.progress(0, WHOLE, MAKING)
    pdf = paper.pdf_of(Document.from_json(row.document), practice, _Telling(handle, MAKING))
    handle.progress(MADE, WHOLE, SEALING)
    return sealing.seal(pdf, practice)


def _note(row: Signature, pdf: bytes) -> None:
    """From now on it is stored, and all who want to know are told: once, by the attempt that notes it."""
    now, digest = timezone.now(), hashlib.sha256(pdf).hexdigest()
    with transaction.atomic():
        noted = Signature.objects.filter(pk=row.pk, stored_at=None).update(stored_at=now, pdf_digest=digest)
        row.stored_at, row.pdf_digest = now, digest
        if noted:
            events.report_signed.send(sender=Signature, signature=row)


class _Telling:
    """Says how far making the PDF is, as a part of the whole. Raises Cancelled and Lost."""

    def __init__(self, handle: JobHandle, text: Sentence) -> None:
        self._handle, self._text = handle, text

    def __call__(self, done: int, total: int) -> None:
        share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        self._handle.progress(int(MADE * share), WHOLE, self._text)
