"""Slides of a report: its key images, what was written and what was measured, as a PowerPoint file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import override

from apps.accounts.principal import Principal
from apps.analysis import folders
from apps.analysis.apart.asking import answer
from apps.core.languages import translated
from apps.jobs.handle import JobHandle
from apps.jobs.processes.asking import Listen
from apps.reports import keeping
from apps.reports.content.document import Document
from apps.reports.documents import document_of
from apps.reports.models import Report
from apps.reports.previewing import made, name_of
from apps.reports.printing import slides
from apps.reports.printing.decks import anonymous, deck_of, without_names
from apps.reports.printing.parts import Picture
from apps.reports.reaching import reads_signed_only
from apps.saying import say

SLIDES: Final = "report-slides"
FUNCTION: Final = "apps.reports.printing.slides:slides"
MEMORY: Final = 1 << 30
MAKING: Final = say("Making the slides")


def presented(who: Principal, report: Report, *, is_anonymous: bool) -> bytes:
    """Slides of what the caller may read of the report. Raises NotAcceptable and Unavailable, as `previewing.preview`
    does."""
    number = _number(who, report)
    document = _document(report, number)
    parameters = {"report": report.pk, "signature": number, "anonymous": is_anonymous}
    name = name_of(report, document, "pptx", also=f"{number} {is_anonymous}")
    return made(SLIDES, parameters, name, report.study.practice_id)


def make(handle: JobHandle, report: int, signature: int, name: str, *, is_anonymous: bool) -> dict[str, Any]:
    """The work of the job: `size` in bytes."""
    row = Report.objects.with_study().filter(pk=report).first()
    if row is None:
        return {"size": 0}
    document = _document(row, signature)
    data = keeping.kept(name) or slides_of(
        document, lambda done, total: handle.progress(done, total or None, MAKING), is_anonymous=is_anonymous
    )
    keeping.keep(name, data)
    return {"size": len(data)}


def slides_of(document: Document, listen: Listen, *, is_anonymous: bool) -> bytes:
    """A document as a PowerPoint file. Takes seconds: for jobs. Raises ApartFailed, OutOfSpace, and what `listen`
    raises."""
    with folders.work() as folder:
        pictures = _pictures(document, folder)
        if is_anonymous:
            pictures = [replace(each, caption=without_names(document, each.caption), alt="") for each in pictures]
            document = anonymous(document)
        with override(document.language):
            deck = deck_of(document, pictures, translated)
        (folder / slides.DECK).write_text(json.dumps(deck.as_json()), encoding="utf-8")
        answer(FUNCTION, {"folder": str(folder), "made": timezone.now().isoformat()}, listen, memory=MEMORY)
        return (folder / slides.MADE).read_bytes()


def _number(who: Principal, report: Report) -> int:
    """Of the signature that they read; 0 for what is being written."""
    if report.is_open and not reads_signed_only(who, report):
        return 0
    return report.signatures.latest("number").number


def _document(report: Report, signature: int) -> Document:
    if signature:
        return Document.from_json(report.signatures.get(number=signature).document)
    return document_of(report)


def _pictures(document: Document, folder: Path) -> list[Picture]:
    """The key images as files, named by their addresses."""
    from apps.reports.pictures import pictures_of

    shown = []
    for number, each in enumerate(pictures_of(document), 1):
        name = f"key-image-{number}.jpg"
        (folder / name).write_bytes(each.jpeg)
        shown.append(Picture(name, each.width, each.height, each.caption, each.alt))
    return shown
