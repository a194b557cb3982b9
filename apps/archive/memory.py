"""What the store has last left of studies, so that what is being sent is not read again for each instance.

Another process may have changed a row since. Its version and time tell when it is written: then all is done again
without the memory (`Stale`).
"""

from collections import OrderedDict
from typing import Final

from apps.archive.growing import GrowingStudy

STUDIES: Final = 64
SERIES: Final = 32

Place = tuple[int, str]


class Stale(Exception):
    """A row is not as it was remembered."""


class Memory:
    """Of one process; only one thread at a time may use it. What is taken is gone until it is kept again."""

    def __init__(self) -> None:
        self._studies: OrderedDict[Place, GrowingStudy] = OrderedDict()

    def take(self, place: Place) -> GrowingStudy | None:
        """The study of this practice and Study Instance UID as it was left."""
        return self._studies.pop(place, None)

    def keep(self, place: Place, study: GrowingStudy) -> None:
        """Remember a study as the database has it now; those that came longest ago are forgotten."""
        if len(study.series) > SERIES:
            study.series.clear()
        self._studies[place] = study
        if len(self._studies) > STUDIES:
            self._studies.popitem(last=False)

    def forget(self) -> None:
        self._studies.clear()
