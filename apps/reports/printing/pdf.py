"""PDFs by WeasyPrint, in a process of their own: PDF/A-3b and PDF/UA-1 at once.

The process has a folder with what it is handed, and no other way to anything: no address is fetched, and no font taken
but the project's.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from apps.analysis.apart.refusing import Unanswerable
from apps.reports.printing.finishing import finish
from apps.reports.printing.fonts.folder import missing
from apps.reports.printing.legible import legible
from apps.reports.printing.parts import QR_CODE, SCHEME

# The names of the files in the folder.
PAGE: Final = "page.html"
MADE: Final = "report.pdf"
DOCUMENT: Final = "report.json"
DESCRIPTION: Final = "The report as data"
MOST_PAGES: Final = 500
# Of the page's HTML, in characters: three times what a report may hold.
MOST_CHARACTERS: Final = 6 << 20
# Parts of the whole: laid out, and written.
_PARTS: Final = 2


class _Refused(ValueError):
    """An address that is none of what was handed over."""


def pdf(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Set the page that lies in a folder.

    `asked`: `folder` with PAGE, DOCUMENT (attached as the page's source) and pictures; `fonts`, a folder; `pictures`,
    file names by the names that the page calls them (`fovea:name`); `code`, the address for the QR code, or nothing;
    `made`, the moment (ISO 8601) that it is dated. The PDF is MADE, in the folder. Answers `pages` and `refused`, the
    number of addresses that were asked for and not handed over. Raises Unanswerable: `fonts` (missing), `pages` (more
    than MOST_PAGES), `size`.
    """
    folder, fonts = Path(asked["folder"]), Path(asked["fonts"])
    if lacking := missing(fonts):
        raise Unanswerable("fonts", name=lacking[0], count=len(lacking))
    page = (folder / PAGE).read_text(encoding="utf-8")
    if len(page) > MOST_CHARACTERS:
        raise Unanswerable("size")
    _take_only(fonts, folder)
    from weasyprint import HTML, Attachment

    fetcher = _fetcher(folder, asked["pictures"], asked.get("code", ""))
    laid_out = HTML(string=legible(page, fonts), url_fetcher=fetcher, base_url=SCHEME).render()
    if len(laid_out.pages) > MOST_PAGES:
        raise Unanswerable("pages", pages=len(laid_out.pages), most=MOST_PAGES)
    tell(1, _PARTS)
    made = datetime.fromisoformat(asked["made"]).astimezone(UTC)
    source = Attachment(
        string=(folder / DOCUMENT).read_text(encoding="utf-8"), name=DOCUMENT, description=DESCRIPTION, created=made,
        modified=made, relationship="Source", url_fetcher=fetcher,
    )  # fmt: skip
    laid_out.write_pdf(
        folder / MADE, finisher=finish, pdf_variant="pdf/a-3b", pdf_tags=True, pdf_identifier=True,
        output_intent="srgb", attachments=[source],
    )  # fmt: skip
    tell(2, _PARTS)
    return {"pages": len(laid_out.pages), "refused": fetcher.refused}


def code_of(address: str) -> bytes:
    """The QR code of an address (ISO/IEC 18004, error correction M) as a PNG with its quiet zone."""
    import segno

    picture = BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


def _take_only(fonts: Path, folder: Path) -> None:
    """Have fontconfig know no fonts but ours; before it is loaded."""
    configuration = folder / "fonts.conf"
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{fonts}</dir><cachedir>{folder / 'fonts-cache'}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    os.environ["FONTCONFIG_FILE"] = str(configuration)


def _fetcher(folder: Path, pictures: dict[str, str], code: str) -> Any:
    """What WeasyPrint asks for every address: it gets what was handed over by name, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Handed(URLFetcher):
        refused = 0

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            name = url.removeprefix(SCHEME)
            if url.startswith(SCHEME) and name == QR_CODE and code:
                return URLFetcherResponse(url, code_of(code))
            if url.startswith(SCHEME) and name in pictures:
                return URLFetcherResponse(url, (folder / pictures[name]).read_bytes())
            self.refused += 1
            raise _Refused(url)

    return Handed(allowed_protocols=[])
