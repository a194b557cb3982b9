"""Group commit: threads that want the same costly step at the same time take it together.

Whoever comes first leads and takes the step for all who have come by then; the others find their answers. One alone
does its own work, in its own thread: nothing is handed over and nothing waits for more to come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Ticket(Generic[Item, Answer]):
    item: Item
    is_done: bool = False
    answer: Answer | None = None
    error: BaseException | None = None


class Grouped(Generic[Item, Answer]):
    """`work` takes at most `most` items in one step and gives their answers in order; it may fail as a whole.

    Then each item is tried in a step of its own, so that one's error is not the others'.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: list[_Ticket[Item, Answer]] = []
        self._leading = Lock()

    def __call__(self, item: Item) -> Answer:
        """The answer to this item, or the error that it met."""
        ticket: _Ticket[Item, Answer] = _Ticket(item)
        self._waiting.append(ticket)
        with self._leading:
            while not ticket.is_done:
                group = self._waiting[: self._most]
                del self._waiting[: len(group)]
                self._take(group)
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer  # type: ignore[return-value]

    def _take(self, group: list[_Ticket[Item, Answer]]) -> None:
        try:
            answers = self._work([ticket.item for ticket in group])
        except Exception as error:  # noqa: BLE001 - whoever brought the item gets it
            if len(group) > 1:
                for ticket in group:
                    self._take([ticket])
                return
            group[0].error = error
        except BaseException as error:
            for ticket in group:
                ticket.error, ticket.is_done = error, True
            raise
        else:
            for ticket, answer in zip(group, answers, strict=True):
                ticket.answer = answer
        for ticket in group:
            ticket.is_done = True
