"""Documents on paper: what a practice's head is, and the PDF, made in a process of its own."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from apps.accounts.models import Practice
from apps.analysis import folders
from apps.analysis.apart.asking import answer
from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import TooLarge, Unavailable
from apps.core.languages import translated
from apps.jobs.processes.asking import Listen
from apps.reports import addresses
from apps.reports.content.document import Document
from apps.reports.models import Letterhead as Row
from apps.reports.printing import pdf
from apps.reports.printing.charts import watermark
from apps.reports.printing.fonts.folder import COMMAND
from apps.reports.printing.heads import WORDS_ACROSS
from apps.reports.printing.html import html_of
from apps.reports.printing.parts import LOGO, SCHEME, WATERMARK, Letterhead, Picture
from apps.saying import Sentence, say

logger = logging.getLogger(__name__)

FUNCTION: Final = "apps.reports.printing.pdf:pdf"
MEMORY: Final = 3 << 30


def letterhead_of(practice: Practice) -> Letterhead:
    """The head of the practice's reports: as it was set, or its name alone."""
    row = Row.objects.filter(practice=practice).first()
    if row is None:
        return Letterhead(practice.name)
    return Letterhead(
        row.name or practice.name, row.address, row.contact, row.footer, row.colour, has_logo=bool(row.logo)
    )


def head_digest(practice: Practice) -> str:
    """What tells one head of the practice's reports from another, the logo included."""
    row = Row.objects.filter(practice=practice).first()
    logo = hashlib.sha256(bytes(row.logo or b"")).hexdigest() if row else ""
    return f"{letterhead_of(practice)!r} {logo}"


def pdf_of(document: Document, practice: Practice, listen: Listen) -> bytes:
    """A document as a PDF (PDF/A-3b, PDF/UA-1) with its key images, and itself as data within it.

    Takes seconds: for jobs. `listen(done, total)` is told how far it is, and may raise to stop. Raises TooLarge for
    more pages than a report may have, Unavailable where fonts are missing, ApartFailed, OutOfSpace.
    """
    with folders.work() as folder:
        asked = _laid_ready(document, practice, folder)
        try:
            found = answer(FUNCTION, asked, listen, memory=MEMORY)
        except Unanswerable as why:
            raise _refusal(why) from why
        if found["refused"]:
            logger.warning("%d addresses in a report were not followed", found["refused"])
        return (folder / pdf.MADE).read_bytes()


def _laid_ready(document: Document, practice: Practice, folder: Path) -> dict[str, Any]:
    """Put all that the process needs into its folder, and say what is where."""
    head, address = letterhead_of(practice), ""
    if document.signed:
        address = addresses.verification(document.signed.verification)
    pictures, files = _key_images(document, folder)
    with override(document.language):
        page = html_of(document, head, pictures, for_paper=True, verification=address, tell=translated)
        files |= _decoration(document, practice, head, folder)
    (folder / pdf.PAGE).write_text(page, encoding="utf-8")
    (folder / pdf.DOCUMENT).write_text(json.dumps(document.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    made = document.signed.at if document.signed else timezone.now().isoformat()
    return {
        "folder": str(folder), "fonts": str(settings.FONTS), "pictures": files, "code": address, "made": made,
    }  # fmt: skip


def _key_images(document: Document, folder: Path) -> tuple[Sequence[Picture], dict[str, str]]:
    """The key images as files: how the page names them, and what they are called in the folder."""
    from apps.reports.pictures import pictures_of

    shown, files = [], {}
    for number, each in enumerate(pictures_of(document), 1):
        name = f"key-image-{number}"
        files[name] = f"{name}.jpg"
        (folder / files[name]).write_bytes(each.jpeg)
        shown.append(Picture(f"{SCHEME}{name}", each.width, each.height, each.caption, each.alt))
    return shown, files


def _decoration(document: Document, practice: Practice, head: Letterhead, folder: Path) -> dict[str, str]:
    """The logo, and the word across what is not signed."""
    files = {}
    if head.has_logo:
        files[LOGO] = LOGO
        (folder / LOGO).write_bytes(bytes(Row.objects.get(practice=practice).logo or b""))
    if word := WORDS_ACROSS.get(document.status):
        files[WATERMARK] = f"{WATERMARK}.svg"
        (folder / files[WATERMARK]).write_text(watermark(translated(word)), encoding="utf-8")
    return files


def _refusal(why: Unanswerable) -> Exception:
    match why.reason:
        case "fonts":
            return Unavailable(no_fonts(why.values["name"]))
        case "pages":
            return TooLarge(say("The report has {pages} pages; a PDF has at most {most}.", **why.values))
    return TooLarge(say("The report is too long for a PDF."))


def no_fonts(name: str) -> Sentence:
    """What to do where a font is missing."""
    return say(
        "A font that reports are set with is missing ({name}). Type deploy/setup run, or {command}.",
        name=name, command=COMMAND,
    )  # fmt: skip
