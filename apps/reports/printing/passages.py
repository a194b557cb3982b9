"""What was written: sections, and what each field says, in lines."""

from collections.abc import Iterator
from typing import Final

from apps.reports.content.document import Passage, Statement
from apps.reports.printing.markup import Markup, element

LOWEST_HEADING: Final = 6
# Characters of a paragraph: what breaking one into lines takes grows with its square where it has no spaces.
LONGEST: Final = 2000
_ENDS: Final = " 。\uff0c"


def passage(said: Passage, level: int = 2) -> Markup:
    """A section with its heading of this level (2 to 6), then those below it."""
    return element(
        "section",
        element(f"h{min(level, LOWEST_HEADING)}", said.title),
        *(line for statement in said.statements for line in _lines(statement, said.title)),
        *(passage(below, level + 1) for below in said.passages),
    )


def _lines(said: Statement, title: str) -> Iterator[Markup]:
    """Each line a paragraph, so that pages break between them; the label before a single one, or above several."""
    lines = [piece for line in said.text.expandtabs(4).splitlines() for piece in _pieces(line.rstrip())]
    label = element("b", said.label, class_="label") if said.label and said.label != title else None
    if label and len(lines) > 1:
        yield element("p", label, class_="alone")
        label = None
    for line in lines:
        yield element("p", label, " " if label else None, line, dir="auto", class_=None if line else "gap")


def _pieces(line: str) -> Iterator[str]:
    """A line, or pieces of a very long one: cut behind a space or a stop where there is one."""
    while len(line) > LONGEST:
        end = max(line.rfind(each, 0, LONGEST) for each in _ENDS) + 1 or LONGEST
        yield line[:end]
        line = line[end:]
    yield line
