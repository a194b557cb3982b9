"""Thumbnails of one size beside each other in one JPEG, with the times that they show."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import orjson
from PIL import Image

COLUMNS: Final = 10
QUALITY: Final = 82


def evenly(duration: float, count: int) -> list[float]:
    """The times (s) in the middle of `count` equal parts of a duration."""
    return [(number + 0.5) * duration / count for number in range(count)]


def sheet(pictures: Sequence[tuple[float, Any]]) -> bytes:
    """The pictures in rows of COLUMNS, each with its time (s): a line of JSON, which says how they lie, then the JPEG.

    All have the size of the first.
    """
    width, height = pictures[0][1].size
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * width, rows * height))
    for number, (_, picture) in enumerate(pictures):
        whole.paste(picture, (number % columns * width, number // columns * height))
    told = {
        "columns": columns,
        "rows": rows,
        "tileWidth": width,
        "tileHeight": height,
        "times": [round(time, 3) for time, _ in pictures],
    }
    return orjson.dumps(told) + b"\n" + jpeg(whole)


def jpeg(picture: Any) -> bytes:
    """A PIL image as JPEG."""
    data = BytesIO()
    picture.save(data, "JPEG", quality=QUALITY)
    return data.getvalue()
