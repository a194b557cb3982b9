"""What of a file is left out when it is read, told to whoever brings it. None of it is ever shown or run."""

from collections.abc import Iterator, Mapping
from typing import Final

from apps.reports.mrrt import limits
from apps.reports.mrrt.errors import Problem
from apps.reports.mrrt.markup import Element
from apps.saying import Sentence, say

_PAGES: Final = say("A page, a program or a form of somebody else's is left out.")
_PICTURES: Final = say("A picture, sound or film is left out.")
_STYLES: Final = say("A style is left out: reports look as the practice's letterhead says.")
_SCRIPTS: Final = say("A script is left out: it never runs.")
_HANDLERS: Final = say("Something that would run a script is left out.")
_LINKS: Final = say("A link is left out; its text stays.")
_MERGED: Final = say("A field says that something is merged into it, but not in words known here (data-fovea-fill).")

_ELEMENTS: Final[Mapping[str, Sentence]] = {
    **dict.fromkeys(("style", "link"), _STYLES),
    **dict.fromkeys(("iframe", "frame", "object", "embed", "applet", "base", "form"), _PAGES),
    **dict.fromkeys(("img", "picture", "svg", "canvas", "audio", "video"), _PICTURES),
    "a": _LINKS,
}
XML: Final = "text/xml"


def left_out(root: Element) -> tuple[Problem, ...]:
    """What is left out of a document, each kind of thing once, with the line where it is first."""
    first: dict[str, Problem] = {}
    for element in root.iter():
        for text in _of(element):
            first.setdefault(text, Problem(text, element.sourceline))
    return tuple(first.values())[: limits.TOLD]


def is_coded_content(script: Element) -> bool:
    """Whether a script is the one that holds MRRT's coded content."""
    return bool(script.get("type", "").strip().lower() == XML)


def _of(element: Element) -> Iterator[Sentence]:
    if element.tag == "script" and not is_coded_content(element):
        yield _SCRIPTS
    if element.tag in _ELEMENTS:
        yield _ELEMENTS[element.tag]
    if "style" in element.attrib:
        yield _STYLES
    if any(name.lower().startswith("on") for name in element.attrib):
        yield _HANDLERS
    is_merged = element.get("data-field-merge-flag", "").lower() in ("true", "y", "yes", "1")
    if is_merged and not element.get("data-fovea-fill"):
        yield _MERGED
