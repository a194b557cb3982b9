"""What the archive tells the rest of the server: after the commit, but for what is written within the store's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from django.dispatch import Signal

from apps.archive.outcomes import Origin

# After a batch: study_pks (set[int]), statuses (list[Status], one an object), size (bytes stored), origin (Origin).
stored = Signal()
# After nothing more came of a study for a while, in a worker: study (Study). It may come again, for the same study too;
# a listener that fails has the job tried again.
settled = Signal()
# After a study, series or instance was deleted: practice_id (int), study_instance_uid (str), count (int).
deleted = Signal()
# After a correction, or its undoing, of a patient or study: practice_id (int), study_pks (list[int]), those concerned.
corrected = Signal()
# Once, when a practice has used nine tenths of its quota: practice_id (int), used (bytes), quota (bytes). In a worker.
nearly_full = Signal()
# When somebody asks for a video that no browser plays and that takes long to convert: stored (StoredInstance). A
# listener that knows why it can't be had raises a FoveaError.
movie_wanted = Signal()


@dataclass(frozen=True, slots=True)
class Brought:
    """New instances of one study that came together; `address` is where from, empty where that is not known."""

    study_pk: int
    sop_instance_uids: tuple[str, ...]
    origin: Origin
    address: str


Scribe = Callable[[CursorWrapper, Sequence[Brought]], None]
_scribes: list[Scribe] = []


def within_store(scribe: Scribe) -> None:
    """Have what is new told within the transaction that stores it, in every process that asks for it at its start.

    What the scribe writes is there if the objects are. It is part of the cost of storing, and an error of its is one of
    the store: a row is all it may write, and it parses nothing.
    """
    if scribe not in _scribes:
        _scribes.append(scribe)


def tell_within_store(cursor: CursorWrapper, brought: Sequence[Brought]) -> None:
    """For the store: let the scribes write."""
    for scribe in _scribes:
        scribe(cursor, brought)
