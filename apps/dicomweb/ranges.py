"""Byte ranges (RFC 9110 14.1.2): which piece of a representation a Range header asks for."""

import re
from dataclasses import dataclass
from typing import Final

_RANGE: Final = re.compile(r"[ \t]*(\d{0,19})[ \t]*-[ \t]*(\d{0,19})[ \t]*", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies behind the representation's end: 416."""


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start`, which counts from 0; never empty."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """The Content-Range of this piece of a representation of `size` bytes (RFC 9110 14.4)."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def span(header: str, size: int) -> Span | None:
    """The one range that the header asks for of `size` bytes, cut to its end.

    None stands for the whole: another unit, several ranges at once, or what can't be read (RFC 9110 14.2 lets a server
    pass over all of these). Raises Unsatisfiable.
    """
    unit, _, text = header.partition("=")
    match = _RANGE.fullmatch(text)
    if unit.strip().lower() != "bytes" or match is None:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size) if last else None
    start = int(first)
    end = int(last) if last else max(start, size - 1)
    if end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(end + 1, size) - start)


def _suffix(length: int, size: int) -> Span:
    """The last `length` bytes."""
    if not (length and size):
        raise Unsatisfiable
    start = max(size - length, 0)
    return Span(start, size - start)
