"""Folders where files wait for a job: each below `FOVEA_DATA/<root>`, under a name that nobody chose.

Nothing that a caller wrote names anything on the disk.
"""

import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings

from apps.archive.objects import disk_errors
from apps.archive.storage import staging


class WaitingFolder:
    """One of them, by its name. Each use has a `root` of its own."""

    root: ClassVar[str]

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: Path = settings.DATA / self.root / name

    @classmethod
    def new(cls) -> Self:
        """Raises OutOfSpace and Unavailable."""
        folder = cls(secrets.token_hex(16))
        staging().check_space()
        try:
            folder.path.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise disk_errors(error) from error
        return folder

    @classmethod
    def left_behind(cls, hours: int) -> Iterator[Self]:
        """Those in which nothing has been made or removed for so long."""
        root = settings.DATA / cls.root
        oldest = time.time() - 3600 * hours
        for path in root.iterdir() if root.exists() else ():
            try:
                is_old = path.stat().st_mtime < oldest
            except FileNotFoundError:  # its job has just ended
                continue
            if is_old:
                yield cls(path.name)

    def discard(self) -> None:
        """Nothing is left of it."""
        shutil.rmtree(self.path, ignore_errors=True)
