"""When each picture is shown in the object: at the constant rate, each as often as its time lasts, or one for one."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Protocol

from av import VideoFrame


class Pacer(Protocol):
    """Gives for each picture how many places of the constant rate it fills."""

    def take(self, picture: VideoFrame) -> Iterator[tuple[VideoFrame, int]]: ...

    def finish(self) -> Iterator[tuple[VideoFrame, int]]: ...


class OneForOne:
    """Every picture once, whatever its time: for streams whose rate is constant already."""

    def take(self, picture: VideoFrame) -> Iterator[tuple[VideoFrame, int]]:
        yield picture, 1

    def finish(self) -> Iterator[tuple[VideoFrame, int]]:
        return iter(())


class Steady:
    """A constant rate out of pictures at any times: a picture stays until the next is due, or is left out.

    Never more than `most` places are filled, whatever the times say. With `told`, the pictures' own times are not
    believed: they come at that many a second.
    """

    def __init__(self, rate: Fraction, most: int, told: Fraction | None = None) -> None:
        self._rate, self._most, self._told = rate, most, told
        self._taken = 0
        self._waiting: VideoFrame | None = None
        self._start: Fraction | None = None
        self._filled = 0  # places
        self._length = Fraction(0)  # of the last picture, seconds
        self._due = Fraction(0)  # when the waiting picture is shown, seconds since the first

    def take(self, picture: VideoFrame) -> Iterator[tuple[VideoFrame, int]]:
        time = self._taken / self._told if self._told else _seconds(picture)
        self._taken += 1
        if time is None:
            time = (self._start or Fraction(0)) + self._due + 1 / self._rate
        if self._start is None:
            self._start = time
        due = time - self._start
        if self._waiting is not None:
            yield from self._until(floor(due * self._rate + Fraction(1, 2)))
        self._waiting, self._due = picture, max(due, self._due)
        self._length = 1 / self._told if self._told else _length(picture) or 1 / self._rate

    def finish(self) -> Iterator[tuple[VideoFrame, int]]:
        end = floor((self._due + self._length) * self._rate + Fraction(1, 2))
        yield from self._until(max(end, self._filled + (self._filled == 0)))

    def _until(self, place: int) -> Iterator[tuple[VideoFrame, int]]:
        times = min(place, self._most) - self._filled
        if self._waiting is not None and times > 0:
            self._filled += times
            yield self._waiting, times


def _seconds(picture: VideoFrame) -> Fraction | None:
    if picture.pts is None or picture.time_base is None:
        return None
    return picture.pts * picture.time_base


def _length(picture: VideoFrame) -> Fraction | None:
    if not picture.duration or picture.time_base is None:
        return None
    return picture.duration * picture.time_base
