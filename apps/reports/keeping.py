"""Files that were made of reports for who looks at them: kept for a while, within a bound, and made again at need.

They lie in `data/cache/reports/`, each under a name that follows from what is in it.
"""

import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.archive.objects import disk_errors

SECONDS: Final = 3600
MOST_BYTES: Final = 256 << 20


def folder() -> Path:
    """The folder of the cache."""
    path: Path = settings.DATA / "cache" / "reports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def kept(name: str) -> bytes | None:
    """What is kept under this name."""
    with suppress(FileNotFoundError):
        return (folder() / name).read_bytes()
    return None


def keep(name: str, data: bytes) -> None:
    """Keep it: whole, or not at all. Raises OutOfSpace and Unavailable."""
    path = folder() / name
    new = path.with_name(f".{secrets.token_hex(8)}")
    try:
        new.write_bytes(data)
        new.rename(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise disk_errors(error) from error


def on_minute(**_: Any) -> None:
    """Remove what is an hour old, and of the rest the oldest that don't fit."""
    oldest, taken = time.time() - SECONDS, 0
    for written, size, path in sorted(_all_kept(), reverse=True):
        taken += size
        if written < oldest or taken > MOST_BYTES:
            path.unlink(missing_ok=True)


def _all_kept() -> list[tuple[float, int, Path]]:
    found = []
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    return found
