"""Pictures of a printed report in each language, as docs/report-pdf.md shows them, made anew:
`python -m tests.reports.printing.pages FOLDER`."""

import os
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

import django

# Pixels of a page, and what it measures in points.
WIDTH: Final = 640
PAPER: Final = 595
SLICE: Final = 104
LANGUAGES: Final = ("en", "fr", "es", "zh-hans")


def main(into: Path) -> None:
    """Print each language's document with two slices of the head, and keep its pages side by side."""
    os.environ.setdefault("FOVEA_SECRET_KEY", "not-used-here")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    into.mkdir(parents=True, exist_ok=True)
    images = [_image(SLICE), _image(SLICE + 20)]
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            _page(language, images, Path(folder)).save(into / f"report-{language}.webp", "WEBP", quality=80)


def _page(language: str, images: list[bytes], folder: Path):  # type: ignore[no-untyped-def] # Pillow's image
    from django.conf import settings
    from django.utils.translation import override
    from PIL import Image
    from pypdfium2 import PdfDocument

    from apps.core.languages import translated
    from apps.reports.printing import pdf
    from tests.reports.printing import documents, papers

    with override(language):
        asked = papers.laid_ready(documents.document(language), folder, settings.FONTS, images, tell=translated)
    pdf.pdf(asked, lambda done, total: None)
    with PdfDocument(folder / pdf.MADE) as opened:
        shown = [opened[at].render(scale=WIDTH / PAPER).to_pil() for at in range(len(opened))]
    both = Image.new("RGB", (sum(each.width for each in shown), shown[0].height))
    for at, each in enumerate(shown):
        both.paste(each, (at * each.width, 0))
    return both


def _image(number: int) -> bytes:
    """A slice of the head in the window of the brain, as a JPEG."""
    from itertools import islice

    import numpy as np
    import pydicom
    from PIL import Image

    from apps.archive.phantom import slices

    (file,) = islice(slices(), number, number + 1)
    dataset = pydicom.dcmread(BytesIO(file))
    hounsfield = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    shown = np.clip((hounsfield + 20) / 120 * 255, 0, 255).astype(np.uint8)
    data = BytesIO()
    Image.fromarray(shown).resize((800, 800), Image.Resampling.BICUBIC).save(data, "JPEG", quality=90)
    return data.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
