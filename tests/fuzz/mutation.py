"""Good bytes made bad: flipped, cut, repeated, mixed with others, their lengths and counts exaggerated."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

MOST_BYTES: Final = 1 << 20
MOST_CHANGES: Final = 6
# Lengths, counts and offsets that turn a reader's head.
INTEGERS: Final = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
WIDTHS: Final = (1, 2, 4, 8)


class Mutator:
    """Makes one input after the other from `seeds`, strewing in `tokens`; the same random numbers give the same."""

    def __init__(self, random: Random, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> None:
        self._random = random
        self._seeds = seeds
        self._tokens = tokens
        self._changes: tuple[Callable[[bytes], bytes], ...] = (
            self._flip,
            self._overwrite,
            self._insert,
            self._integer,
            self._cut,
            self._truncate,
            self._repeat,
            self._splice,
        )

    def next(self) -> bytes:
        data = self._random.choice(self._seeds)
        for _ in range(self._random.randint(1, MOST_CHANGES)):
            data = self._random.choice(self._changes)(data)[:MOST_BYTES]
        return data

    def _place(self, data: bytes) -> int:
        return self._random.randint(0, len(data))

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._place(data)
        return start, min(len(data), start + self._random.choice((1, 2, 4, 8, 16, 64, 512)))

    def _token(self) -> bytes:
        return self._random.choice(self._tokens) if self._tokens else self._random.randbytes(4)

    def _flip(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + bytes(byte ^ (1 << self._random.randrange(8)) for byte in data[at : at + 1]) + data[at + 1 :]

    def _overwrite(self, data: bytes) -> bytes:
        at, token = self._place(data), self._token()
        return data[:at] + token + data[at + len(token) :]

    def _insert(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + self._token() + data[at:]

    def _integer(self, data: bytes) -> bytes:
        at, width = self._place(data), self._random.choice(WIDTHS)
        order = self._random.choice(("little", "big"))
        value = (self._random.choice(INTEGERS) & ((1 << 8 * width) - 1)).to_bytes(width, order)
        return data[:at] + value + data[at + width :]

    def _cut(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._place(data)]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:end] * self._random.choice((1, 2, 10, 100, 2000)) + data[end:]

    def _splice(self, data: bytes) -> bytes:
        other = self._random.choice(self._seeds)
        return data[: self._place(data)] + other[self._place(other) :]
