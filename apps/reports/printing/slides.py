"""Slides as a PowerPoint file (ISO/IEC 29500) by python-pptx, in a process of its own."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

# The names of the files in the folder.
DECK: Final = "deck.json"
MADE: Final = "slides.pptx"
SOFTWARE: Final = "Fovea"
# 16:9, in inches, and the room that stays around what is on a slide.
WIDTH: Final = 13.333
HEIGHT: Final = 7.5
SIDE: Final = 0.6
TOP: Final = 1.3
# Of python-pptx's own template: the layouts with a title and a subtitle, a title and a text, a title alone.
_TITLE, _TEXT, _TITLE_ONLY = 0, 1, 5
_BODY: Final = 1


def slides(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Write the deck (`decks.Deck` as JSON) that lies in a folder as a PowerPoint file.

    `asked`: `folder` with DECK and its pictures (JPEG); `made`, the moment (ISO 8601) that it is dated. The file is
    MADE. Answers the number of `slides`.
    """
    from pptx import Presentation
    from pptx.util import Inches

    folder = Path(asked["folder"])
    deck = json.loads((folder / DECK).read_text(encoding="utf-8"))
    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDTH), Inches(HEIGHT)
    properties = show.core_properties
    properties.title, properties.author = deck["title"], SOFTWARE
    properties.last_modified_by = SOFTWARE
    properties.created = properties.modified = datetime.fromisoformat(asked["made"])
    _front(show, deck)
    for number, slide in enumerate(deck["slides"], 1):
        _slide(show, slide, folder)
        tell(number, len(deck["slides"]))
    show.save(str(folder / MADE))
    return {"slides": len(deck["slides"]) + 1}


def _front(show: Any, deck: dict[str, Any]) -> None:
    slide = show.slides.add_slide(show.slide_layouts[_TITLE])
    _place(slide.shapes.title, 2.2, 1.4)
    slide.shapes.title.text = deck["title"]
    body = slide.placeholders[_BODY]
    _place(body, 3.8, 2.4)
    body.text = "\n".join(deck["lines"])


def _slide(show: Any, said: dict[str, Any], folder: Path) -> None:
    layout = _TEXT if said["lines"] else _TITLE_ONLY
    slide = show.slides.add_slide(show.slide_layouts[layout])
    _place(slide.shapes.title, 0.3, 0.9)
    slide.shapes.title.text = said["title"]
    _size(slide.shapes.title, 28)
    if said["lines"]:
        body = slide.placeholders[_BODY]
        _place(body, TOP, HEIGHT - TOP - SIDE)
        body.text = "\n".join(said["lines"])
        _size(body, 18)
    if said["rows"]:
        _table(slide, said["rows"])
    if said["picture"]:
        _picture(slide, folder / said["picture"], said["alt"])


def _place(shape: Any, top: float, height: float) -> None:
    """Across the slide: the template's own places are those of another format."""
    from pptx.util import Inches

    shape.left, shape.top, shape.width = Inches(SIDE), Inches(top), Inches(WIDTH - 2 * SIDE)
    shape.height = Inches(height)


def _size(shape: Any, points: int) -> None:
    from pptx.util import Pt

    for paragraph in shape.text_frame.paragraphs:
        paragraph.font.size = Pt(points)


def _table(slide: Any, rows: list[list[str]]) -> None:
    from pptx.util import Inches

    place = (Inches(SIDE), Inches(TOP), Inches(WIDTH - 2 * SIDE), Inches(0.45 * len(rows)))
    table = slide.shapes.add_table(len(rows), len(rows[0]), *place).table
    for at, row in enumerate(rows):
        for column, said in enumerate(row):
            table.cell(at, column).text = said


def _picture(slide: Any, path: Path, alt: str) -> None:
    """As large as fits below the title, in the middle."""
    from pptx.util import Inches

    picture = slide.shapes.add_picture(str(path), 0, 0)
    room = (Inches(WIDTH - 2 * SIDE), Inches(HEIGHT - TOP - SIDE / 2))
    scale = min(room[0] / picture.width, room[1] / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture.left = (Inches(WIDTH) - picture.width) // 2
    picture.top = Inches(TOP)
    # What it shows, for who can't see it (ISO/IEC 29500-1, 20.1.2.2.8).
    picture._element.nvPicPr.cNvPr.set("descr", alt)  # noqa: SLF001 -- python-pptx has no other way
