"""`?fields=id,familyName`: an answer with these fields alone."""

from typing import Any, Final

from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

NAME: Final = "fields"
MOST_CHARACTERS: Final = 2000


def choose(response: Response, asked: str) -> None:
    """Leave of an answer, or of each row of a page, the fields that were asked for. Raises ValidationError."""
    data = response.data
    is_page = isinstance(data, dict) and isinstance(data.get("results"), list)
    rows = data["results"] if is_page else data
    wanted = [name.strip() for name in asked[:MOST_CHARACTERS].split(",") if name.strip()]
    unknown = [name for name in wanted if name not in _known(rows, wanted)]
    if unknown or not wanted:
        raise ValidationError(
            {
                NAME: [
                    gettext("There is no such field: %(names)s") % {"names": ", ".join(unknown)}
                    if unknown
                    else gettext("Name some.")
                ]
            }
        )
    chosen = [_of(row, wanted) for row in rows] if isinstance(rows, list) else _of(rows, wanted)
    response.data = {**data, "results": chosen} if is_page else chosen


def _known(rows: Any, wanted: list[str]) -> set[str]:
    """The fields that rows like these may have; where nothing tells it, whatever is wanted."""
    serializer = getattr(rows, "serializer", None)
    fields = getattr(getattr(serializer, "child", serializer), "fields", None)
    if fields is not None:
        return set(fields)
    several = rows if isinstance(rows, list) else [rows]
    return {name for row in several if isinstance(row, dict) for name in row} or set(wanted)


def _of(row: Any, wanted: list[str]) -> Any:
    return {name: row[name] for name in wanted if name in row} if isinstance(row, dict) else row
