"""Messages in a stream of bytes: the Minimal Lower Layer Protocol (HL7 v2 Transport Specification: MLLP, release 1).

A block is `<VT> message <FS> <CR>`. A message holds neither VT nor FS, so an end without its CR is one all the same,
and a beginning within a block tells that the message before it was cut.
"""

import re
from collections.abc import Iterator
from typing import Final

START: Final = b"\x0b"
END: Final = b"\x1c\r"
_MARK: Final = re.compile(rb"[\x0b\x1c]")
# What some send between blocks, besides the CR.
_HARMLESS: Final = b"\r\n\x1c \t\x00"
# Other bytes between blocks, in all of a connection: more of them, and it is no MLLP.
MOST_STRAY: Final = 1024
# Of a message that is too large, what is kept to answer it.
HEAD: Final = 4096


class NotFramed(Exception):
    """What comes is no MLLP."""


class TooLong(Exception):
    """A message has more bytes than it may. `head` is its beginning."""

    def __init__(self, head: bytes) -> None:
        super().__init__("The message is too large.")
        self.head = head


class Deframer:
    """Takes bytes as they come, and gives whole messages of at most `most` bytes each.

    `begun` counts the messages that have begun, `cut` those that ended in the middle because another one began.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._block: bytearray | None = None
        self._stray = 0
        self.begun = self.cut = 0

    @property
    def is_within(self) -> bool:
        """Whether a message has begun and not ended yet."""
        return self._block is not None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that end within `data`. Raises NotFramed and TooLong, after which nothing more is to be fed."""
        place = 0
        while place < len(data):
            found = _MARK.search(data, place)
            until = found.start() if found else len(data)
            self._add(data[place:until])
            place = until + 1
            if found is None:
                return
            if found[0] == START:
                self.begun += 1
                self.cut += self._block is not None
                self._block = bytearray()
            elif self._block is not None:
                message, self._block = bytes(self._block), None
                yield message

    def _add(self, data: bytes) -> None:
        if self._block is None:
            self._stray += len(data.translate(None, _HARMLESS))
            if self._stray > MOST_STRAY:
                raise NotFramed
            return
        self._block += data
        if len(self._block) > self._most:
            raise TooLong(bytes(self._block[:HEAD]))


def frame(message: bytes) -> bytes:
    """The message as a block."""
    return START + message + END
