"""Says at every start which of the site's secrets and data other users of the machine can read (Django's checks)."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def exposed_files(**_: Any) -> list[checks.CheckMessage]:
    """One warning for each file or folder. A container's secrets are often made readable by all on purpose."""
    return [
        checks.Warning(
            f"{name} can be read by every user of this machine.",
            hint=f"Type: chmod o= {path}",
            id="fovea.W001",
        )
        for name, path in (*_secret_files(), *_data())
        if _is_exposed(path)
    ]


def _secret_files() -> Iterator[tuple[str, Path]]:
    for name, value in os.environ.items():
        if name.startswith("FOVEA_") and name.endswith("_FILE") and value:
            yield f"The file that {name} names", Path(value)


def _data() -> Iterator[tuple[str, Path]]:
    """The folder of patients' data, unless others find nothing open in it."""
    if any(_is_exposed(settings.DATA / name) for name in ("fovea.sqlite3", "objects", "cache", "incoming")):
        yield "FOVEA_DATA, with patients' data in it,", settings.DATA


def _is_exposed(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH))
