"""White space as HTML means it: in a line any of it is one space, in a text of several lines the lines count.

A no-break space is a character like others, as French writes it before a colon.
"""

import re
from typing import Final

_SPACE: Final = re.compile(r"[ \t\n\r\f]+")


def one_line(text: str) -> str:
    """The text as a line: without white space around it, and one space for any within."""
    return _SPACE.sub(" ", text).strip(" ")


def lines_of(text: str) -> str:
    """The text in its lines: their ends as LF, without white space after a line, and none around the whole."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip(" \t\f") for line in plain.split("\n")).strip(" \t\f\n")


def is_blank(text: str) -> bool:
    """Whether nothing is to be seen of it, which no-break spaces alone are not."""
    return not text.strip()
