"""JSON files of a bundle, read with bounds; pure."""

import json
from pathlib import Path
from typing import Any, Final

from apps.saying import say
from apps.segmentation.bundles.faults import Faulty

MOST_BYTES: Final = 1 << 20


def document(folder: Path, name: str) -> dict[str, Any]:
    """The JSON object in `folder/name`. Raises Faulty."""
    try:
        with (folder / name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Faulty(say("{file} can't be read.", file=name)) from error
    if len(data) > MOST_BYTES:
        raise Faulty(say("{file} is too large.", file=name))
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Faulty(say("{file} is not JSON.", file=name)) from error
    if not isinstance(found, dict):
        raise Faulty(say("{file} is not a JSON object.", file=name))
    return found
