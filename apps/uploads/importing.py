"""Importing what a walk through media finds: the one way from files to the store, for the command and for uploads."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.store import BATCH_BYTES, BATCH_COUNT, Batch, Origin, Outcome, Status
from apps.core.errors import NotFound, OutOfSpace, Unavailable
from apps.uploads import media
from apps.uploads.entries import Broken, Candidate, Entry, Kind, Missing, Other, Passed, Place, Problem
from apps.uploads.ledger import Ledger, Uids
from apps.uploads.summary import Summary

# Studies whose instances are kept in mind while the ledger is checked against the archive.
STUDIES_IN_MIND: Final = 8

Progress = Callable[[int, Summary], None]


def run(
    paths: Iterable[Path],
    origin: Origin,
    *,
    resume: bool = True,
    should_stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda weight, summary: None,
) -> Summary:
    """Store every DICOM object below these paths; bad ones are counted with their reasons and never stop the rest.

    With `resume`, files that an earlier import finished, and that are still stored, are not read again. After
    each entry `progress` is told the bytes on disk that it stands for; `should_stop` ends the import cleanly.
    A full storage, or a database or storage that is away, stops it too: see Summary. Raises Unavailable when
    the ledger can't be used.
    """
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(settings.DATA, origin.practice_id)) if resume else None
        work = _Import(origin, ledger, should_stop, progress)
        try:
            work.all(media.walk(paths))
        except (OutOfSpace, Unavailable) as error:
            work.summary.stopped_by = error.detail
    return work.summary


def look(paths: Iterable[Path], *, progress: Progress = lambda weight, summary: None) -> Summary:
    """What an import of these paths would come upon; nothing is stored."""
    summary = Summary()
    for entry in media.walk(paths):
        if isinstance(entry, Candidate):
            summary.found += 1
        else:
            _count(summary, entry)
        progress(_weight(entry), summary)
    return summary


class _Import:
    """One import at work, batch by batch."""

    def __init__(
        self, origin: Origin, ledger: Ledger | None, should_stop: Callable[[], bool], progress: Progress
    ) -> None:
        self.summary = Summary()
        self._origin = origin
        self._ledger = ledger
        self._should_stop = should_stop
        self._progress = progress
        self._stored_in = lru_cache(maxsize=STUDIES_IN_MIND)(self._instances_of)

    def all(self, entries: Iterator[Entry]) -> None:
        goes_on = True
        while goes_on:
            received: list[Place] = []
            with Batch(self._origin) as batch:
                goes_on = self._fill(batch, entries, received)
                outcomes = batch.commit()
            self._note(received, outcomes)

    def _fill(self, batch: Batch, entries: Iterator[Entry], received: list[Place]) -> bool:
        """Take entries until the batch is worth a commit; False when there are no more, or no more are wanted."""
        size = 0
        for entry in entries:
            if isinstance(entry, Candidate) and self._take(batch, entry):
                received.append(entry.place)
                size += entry.place.size
            elif not isinstance(entry, Candidate):
                _count(self.summary, entry)
            self._progress(_weight(entry), self.summary)
            if self._should_stop():
                self.summary.is_interrupted = True
                return False
            if len(received) >= BATCH_COUNT or size >= BATCH_BYTES:
                return True
        return False

    def _take(self, batch: Batch, candidate: Candidate) -> bool:
        """Whether the batch has an outcome for this one."""
        if self._is_finished(candidate.place):
            self.summary.unchanged += 1
            return False
        try:
            batch.receive(candidate.chunks)
        except Broken as error:
            self.summary.refuse(candidate.place.label, str(error))
            return False
        return True

    def _note(self, received: list[Place], outcomes: list[Outcome]) -> None:
        finished: list[tuple[Place, Uids]] = []
        for place, outcome in zip(received, outcomes, strict=True):
            self.summary.add(place.label, outcome)
            if outcome.status is not Status.REFUSED:
                finished.append((place, (outcome.study_instance_uid, outcome.sop_instance_uid)))
        if self._ledger:
            self._ledger.enter(finished)

    def _is_finished(self, place: Place) -> bool:
        uids = self._ledger.look_up(place) if self._ledger else None
        return uids is not None and uids[1] in self._stored_in(uids[0])

    def _instances_of(self, study: str) -> frozenset[str]:
        practice_id = self._origin.practice_id
        reader = Principal.worker(practice_id, self._origin.actor)
        try:
            return frozenset(stored.sop_instance_uid for stored in retrieve.instances(reader, study))
        except NotFound:
            return frozenset()


def _count(summary: Summary, entry: Other | Passed | Problem | Missing) -> None:
    match entry:
        case Other():
            summary.kinds[Kind.NOT_DICOM] += 1
        case Passed(kind=kind):
            summary.kinds[kind] += 1
        case Problem(label=label, reason=reason):
            summary.refuse(label, reason)
        case Missing(label=label):
            summary.miss(label)


def _weight(entry: Entry) -> int:
    match entry:
        case Candidate(place=place) | Other(place=place) | Passed(place=place):
            return place.weight
        case Problem(weight=weight):
            return weight
    return 0
