"""Group commit: one leads for all who have come, each gets its own answer or error."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest

from apps.archive.grouped import Grouped

PATIENCE = 30


class Work:
    """Doubles numbers; fails for those that are below zero. The first step waits to be let go."""

    def __init__(self) -> None:
        self.steps: list[list[int]] = []
        self.started, self.may_go = Event(), Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.steps.append(list(items))
        self.started.set()
        assert self.may_go.wait(PATIENCE)
        if min(items) < 0:
            raise ValueError(min(items))
        return [2 * item for item in items]


def taken_together(work: Work, most: int, *items: int) -> list[int | str]:
    """The answers to a first item, 100, and to those that come while it is at work; an error as its text."""
    grouped = Grouped(work, most)

    def ask(item: int) -> int | str:
        try:
            return grouped(item)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(1 + len(items)) as pool:
        first = pool.submit(ask, 100)
        assert work.started.wait(PATIENCE)
        others = [pool.submit(ask, item) for item in items]
        while len(grouped._waiting) < len(items):
            pass
        work.may_go.set()
        return [each.result(PATIENCE) for each in (first, *others)]


def test_one_alone_works_in_its_own_thread() -> None:
    threads: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        threads.append(get_ident())
        return list(items)

    assert Grouped(work, 4)(7) == 7
    assert threads == [get_ident()]


def test_those_who_come_meanwhile_share_a_step() -> None:
    work = Work()
    assert taken_together(work, 8, 1, 2, 3) == [200, 2, 4, 6]
    assert [sorted(step) for step in work.steps] == [[100], [1, 2, 3]]


def test_a_step_takes_no_more_than_it_may() -> None:
    work = Work()
    assert taken_together(work, 2, 1, 2, 3) == [200, 2, 4, 6]
    assert [len(step) for step in work.steps] == [1, 2, 1]


def test_the_error_of_one_is_not_the_others() -> None:
    assert taken_together(Work(), 8, 1, -5, 3) == [200, 2, "-5", 6]


def test_after_an_error_it_goes_on() -> None:
    work = Work()
    work.may_go.set()
    grouped = Grouped(work, 4)
    with pytest.raises(ValueError, match="-1"):
        grouped(-1)
    assert grouped(1) == 2
