"""What a field in a table is called: by the row that it stands in, and by the column's title."""

from collections.abc import Mapping

from apps.reports.mrrt.fields import kind_of
from apps.reports.mrrt.markup import Element, text_of
from apps.reports.mrrt.rules import clean_label

_CELLS = ("td", "th")


def has_field(element: Element) -> bool:
    """Whether something is entered in it, or below it."""
    return any(kind_of(each) is not None for each in element.iter("input", "select", "textarea"))


def has_structure(element: Element) -> bool:
    """Whether sections or tables lie in it: then a table is there for the looks."""
    return any(each is not element for each in element.iter("section", "table"))


def cell_labels(table: Element) -> Mapping[Element, str]:
    """What the cells with fields are called, for those whose row or column says it."""
    rows = [[cell for cell in row if cell.tag in _CELLS] for row in table.iter("tr")]
    titles = [clean_label(text_of(cell)) for cell in rows[0]] if rows and not any(map(has_field, rows[0])) else []
    return {cell: label for row in rows for cell, label in _row(row, titles) if label}


def _row(row: list[Element], titles: list[str]) -> list[tuple[Element, str]]:
    first = clean_label(text_of(row[0])) if row and not has_field(row[0]) else ""
    found = []
    for number, cell in enumerate(row):
        if has_field(cell):
            title = titles[number] if number < len(titles) else ""
            found.append((cell, ", ".join(each for each in (first, title) if each)))
    return found
