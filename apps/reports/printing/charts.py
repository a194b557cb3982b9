"""Drawings in SVG: how a measurement has changed, and the word across the pages of what is not signed."""

from collections.abc import Sequence
from typing import Final

from apps.dicom.spoken import spoken_date
from apps.measurements.content.units import unit_words
from apps.reports.content.document import Measured, Past
from apps.reports.printing.markup import Markup, element
from apps.reports.printing.parts import Tell
from apps.saying import say

WIDTH: Final = 240
HEIGHT: Final = 110
# Around the curve: room for the values, and for the dates below.
SIDE: Final = 30
TOP: Final = 30
BOTTOM: Final = 30
TODAY: Final = say("now")
# As attributes: a page's style sheet does not reach into drawings on paper.
_COLOUR: Final = "#1f4e79"
_TEXT: Final[dict[str, str | int]] = {"font_size": 9, "fill": "#333333", "text_anchor": "middle"}


def number(value: float) -> str:
    """A value as it is printed: seven digits at most, and an exponent only where zeros would hide what it is."""
    short = f"{value:.7g}"
    is_plain = "e" not in short or 1e-6 <= abs(value) < 1e7
    return f"{float(short):.12f}".rstrip("0").rstrip(".") if is_plain else short


def said_value(value: float, unit: str) -> str:
    """A value with its unit (UCUM), such as `12.5 mm`; one without a unit is a number."""
    words = unit_words(unit)
    return f"{number(value)}{'' if words in ('', '°') else ' '}{words}"


def trend(measured: Measured, date: str, tell: Tell) -> Markup:
    """The curve of a measurement with its earlier values; `date` (DA) is that of the last one. Its title says in words
    what it shows."""
    points = [*measured.earlier, Past(date, measured.value)]
    spots = _spots([point.value for point in points])
    unit = unit_words(measured.unit.value)
    said = ", ".join(f"{spoken_date(each.date)}: {said_value(each.value, measured.unit.value)}" for each in points)
    heading = f"{measured.label} ({unit})" if unit else measured.label
    curve = " ".join(f"{x:g},{y:g}" for x, y in spots)
    return element(
        "svg",
        element("title", f"{measured.label}: {said}"),
        element("text", heading, x=WIDTH // 2, y=12, font_weight="bold", **_TEXT),
        element("polyline", points=curve, fill="none", stroke=_COLOUR, stroke_width="1.25"),
        *(element("circle", cx=f"{x:g}", cy=f"{y:g}", r="2.5", fill=_COLOUR) for x, y in spots),
        *_labels(points, spots, tell),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        class_="trend",
    )


def watermark(word: str) -> Markup:
    """A word across an A4 page (in mm), faint, so that nobody takes the page for a signed one."""
    return element(
        "svg",
        element(
            "text", word, x=105, y=160, transform="rotate(-55 105 148)", text_anchor="middle", font_size=34,
            font_weight="bold", font_family="Noto Sans, Noto Sans SC", fill="#f1e3e3",
        ),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 210 297",
        width="210mm",
        height="297mm",
    )  # fmt: skip


def _labels(points: Sequence[Past], spots: Sequence[tuple[float, float]], tell: Tell) -> list[Markup]:
    """The values of the first, the last and the outermost points, and the first and the last date."""
    values = [point.value for point in points]
    shown = sorted({0, len(values) - 1, values.index(min(values)), values.index(max(values))})
    dates = ((spots[0][0], spoken_date(points[0].date)), (spots[-1][0], spoken_date(points[-1].date) or tell(TODAY)))
    return [
        *(_label(number(values[at]), spots[at][0], spots[at][1] - 6) for at in shown),
        *(_label(said, x, HEIGHT - 8) for x, said in dates),
    ]


def _label(said: str, x: float, y: float) -> Markup:
    return element("text", said, x=f"{x:g}", y=f"{y:g}", **_TEXT)


def _spots(values: Sequence[float]) -> list[tuple[float, float]]:
    """Where the values stand, one beside the other at equal steps, the largest at the top."""
    lowest, highest = min(values), max(values)
    span = highest - lowest or 1.0
    step = (WIDTH - 2 * SIDE) / max(len(values) - 1, 1)
    height = HEIGHT - TOP - BOTTOM
    return [(SIDE + at * step, TOP + (highest - value) / span * height) for at, value in enumerate(values)]
