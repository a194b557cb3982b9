"""A structured report as a web page (PS3.18 8.7.4, text/html): no scripts, and nothing loaded but previews."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from apps.dicom.attributes import Attributes
from apps.dicom.sr_head import head_lines
from apps.dicom.sr_tree import CONTAINER, Code, Item, Reference, content_tree

# The address of an object or frame without its last word (rendered, thumbnail); None where it isn't known.
Locate = Callable[[Reference], str | None]

# Each preview is a request: a key object note of a whole series shows its first images, and links to all.
MAX_PREVIEWS: Final = 60
_MAX_HEADING: Final = 6
STYLE: Final = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' data:; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'"
)


def report_page(attributes: Attributes, locate: Locate) -> str:
    """Return a report as a page of HTML; all that comes from the object is escaped.

    Images that the report refers to are shown small and lead to `locate(reference)/rendered`. The page is made for
    CONTENT_SECURITY_POLICY.
    """
    root = content_tree(attributes)
    title = escape(root.name.said or "Structured report")
    body = "".join(_Page(locate).section_content(root, 2))
    lines = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(said)}</dd></div>" for label, said in head_lines(attributes)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><header><h1>{title}</h1><dl>{lines}</dl></header>{body}</main></body></html>\n"
    )


class _Page:
    """Writes items, and counts the previews."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._previews = MAX_PREVIEWS

    def section_content(self, container: Item, level: int) -> Iterator[str]:
        """A container's items in their order: those that say something as lists, containers as sections."""
        is_open = False
        for item in container.items:
            is_section = item.value_type == CONTAINER
            if is_open == is_section:
                yield "</ul>" if is_open else "<ul>"
                is_open = not is_open
            yield from self._section(item, level) if is_section else self._line(item, level)
        if is_open:
            yield "</ul>"

    def _section(self, item: Item, level: int) -> Iterator[str]:
        heading = f"h{min(level, _MAX_HEADING)}"
        yield f"<section><{heading}>{escape(item.name.said or 'Section')}</{heading}>"
        yield from self._images(item)
        yield from self.section_content(item, level + 1)
        yield "</section>"

    def _line(self, item: Item, level: int) -> Iterator[str]:
        name = escape(item.name.said)
        yield f'<li><span class="name" title="{escape(item.name.exact)}">{name}</span>' if name else "<li>"
        yield _value(item)
        yield from self._images(item)
        yield from self.section_content(item, level)
        yield "</li>"

    def _images(self, item: Item) -> Iterator[str]:
        if item.references:
            yield '<div class="images">'
            yield from map(self._image, item.references)
            yield "</div>"

    def _image(self, reference: Reference) -> str:
        frames = f", frame {', '.join(map(str, reference.frames))}" if reference.frames else ""
        label = escape(f"{reference.sop_instance_uid}{frames}")
        address = self._locate(reference)
        if address is None:
            return f'<span class="code">{label}</span>'
        address = escape(address)
        self._previews -= 1
        shown = (
            f'<img src="{address}/thumbnail" alt="Not in this archive, or not yours" title="{label}" loading="lazy">'
        )
        return f'<a href="{address}/rendered">{shown if self._previews >= 0 else label}</a>'


def _value(item: Item) -> str:
    if item.value_type == "NUM":
        return f'<span class="value number">{escape(item.value)}</span> {_units(item.units)}'
    said = f'<span class="value">{escape(item.value)}</span>' if item.value else ""
    return f'{said}<span class="code">{escape(item.code.exact)}</span>' if item.code else said


def _units(units: Code) -> str:
    """The units as UCUM writes them; what they mean, where nobody reads that (`1`, `{ratio}`, `[hnsf'U]`)."""
    is_odd = units.value.startswith(("1", "{", "["))
    said = (units.meaning if is_odd else units.value) or units.said
    return f'<span title="{escape(units.meaning)}">{escape(said)}</span>'
