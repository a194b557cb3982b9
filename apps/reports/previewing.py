"""PDFs of reports that aren't signed yet, and slides: made by a job, and waited for by whoever asked."""

import hashlib
from typing import Any, Final

from apps.core.errors import NotAcceptable, Unavailable
from apps.core.version import VERSION
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job, Parameters, State
from apps.jobs.queue import enqueue
from apps.reports import keeping, paper
from apps.reports.content.document import Document
from apps.reports.documents import document_of
from apps.reports.models import Report
from apps.reports.waiting import waited_for
from apps.saying import say

PREVIEW: Final = "report-preview"
MAKING: Final = say("Making the PDF")


def preview(report: Report) -> bytes:
    """What the report says now as a PDF that is marked as a draft, or as preliminary.

    Raises NotAcceptable where it can't be made, and Unavailable when it takes longer than anybody waits: it is there
    soon after.
    """
    document = document_of(report)
    return made(PREVIEW, {"report": report.pk}, name_of(report, document, "pdf"), report.study.practice_id)


def make(handle: JobHandle, report: int, name: str) -> dict[str, Any]:
    """The work of the job: `size` in bytes. What was written meanwhile is in it too."""
    row = Report.objects.with_study().filter(pk=report).first()
    if row is None:
        return {"size": 0}
    data = keeping.kept(name) or paper.pdf_of(
        document_of(row), row.study.practice, lambda done, total: handle.progress(done, total or None, MAKING)
    )
    keeping.keep(name, data)
    return {"size": len(data)}


def name_of(report: Report, document: Document, kind: str, *, also: str = "") -> str:
    """The name of a file that follows from all that it is made of: the document, the practice's head, the software."""
    head = paper.head_digest(report.study.practice)
    of = "\n".join((document.digest(), document.status, head, VERSION, also))
    return f"{report.pk}-{hashlib.sha256(of.encode()).hexdigest()[:40]}.{kind}"


def made(kind: str, parameters: Parameters, name: str, practice: int) -> bytes:
    """What a job of this kind keeps under the name, as soon as it is there. Raises NotAcceptable and Unavailable."""
    data = keeping.kept(name)
    if data is not None:
        return data
    job = enqueue(kind, {**parameters, "name": name}, practice=practice, key=name)
    found = waited_for(lambda: _made_by(job, name))
    if found is None:
        raise Unavailable(_not_yet())
    return found


def _made_by(job: Job, name: str) -> bytes | None:
    data = keeping.kept(name)
    if data is None:
        state, error = Job.objects.values_list("state", "error").get(pk=job.pk)
        if state in (State.FAILED, State.CANCELLED):
            raise NotAcceptable(say("This can't be made of the report: {error}", error=error))
    return data


def _not_yet() -> str:
    return say("It is being made. Ask for it again in a moment.")
