"""HTML and what stands in its scripts as a tree of elements, whoever wrote it.

By libxml2 (lxml): its tokenizer is HTML5's, it tells the line of each element, takes what is not well-formed as
browsers do, looks up nothing, knows no entity but HTML's own characters, and its time and memory are bounded by the
length and a depth of 256. (The parser of the standard library takes minutes for a few hundred KiB of `<!--`; html5lib
tells no lines and goes through all open elements again and again.)
"""

import unicodedata
from typing import Any, Final

from lxml import etree

from apps.reports.mrrt import limits
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.saying import say

Element = Any

# lxml's error for a document nested deeper than it reads.
_TOO_DEEP: Final = "ERR_RESOURCE_LIMIT"


def tree_of(source: str) -> Element:
    """The root of a document's elements. Raises BadTemplate for what is too large, too deep, or no text."""
    _check(source)
    parser, root = _parsed(source)
    if any(error.type_name == _TOO_DEEP for error in parser.error_log):
        raise BadTemplate(Problem(say("The elements are nested too deep.")))
    if root is None:
        raise BadTemplate(Problem(say("There is nothing in it.")))
    return root


def fragment_of(text: str) -> Element | None:
    """The root of the elements in a piece of a document that `tree_of` has read; None where there are none."""
    return _parsed(text)[1]


def text_of(element: Element) -> str:
    """All text in an element, as it stands; what is in scripts and styles is none."""
    return "".join(_texts(element))


def _texts(element: Element) -> list[str]:
    found = [element.text or ""]
    for below in element:
        if below.tag not in ("script", "style"):
            found += _texts(below)
        found.append(below.tail or "")
    return found


def _parsed(source: str) -> tuple[Any, Element | None]:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    return parser, etree.fromstring(source.encode(), parser) if source.strip() else None


def _check(source: str) -> None:
    if len(source) > limits.SOURCE_BYTES or len(source.encode(errors="surrogatepass")) > limits.SOURCE_BYTES:
        most = limits.SOURCE_BYTES // 1024
        raise BadTemplate(Problem(say("The template is larger than {most} KiB.", most=most)))
    for number, line in enumerate(source.split("\n"), start=1):
        if any(map(is_control, line)):
            raise BadTemplate(Problem(say("There is a control character in it, or one that is none."), number))


def is_control(character: str) -> bool:
    """Whether a character has no place in a text: control characters but tabs and the ends of lines, and halves of
    characters and others that Unicode keeps free."""
    if character < "\x7f":
        return character < " " and character not in "\t\n\r\f"
    return unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE
