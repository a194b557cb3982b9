"""Which files earlier imports have finished, so that an import that was interrupted goes on where it was.

A file counts as the same while its path, size and time of change are. The ledger only saves work: what it says is
checked against the archive, and storing a file again does no harm.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from apps.core.errors import Unavailable
from apps.saying import say
from apps.uploads.entries import Place

NAME: Final = "imports.sqlite3"
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=20000")
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS finished (
        practice INTEGER, path BLOB, size INTEGER, modified_ns INTEGER, study TEXT, instance TEXT,
        PRIMARY KEY (practice, path)
    ) WITHOUT ROWID
"""
_LOOK_UP: Final = (
    "SELECT study, instance FROM finished WHERE practice = ? AND path = ? AND size = ? AND modified_ns = ?"
)
_ENTER: Final = "INSERT OR REPLACE INTO finished VALUES (?, ?, ?, ?, ?, ?)"

Uids = tuple[str, str]


class Ledger:
    """The finished files of one practice. Use it as a context."""

    def __init__(self, data: Path, practice_id: int) -> None:
        self._practice_id = practice_id
        self._file = data / NAME
        self._connection = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def look_up(self, place: Place) -> Uids | None:
        """The Study and SOP Instance UID that this file was stored as; None if it is not finished."""
        key = (self._practice_id, place.key, place.size, place.modified_ns)
        with closing(self._connection.execute(_LOOK_UP, key)) as cursor:
            row: Uids | None = cursor.fetchone()
        return row

    def enter(self, finished: Iterable[tuple[Place, Uids]]) -> None:
        """Note these files as finished, together."""
        rows = [(self._practice_id, place.key, place.size, place.modified_ns, *uids) for place, uids in finished]
        with self._connection:
            self._connection.executemany(_ENTER, rows)

    def _connected(self) -> sqlite3.Connection:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._file)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(_TABLE)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(
                say(
                    "The list of finished files, {file}, can't be used. Remove it, or import with --no-resume.",
                    file=self._file,
                )
            ) from error
        return connection
