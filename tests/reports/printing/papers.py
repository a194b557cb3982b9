"""Documents laid ready for the process that prints them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.reports.content.document import Document
from apps.reports.printing import pdf
from apps.reports.printing.charts import watermark
from apps.reports.printing.html import html_of
from apps.reports.printing.parts import LOGO, SCHEME, WATERMARK, Letterhead, Picture, Tell
from tests.reports.printing import documents

HEAD = Letterhead(
    "Praxis Lindenhof", "Lindenweg 4\n8001 Zürich", "Tel. +41 44 000 00 00", "Praxis Lindenhof, Zürich", has_logo=True
)
IMAGES = (documents.picture(), documents.picture(480, 640))
MADE = "2026-11-02T14:05:09+01:00"


def document_of(which: str) -> Document:
    """The document of a language; `draft` is one that isn't signed."""
    return documents.document(status="draft") if which == "draft" else documents.document(which)


def laid_ready(
    made: Document, folder: Path, fonts: Path, images: Sequence[bytes] = (), tell: Tell = str
) -> dict[str, Any]:
    """The files of a document and its key images (JPEG) in the folder, and what is asked of the process."""
    files = {LOGO: "logo.jpg", WATERMARK: "watermark.svg"}
    (folder / files[LOGO]).write_bytes(documents.logo())
    (folder / files[WATERMARK]).write_text(watermark("DRAFT"))
    pictures = []
    for number, image in enumerate(images):
        files[f"key-image-{number}"] = f"{number}.jpg"
        (folder / f"{number}.jpg").write_bytes(image)
        pictures.append(Picture(f"{SCHEME}key-image-{number}", 0, 0, f"Axial {number}", f"Axial CT image {number}"))
    address = documents.ADDRESS if made.signed else ""
    page = html_of(made, HEAD, pictures, for_paper=True, verification=address, tell=tell)
    (folder / pdf.PAGE).write_text(page, encoding="utf-8")
    (folder / pdf.DOCUMENT).write_text(json.dumps(made.as_json()), encoding="utf-8")
    return {"folder": str(folder), "fonts": str(fonts), "pictures": files, "code": address, "made": MADE}
