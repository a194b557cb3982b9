"""A streaming parser of multipart/related bodies (RFC 2046 5.1, RFC 2387) in constant memory.

The bytes of a part are handed on as views of what was read, not copied. A delimiter is an entire line of
the body: bytes of an image that only begin like one stay what they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.http import parse_header_parameters

from apps.core.errors import Invalid, TooLarge
from apps.saying import say

MAX_BOUNDARY: Final = 70
# What may follow the boundary on its line: two hyphens on the last one, padding, and the line's end.
_LINE_REST: Final = re.compile(rb"(--)?[ \t]*(\r?\n)")
_UNFINISHED_REST: Final = re.compile(rb"-{0,2}[ \t]*\r?")
_MAX_LINE_REST: Final = 128
# Shorter pieces are copied: that is as cheap, and `bytes` can be joined by who needs an object's first bytes.
_WORTH_A_VIEW: Final = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one body may bring: in each part, in all, in a part's header, and around the parts."""

    part_bytes: int
    parts: int = 100_000
    header_bytes: int = 16 << 10
    around_bytes: int = 64 << 10


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its place from 1, its headers by lower-case name, its bytes (until the next is asked for)."""

    number: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes | memoryview]


def parts(chunks: Iterable[bytes], boundary: str, limits: Limits) -> Iterator[Part]:
    """The parts of a multipart body, in order; what a caller leaves unread of one is skipped.

    `chunks` may split the body anywhere. What stands before the first delimiter and after the last is
    ignored, and a body may end its lines with LF alone. Raises Invalid for a boundary or a body that is not
    right or ends early, TooLarge beyond `limits`.
    """
    return _Parser(chunks, _checked(boundary), limits).parts()


def content_type(header: str) -> tuple[str, dict[str, str]]:
    """A Content-Type in lower case, with its parameters by lower-case name. Raises Invalid."""
    try:
        return parse_header_parameters(header)
    except ValueError as error:
        raise Invalid(say("A Content-Type has a parameter that can't be read (RFC 2231).")) from error


def _checked(boundary: str) -> bytes:
    """The boundary parameter as bytes: 1 to 70 printable ASCII characters (RFC 2046 5.1.1)."""
    if not (0 < len(boundary) <= MAX_BOUNDARY and boundary.isascii() and boundary.isprintable()):
        raise Invalid(say("The Content-Type of a multipart body must name a boundary of 1 to 70 printable characters."))
    return boundary.encode("ascii")


class _Parser:
    """Reads forward through the body. `_data[_at:]` is what was read and not yet handed on."""

    def __init__(self, chunks: Iterable[bytes], boundary: bytes, limits: Limits) -> None:
        self._chunks = iter(chunks)
        self._limits = limits
        self._boundary = boundary
        self._delimiter = b"\n--" + boundary
        # The first delimiter may open the body, and then stands at the start of a line all the same.
        self._data = b"\n"
        self._at = 0
        self._number = 0
        self._is_in_part = True
        self._is_last = False

    def parts(self) -> Iterator[Part]:
        self._skip_preamble()
        while not self._is_last:
            self._number += 1
            if self._number > self._limits.parts:
                raise TooLarge(
                    say("The body has more than {parts} parts. Send it in several requests.", parts=self._limits.parts)
                )
            headers = self._headers()
            self._is_in_part = True
            yield Part(self._number, headers, self._body())
            for _ in self._until_delimiter():
                pass
        self._skip_epilogue()

    def _body(self) -> Iterator[bytes | memoryview]:
        size = 0
        for piece in self._until_delimiter():
            size += len(piece)
            if size > self._limits.part_bytes:
                raise TooLarge(
                    say(
                        "Part {number} is larger than {part_bytes} MiB.",
                        number=self._number,
                        part_bytes=self._limits.part_bytes >> 20,
                    )
                )
            yield piece

    def _until_delimiter(self) -> Iterator[bytes | memoryview]:
        """The bytes before the next delimiter line, which is consumed with them."""
        search_from = self._at
        while self._is_in_part:
            found = self._data.find(self._delimiter, search_from)
            end = found if found >= 0 else self._first_doubt()
            if end > self._at:
                start, self._at = self._at, end
                whole = self._data if end - start < _WORTH_A_VIEW else memoryview(self._data)
                yield whole[start:end]
            if found < 0:
                self._read_on()
            elif self._take_delimiter():
                return
            search_from = self._at + (found >= 0)

    def _first_doubt(self) -> int:
        """Where a delimiter may begin that only what is read next completes; else the end of the data."""
        data, delimiter = self._data, self._delimiter
        start = data.find(delimiter[:1], max(self._at, len(data) - len(delimiter) + 1))
        while start >= 0 and not delimiter.startswith(data[start:]):
            start = data.find(delimiter[:1], start + 1)
        return start if start >= 0 else len(data)

    def _take_delimiter(self) -> bool:
        """Consume the delimiter line that starts at `_at`; False if it is no whole line and so data."""
        while True:
            start = self._at + len(self._delimiter)
            rest = self._data[start : start + _MAX_LINE_REST]
            if match := _LINE_REST.match(rest):
                return self._leave_part(start + match.end(), is_last=match[1] is not None, line_end=match[2])
            if len(rest) == _MAX_LINE_REST or not _UNFINISHED_REST.fullmatch(rest):
                return False
            if not self._more():
                return rest[:2] == b"--" and self._leave_part(len(self._data), is_last=True, line_end=b"\n")

    def _leave_part(self, at: int, *, is_last: bool, line_end: bytes) -> bool:
        if self._number == 0:
            # The first delimiter line shows how lines end here: that end is no part of the data before it.
            self._delimiter = line_end + b"--" + self._boundary
        self._at, self._is_last, self._is_in_part = at, is_last, False
        return True

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        budget = self._limits.header_bytes
        name = ""
        while line := self._line(budget):
            budget -= len(line)
            text = line.decode("latin-1")
            if name and text[0] in " \t":
                headers[name] += " " + text.strip()
                continue
            name, colon, value = text.partition(":")
            if not colon:
                raise Invalid(say("The header of part {number} has a line without a colon.", number=self._number))
            name = name.strip().lower()
            headers[name] = value.strip()
        return headers

    def _line(self, budget: int) -> bytes:
        """The next line without its end, of at most `budget` bytes."""
        while (end := self._data.find(b"\n", self._at, self._at + budget)) < 0:
            if len(self._data) - self._at >= budget:
                raise Invalid(
                    say(
                        "The header of part {number} is longer than {header_bytes} bytes.",
                        number=self._number,
                        header_bytes=self._limits.header_bytes,
                    )
                )
            self._read_on()
        line = self._data[self._at : end]
        self._at = end + 1
        return line.removesuffix(b"\r")

    def _skip_preamble(self) -> None:
        size = 0
        for piece in self._until_delimiter():
            size += len(piece)
            if size > self._limits.around_bytes:
                raise Invalid(say("The body does not begin with the boundary that its Content-Type names."))

    def _skip_epilogue(self) -> None:
        size = len(self._data) - self._at
        self._at = len(self._data)
        while size <= self._limits.around_bytes:
            if not self._more():
                return
            size += len(self._data)
            self._at = len(self._data)
        raise Invalid(say("The body goes on after its last boundary."))

    def _read_on(self) -> None:
        if self._more():
            return
        if self._number == 0:
            raise Invalid(say("The body has no line with the boundary that its Content-Type names."))
        raise Invalid(
            say("The body ends within part {number}: the last boundary is missing. Send it again.", number=self._number)
        )

    def _more(self) -> bool:
        """Read one more chunk behind what is not yet consumed; False at the end of the body."""
        for chunk in self._chunks:
            if chunk:
                self._data = self._data[self._at :] + chunk if self._at < len(self._data) else chunk
                self._at = 0
                return True
        return False
