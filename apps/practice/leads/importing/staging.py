"""Where a table waits for its job, or for somebody to confirm it: a file below `FOVEA_DATA/tables`, for some hours."""

import hmac
import re
import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.archive.objects import disk_errors
from apps.archive.storage import staging
from apps.core.errors import Conflict
from apps.saying import say

ROOT: Final = "tables"
KEPT_SECONDS: Final = 6 * 3600
GONE: Final = say("The table is not here any more: it waits for some hours only. Send it again.")
_NAME: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")


def keep(data: bytes, owner: int) -> str:
    """Keep a table for a user; the name that it is found by. Raises OutOfSpace and Unavailable."""
    staging().check_space()
    number = secrets.token_hex(16)
    name = f"{number}-{_mark(number, owner)}"
    try:
        _root().mkdir(parents=True, exist_ok=True, mode=0o700)
        path = _root() / name
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    except OSError as error:
        raise disk_errors(error) from error
    return name


def read(name: str, owner: int) -> bytes:
    """The table that this user has left. Raises Conflict where it is gone, or another one's."""
    number, _, mark = name.partition("-")
    if not _NAME.fullmatch(name) or not hmac.compare_digest(mark, _mark(number, owner)):
        raise Conflict(GONE)
    try:
        return (_root() / name).read_bytes()
    except FileNotFoundError as error:
        raise Conflict(GONE) from error


def discard(name: str) -> None:
    """Nothing is left of the table."""
    if _NAME.fullmatch(name):
        (_root() / name).unlink(missing_ok=True)


def on_minute(**_: object) -> None:
    """Remove the tables that nobody has confirmed."""
    oldest = time.time() - KEPT_SECONDS
    for path in _root().iterdir() if _root().exists() else ():
        try:
            is_old = path.stat().st_mtime < oldest
        except FileNotFoundError:  # its job has just ended
            continue
        if is_old:
            path.unlink(missing_ok=True)


def _root() -> Path:
    root: Path = settings.DATA / ROOT
    return root


def _mark(number: str, owner: int) -> str:
    """What ties the table to its owner."""
    return hmac.new(settings.SECRET_KEY.encode(), f"tables {number} {owner}".encode(), sha256).hexdigest()[:16]
