"""Reading files and members of archives: with one kind of error, and against a budget of unpacked bytes."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from apps.saying import say
from apps.uploads.entries import Broken

PIECE: Final = 1 << 20
FREE_UNPACKED: Final = 1 << 30
RATIO: Final = 200


class Budget:
    """How much may come out of one archive on disk, over all its levels: `RATIO` times its size, but 1 GiB freely."""

    def __init__(self, packed: int) -> None:
        self.left = max(FREE_UNPACKED, RATIO * packed)

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Broken(say("The archive unpacks to far more than its size: it looks like a bomb."))


class Source:
    """A file, or a member of an archive, that is read forward. Raises Broken, and nothing else, when it can't be."""

    def __init__(self, stream: IO[bytes], budget: Budget | None = None) -> None:
        self.stream = stream
        self.budget = budget

    def read(self, size: int) -> bytes:
        try:
            data = self.stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Broken(say("It can't be unpacked: the archive is damaged here.")) from error
        except OSError as error:
            raise Broken(say("It can't be read: {value}.", value=error.strerror or "the medium fails")) from error
        if self.budget:
            self.budget.take(len(data))
        return data

    def pieces(self, head: bytes) -> Iterator[bytes]:
        """All bytes: `head`, which was read already, and the rest."""
        piece = head
        while piece:
            yield piece
            piece = self.read(PIECE)
