"""The table of what was measured, and the curves below it."""

from typing import Final

from apps.dicom.spoken import spoken_date
from apps.reports.content.document import Document, Measured
from apps.reports.printing.charts import said_value, trend
from apps.reports.printing.markup import Markup, element, together
from apps.reports.printing.parts import Tell
from apps.saying import say

# Curves take room; whoever wants more of them looks at the page of the study.
MOST_CURVES: Final = 12
TITLE: Final = say("Measurements")
COLUMNS: Final = (say("Measurement"), say("Value"), say("Previous value"), say("Change since then"))
UNVERIFIED: Final = say("* Worked out by software; nobody has verified it.")


def measurements(document: Document, tell: Tell) -> Markup | None:
    """The table with its heading, notes and curves; None where nothing was measured."""
    rows = document.measurements
    if not rows:
        return None
    head = element("tr", *(element("th", tell(each), scope="col") for each in COLUMNS))
    note = element("p", tell(UNVERIFIED), class_="note") if not all(row.is_verified for row in rows) else None
    return element(
        "section",
        element("h2", tell(TITLE)),
        element("table", element("thead", head), element("tbody", *map(_row, rows)), class_="measurements"),
        note,
        _curves(document, tell),
    )


def _row(row: Measured) -> Markup:
    last = row.earlier[-1] if row.earlier else None
    past = f"{said_value(last.value, row.unit.value)} ({spoken_date(last.date)})" if last else ""
    change = "" if row.change is None else f"{row.change:+.0f} %"
    mark = "" if row.is_verified else " *"
    return element(
        "tr",
        element("th", _label(row), scope="row"),
        element("td", said_value(row.value, row.unit.value) + mark, class_="number"),
        element("td", past, class_="number"),
        element("td", change, class_="number"),
    )


def _label(row: Measured) -> Markup:
    """What was measured, and below it where: what the label doesn't say anyway."""
    more = [each.said for each in (row.finding, row.site, row.derivation) if each.said and each.said not in row.label]
    return together(row.label or row.concept.said, element("span", ", ".join(more), class_="more") if more else None)


def _curves(document: Document, tell: Tell) -> Markup | None:
    rows = [row for row in document.measurements if row.earlier][:MOST_CURVES]
    date = document.examination.date
    return element("div", *(trend(row, date, tell) for row in rows), class_="trends") if rows else None
