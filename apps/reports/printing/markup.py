"""HTML and SVG put together out of elements: whatever is no element is a text, and escaped."""

import re
from html import escape
from typing import Final

from apps.dicom.spoken import unturned

# What XML and HTML can't hold: controls but for tabs and ends of lines, halves of pairs, and what is no character.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID: Final = frozenset({"meta", "link", "img", "br"})

Piece = str | None


class Markup(str):
    """HTML that is meant to be."""

    __slots__ = ()


def text(said: str) -> str:
    """A text without what HTML can't hold and what would turn the text behind it about."""
    return unturned(_UNWRITABLE.sub("", said))


def element(tag: str, *content: Piece, **attributes: str | int | None) -> Markup:
    """An element; None is left out, of its content and of its attributes. `class_` stands for `class`, and other
    underscores for hyphens."""
    head = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(text(str(value)))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{head}>")
    return Markup(f"<{tag}{head}>{together(*content)}</{tag}>")


def together(*content: Piece) -> Markup:
    """Elements and texts one behind the other."""
    return Markup("".join(each if isinstance(each, Markup) else escape(text(each)) for each in content if each))
