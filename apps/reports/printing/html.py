"""A document as a page of HTML: what the PDF is set from, and what a browser shows.

Pure. Every word of the document is escaped, and the page loads nothing but the pictures that it is handed.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from apps.reports.content.document import Document
from apps.reports.printing import heads
from apps.reports.printing.fonts.packages import FAMILIES
from apps.reports.printing.markup import Markup, element, together
from apps.reports.printing.parts import SCHEME, WATERMARK, Letterhead, Picture, Tell
from apps.reports.printing.passages import passage
from apps.reports.printing.signatures import signature
from apps.reports.printing.tables import measurements
from apps.saying import say

_HERE: Final = Path(__file__).parent
LOOK: Final = (_HERE / "look.css").read_text(encoding="utf-8")
PAPER: Final = (_HERE / "paper.css").read_text(encoding="utf-8")
_LOOK_HASH: Final = b64encode(sha256(LOOK.encode()).digest()).decode()
# For pages that are not for paper.
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_LOOK_HASH}'; img-src 'self'; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'"
)
# As BCP 47 writes the languages.
TAGS: Final = {"zh-hans": "zh-Hans"}
SOFTWARE: Final = "Fovea"


def html_of(
    document: Document,
    letterhead: Letterhead,
    pictures: Sequence[Picture],
    *,
    for_paper: bool,
    verification: str = "",
    tell: Tell = str,
) -> str:
    """A document as a page.

    `verification` is the address at which its signature can be verified. `tell` puts a text of the software's own into
    the document's language. For paper it has what stands on every page, and pictures named `fovea:`; otherwise it is
    made for CONTENT_SECURITY_POLICY.
    """
    body = together(
        _running(document, letterhead) if for_paper else None,
        heads.letterhead(letterhead, tell) if for_paper else None,
        element("h1", document.title),
        heads.banner(document, tell),
        heads.subject(document, tell),
        *map(passage, document.passages),
        measurements(document, tell),
        _pictures(pictures, tell),
        signature(document, verification, tell, has_code=for_paper),
    )
    style = Markup(LOOK + (PAPER + _page_style(document, letterhead, tell) if for_paper else ""))
    head = (
        element("meta", charset="utf-8"),
        element("title", f"{document.title} - {letterhead.name}"),
        element("meta", name="author", content=heads.full_name(_author(document))),
        element("meta", name="generator", content=SOFTWARE),
        _dated(document.signed.at) if document.signed else None,
        element("style", style),
    )
    page = element("html", element("head", *head), element("body", element("main", body)), lang=_tag(document))
    return f"<!doctype html>\n{page}\n"


def _dated(at: str) -> Markup:
    """The moment as the information of a PDF holds it, in whole seconds: its metadata say the same then."""
    return element("meta", name="dcterms.created", content=re.sub(r"\.\d+", "", at))


def _tag(document: Document) -> str:
    return TAGS.get(document.language, document.language)


def _author(document: Document) -> str:
    return document.signed.name if document.signed else document.author


def _pictures(pictures: Sequence[Picture], tell: Tell) -> Markup | None:
    if not pictures:
        return None
    return element(
        "section",
        element("h2", tell(say("Key images"))),
        element("div", *(_picture(each, at, tell) for at, each in enumerate(pictures, 1)), class_="pictures"),
    )


def _picture(picture: Picture, number: int, tell: Tell) -> Markup:
    alt = picture.alt or picture.caption or tell(say("Key image {number}", number=number))
    image = element("img", src=picture.address, alt=alt, width=picture.width or None, height=picture.height or None)
    return element("figure", image, element("figcaption", f"{number}. {picture.caption}".strip()))


def _running(document: Document, letterhead: Letterhead) -> Markup:
    """What moves into the margins of the pages."""
    return together(
        element("div", heads.strip(document), class_="strip"),
        element("div", *(element("p", line) for line in letterhead.footer.splitlines()), class_="foot"),
    )


def _page_style(document: Document, letterhead: Letterhead, tell: Tell) -> str:
    """What differs from one document to the next: fonts, colour, the number of the page, the word across it."""
    families = [f'"{each}"' for each in FAMILIES]
    before, _, rest = str(tell(say("Page {page} of {pages}", page="\0", pages="\1"))).partition("\0")
    between, _, after = rest.partition("\1")
    numbers = f"{_quoted(before)} counter(page) {_quoted(between)} counter(pages) {_quoted(after)}"
    word = heads.WORDS_ACROSS.get(document.status)
    across = f"background: url({SCHEME}{WATERMARK}) no-repeat 0 0 / 210mm 297mm;" if word else ""
    running = _quoted(f"{tell(word)} · " if word else "")
    return (
        f":root {{ --accent: {letterhead.colour}; }}\n"
        f"html {{ font-family: {', '.join(families)}; }}\n"
        f"@page {{ {across} @bottom-right {{ content: {running} {numbers}; }} }}\n"
    )


def _quoted(said: str) -> str:
    """A text as a string of CSS, that can't end the style either."""
    return '"' + "".join(each if each.isalnum() or each in " .,:/-" else f"\\{ord(each):x} " for each in said) + '"'
