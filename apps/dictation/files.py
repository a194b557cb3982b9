"""Where sounds wait to be listened to: files below `FOVEA_DATA/dictation`, under names that nobody chose."""

import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.archive.objects import disk_errors
from apps.archive.storage import staging

ROOT: Final = "dictation"
# Those that no job took are gone after so long.
KEPT_SECONDS: Final = 3600


def keep(pieces: Iterable[bytes]) -> str:
    """Keep a sound; the name that it is found by. Raises OutOfSpace, Unavailable, and what `pieces` raises."""
    staging().check_space()
    name = secrets.token_hex(16)
    try:
        path_of(name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path_of(name).touch(mode=0o600, exist_ok=False)
        _write(path_of(name), pieces)
    except OSError as error:
        discard(name)
        raise disk_errors(error) from error
    except BaseException:
        discard(name)
        raise
    return name


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def path_of(name: str) -> Path:
    """The file of a sound, by the name that `keep` gave."""
    root: Path = settings.DATA / ROOT
    return root / name


def discard(name: str) -> None:
    """Nothing is left of the sound."""
    if name:
        path_of(name).unlink(missing_ok=True)


def sweep() -> None:
    """Remove the sounds that no job has taken."""
    root, oldest = path_of(""), time.time() - KEPT_SECONDS
    for path in root.iterdir() if root.exists() else ():
        # Its job may just have ended.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
