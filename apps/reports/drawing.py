"""Figures and words drawn in a picture: outlined, so that they are seen on black and on white."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from apps.measurements.content.tools import ANGLE, ARROW, COBB_ANGLE

Point = tuple[float, float]

INK: Final = (255, 221, 64)
OUTLINE: Final = (0, 0, 0)
# Parts of a picture's longer side: a line's width, half a cross, an arrow's head, and a letter's height.
_LINE: Final = 1 / 400
_CROSS: Final = 1 / 80
_HEAD: Final = 1 / 50
_LETTER: Final = 1 / 45
# Letters that the font has which comes with Pillow; others are of the fonts that reports are set with.
_BUILT_IN: Final = frozenset((*range(0x20, 0x7F), 0xA9, 0xB0, 0xB1, 0xB4, 0xB7, 0xB9, 0xBB, 0xAB))
_REST: Final = "NotoSansSC_400Regular.ttf"
# By the last letter of each script, in Unicode's order.
_SCRIPTS: Final = (
    (0x058F, "NotoSans_400Regular.ttf"),
    (0x05FF, "NotoSansHebrew_400Regular.ttf"),
    (0x08FF, "NotoSansArabic_400Regular.ttf"),
    (0x097F, "NotoSansDevanagari_400Regular.ttf"),
    (0x0DFF, "NotoSans_400Regular.ttf"),
    (0x0E7F, "NotoSansThai_400Regular.ttf"),
    (0x2E7F, "NotoSans_400Regular.ttf"),
    (0xABFF, _REST),
    (0xD7FF, "NotoSansKR_400Regular.ttf"),
)


class NoFont(Exception):
    """A font that the words need is not there; `name` is its file."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Figure:
    """What is drawn: a graphic type (PS3.3 C.18.6.1.2) with its points in the picture's pixels, with which tool, and
    the lines that stand beside it."""

    graphic_type: str
    points: tuple[Point, ...]
    tool: str = ""
    lines: tuple[str, ...] = ()


def draw(image: Image.Image, figures: Iterable[Figure], fonts: Path) -> Image.Image:
    """The picture in colour with the figures. Raises NoFont."""
    drawn = image.convert("RGB")
    pen = _Pen(drawn)
    every = [each for each in figures if each.points]
    for each in every:
        pen.figure(each)
    for each in every:
        pen.words(each, fonts)
    return drawn


def card(lines: Sequence[str], size: tuple[int, int], fonts: Path) -> Image.Image:
    """A picture of words alone, in place of one that can't be had. Raises NoFont."""
    made = Image.new("RGB", size, (238, 238, 238))
    text = "\n".join(lines)
    font = _font(text, max(size) // 28, fonts)
    ImageDraw.Draw(made).multiline_text(
        (size[0] / 2, size[1] / 2), text, fill=(60, 60, 60), font=font, anchor="mm", align="center"
    )
    return made


class _Pen:
    """Draws lines twice: their outline, then themselves."""

    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image)
        self._size = image.size
        self._side = max(image.size)
        self._width = max(2, round(self._side * _LINE))

    def figure(self, figure: Figure) -> None:
        lines = _outlines(figure, self._side)
        for colour, width in ((OUTLINE, self._width + 4), (INK, self._width)):
            for line in lines:
                self._draw.line(line, fill=colour, width=width, joint="curve")

    def words(self, figure: Figure, fonts: Path) -> None:
        """Below and to the right of the figure's lowest point; within the picture."""
        if not figure.lines:
            return
        text = "\n".join(figure.lines)
        font = _font(text, max(12, round(self._side * _LETTER)), fonts)
        column, row = max(_extent(figure), key=lambda point: point[1])
        place = column + 3 * self._width, row + 3 * self._width
        box = self._draw.multiline_textbbox(place, text, font=font, stroke_width=3)
        shift = (min(0.0, self._size[0] - box[2] - 2), min(0.0, self._size[1] - box[3] - 2))
        place = max(2.0, place[0] + shift[0]), max(2.0, place[1] + shift[1])
        self._draw.multiline_text(place, text, fill=INK, font=font, stroke_width=3, stroke_fill=OUTLINE)


def _outlines(figure: Figure, side: int) -> list[list[Point]]:
    """The lines that a figure consists of."""
    points = list(figure.points)
    match figure.graphic_type:
        case "POINT":
            return _cross(points[0], side * _CROSS)
        case "MULTIPOINT" if figure.tool not in (ANGLE, COBB_ANGLE):
            return [line for point in points for line in _cross(point, side * _CROSS)]
        case "CIRCLE" | "ELLIPSE" if len(points) in (2, 4):
            return [_curve(points)]
    if figure.tool == ARROW and len(points) == 2:
        return [points, *_head(points[0], points[1], side * _HEAD)]
    # Two lines of their own.
    return [points[:2], points[2:]] if figure.tool == COBB_ANGLE and len(points) == 4 else [points]


def _extent(figure: Figure) -> Sequence[Point]:
    is_curve = figure.graphic_type in ("CIRCLE", "ELLIPSE") and len(figure.points) in (2, 4)
    return _curve(list(figure.points)) if is_curve else figure.points


def _cross(point: Point, arm: float) -> list[list[Point]]:
    x, y = point
    return [[(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]]


def _curve(points: list[Point]) -> list[Point]:
    """A circle by its middle and a point on it, or an ellipse by the ends of its axes (C.18.6.1.2)."""
    (x, y), one, other = _axes(points)
    turns = [2 * pi * step / 96 for step in range(97)]
    return [(x + cos(t) * one[0] + sin(t) * other[0], y + cos(t) * one[1] + sin(t) * other[1]) for t in turns]


def _axes(points: list[Point]) -> tuple[Point, Point, Point]:
    """The middle, and half of each axis."""
    if len(points) == 2:
        (x, y), (u, v) = points
        return (x, y), (u - x, v - y), (y - v, u - x)
    (a, b), (c, d), (e, f), (g, h) = points
    return ((a + c) / 2, (b + d) / 2), ((c - a) / 2, (d - b) / 2), ((g - e) / 2, (h - f) / 2)


def _head(tip: Point, end: Point, length: float) -> list[list[Point]]:
    """The two strokes of an arrow's head, 30° to either side of its shaft."""
    along = atan2(end[1] - tip[1], end[0] - tip[0])
    turns = (along - pi / 6, along + pi / 6)
    return [[tip, (tip[0] + length * cos(turn), tip[1] + length * sin(turn))] for turn in turns]


def _font(text: str, size: int, fonts: Path) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """One that has the text's letters: that of the first which the built-in font lacks."""
    foreign = next((ord(letter) for letter in text if ord(letter) not in _BUILT_IN and letter != "\n"), None)
    if foreign is None:
        return ImageFont.load_default(size)
    name = next((name for last, name in _SCRIPTS if foreign <= last), _REST)
    try:
        return ImageFont.truetype(fonts / name, size)
    except OSError as error:
        raise NoFont(name) from error
