"""What is measured: each item does one thing to one server once, and says how many objects it was."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.dicom.network.requestor import Proposal
from benchmarks import dataset
from benchmarks.dimse import clients, planned
from benchmarks.dimse.clients import Work, messages
from benchmarks.dimse.nodes import DESTINATION, Server

Works = list[tuple[Proposal, Work]]
IDLE = 50
ECHOES = 200
# How often the worklist is asked for in a round.
ASKED = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the table. `works` makes what is done in a round of this number; of it `count` are the objects.

    `aim` is the least share of the peer's rate, `dearest` the greatest of its CPU; with `stores`, servers that only
    store take part. Without `fills` it asks for nothing that was stored.
    """

    name: str
    count: int
    works: Callable[[int], Works]
    aim: float | None = None
    stores: bool = False
    idle: int = 0
    dearest: float | None = None
    fills: bool = True


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is sent: `python -m benchmarks.dimse --small` for a look at whether all works."""

    slices: int = 200
    tiny: int = 2000
    studies: int = 1000


class Data:
    """What the servers hold before they are asked, and what is sent to them."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.large = dataset.large(sizes.slices)
        self.tiny = dataset.tiny(sizes.tiny)
        self._first = dataset.tiny(1)

    def fill(self, server: Server) -> None:
        """Store the study that is fetched, and as many others as C-FIND is to find with it."""
        files = list(self.large.files)
        files += [self._first.renewed(token).files[0] for token in range(1, self.sizes.studies)]
        clients.at_once(server, [(clients.STORING, clients.storing(messages(files)))], lambda: 0.0)

    def items(self, start: int) -> list[Item]:
        """All of them; `start` is a number that no UID of an earlier run has had."""
        slices, tiny, study = self.sizes.slices, self.sizes.tiny, self.large.uid
        return [
            Item("C-FIND", self.sizes.studies, lambda _: [(clients.FINDING, clients.finding(self.sizes.studies))], 1.0),
            Item("C-FIND, worklist of 200 steps", planned.STEPS * ASKED, _plan, 1.0, dearest=1.0, fills=False),
            Item("C-GET of 512 KiB", slices, lambda _: [(clients.GETTING, clients.getting(study, slices))], 0.8),
            Item("C-MOVE of 512 KiB", slices, lambda _: [(clients.MOVING, clients.moving(study, DESTINATION))], 0.8),
            Item(f"C-ECHO, {IDLE} idle connections", ECHOES, _echo, idle=IDLE),
            self._storing("C-STORE of 512 KiB", self.large, slices, start, 1, 1.2),
            self._storing("C-STORE of 512 KiB, 4 associations", self.large, slices, start + 100, 4, 1.3),
            self._storing("C-STORE of 32 KiB", self.tiny, tiny, start + 200, 1, 0.8),
            self._storing("C-STORE of 32 KiB, 4 associations", self.tiny, tiny, start + 300, 4, 1.1),
        ]

    def _storing(
        self, name: str, study: dataset.StoredStudy, count: int, start: int, associations: int, aim: float
    ) -> Item:
        def works(number: int) -> Works:
            objects = messages(study.renewed(start + number).files)
            shares = [objects[each::associations] for each in range(associations)]
            return [(clients.STORING, clients.storing(share)) for share in shares]

        return Item(name, count, works, aim, stores=True)


def _plan(_: int) -> Works:
    return [(clients.PLANNING, clients.planning(f"{planned.DAY:%Y%m%d}", planned.STEPS, ASKED))]


def _echo(_: int) -> Works:
    return [(clients.ECHOING, clients.echoing(ECHOES))]
