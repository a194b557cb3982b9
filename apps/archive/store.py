"""The one writer of images: everything that enters the archive enters here (DESIGN: one door in).

An object is staged in a temporary file, read and indexed; a batch then makes its files durable, puts them into the
storage, and writes the index in one transaction. Only what that transaction holds is reported as stored.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from django.conf import settings

from apps.archive import events, quotas
from apps.archive.identity import NotStorable
from apps.archive.intake import Prepared, prepare, take_in
from apps.archive.outcomes import DuplicatePolicy, Identity, Origin, Outcome, Status, Verdict
from apps.archive.shelving import Shelved, shelve
from apps.archive.storage import staging
from apps.core import metrics
from apps.core.errors import TooLarge
from apps.dicom.errors import OUT_OF_RESOURCES

__all__ = ["Batch", "Origin", "Outcome", "Status", "store_one"]

logger = logging.getLogger(__name__)

# How many objects, and how many bytes of them, share one commit at the most.
BATCH_COUNT: Final = 64
BATCH_BYTES: Final = 256 << 20
ANY: Final = Identity()


class Batch:
    """Objects that share a commit. Leaving the context without `commit` discards what is not yet committed.

    With `is_held`, all waits for `commit` however much it is; else some is committed on the way.
    """

    def __init__(self, origin: Origin, policy: DuplicatePolicy | None = None, *, is_held: bool = False) -> None:
        self.origin = origin
        self.is_held = is_held
        self.policy = policy or DuplicatePolicy(settings.DUPLICATE_POLICY)
        self._outcomes: list[Outcome | None] = []
        self._pending: dict[Identity, tuple[int, Prepared]] = {}
        self._bytes = 0
        self._room = quotas.room(origin.practice_id)
        self._staging = staging()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, prepared in self._pending.values():
            prepared.staged.discard()
        self._pending.clear()

    def receive(self, chunks: Iterable[bytes | memoryview], *, expected: Identity = ANY) -> None:
        """Take one object in. A bad one becomes a refused outcome.

        Raises OutOfSpace (QuotaReached before anything is read, if nothing at all is left) or Unavailable, and what
        reading `chunks` raises: then nothing of this object is kept. An object whose UIDs are not those that
        `expected` has is refused.
        """
        self._take(lambda: take_in(self._staging, chunks, expected))

    def adopt(self, file: Path, *, most: int, expected: Identity = ANY) -> None:
        """Take in an object that this server wrote below FOVEA_DATA, as `receive` does, but without copying it.

        It may have `most` bytes, and is gone from its place afterwards.
        """
        self._take(lambda: prepare(self._staging, self._staging.adopt(file, most), expected))

    def _take(self, prepared: Callable[[], Prepared]) -> None:
        if self._room is not None and self._room <= 0:
            raise quotas.reached(self.origin.practice_id)
        try:
            found = prepared()
        except NotStorable as error:
            self._refuse(error.identity, error.failure_reason, error.reason)
        except TooLarge as error:
            self._refuse(Identity(), OUT_OF_RESOURCES, error.detail)
        else:
            self._add(found)

    def waiting(self) -> list[Prepared]:
        """What the next commit stores, in the order received."""
        return [prepared for _, prepared in self._pending.values()]

    def commit(self) -> list[Outcome]:
        """Store what is pending. Durable when it returns: the outcomes of all objects, in the order received."""
        self._commit_pending()
        return [outcome for outcome in self._outcomes if outcome is not None]

    def _refuse(self, identity: Identity, failure_reason: int, reason: str) -> None:
        metrics.instance_received(self.origin.way, Status.REFUSED.value)
        self._outcomes.append(Outcome.of(identity, Verdict(Status.REFUSED, failure_reason, reason)))

    def _add(self, prepared: Prepared) -> None:
        if prepared.identity in self._pending:
            self._commit_pending()
        if self._room is not None and self._bytes + prepared.staged.size > self._room:
            prepared.staged.discard()
            raise quotas.reached(self.origin.practice_id)
        self._pending[prepared.identity] = (len(self._outcomes), prepared)
        self._outcomes.append(None)
        self._bytes += prepared.staged.size
        if not self.is_held and (len(self._pending) >= BATCH_COUNT or self._bytes >= BATCH_BYTES):
            self._commit_pending()

    def _commit_pending(self) -> None:
        if not self._pending:
            return
        batch = list(self._pending.values())
        shelved = shelve([prepared for _, prepared in batch], self.origin, self.policy)
        for (place, prepared), verdict in zip(batch, shelved.verdicts, strict=True):
            reason, warnings = prepared.warning_reason, prepared.warnings
            self._outcomes[place] = Outcome.of(prepared.identity, verdict, reason, warnings)
        self._pending.clear()
        self._bytes = 0
        self._tell(shelved)
        if self._room is not None:
            self._room = quotas.room(self.origin.practice_id)

    def _tell(self, shelved: Shelved) -> None:
        """The objects are stored whatever a listener does: its failure is logged and not the sender's."""
        statuses = [verdict.status for verdict in shelved.verdicts]
        told = events.stored.send_robust(
            sender=Batch, study_pks=shelved.study_pks, statuses=statuses, size=shelved.size, origin=self.origin
        )
        for receiver, answer in told:
            if isinstance(answer, Exception):
                logger.error("A listener of the store failed: %s", receiver, exc_info=answer)


def store_one(
    chunks: Iterable[bytes | memoryview],
    origin: Origin,
    *,
    policy: DuplicatePolicy | None = None,
    expected: Identity = ANY,
) -> Outcome:
    """Store one object in a batch of its own; the rest is as with `Batch.receive`."""
    with Batch(origin, policy) as batch:
        batch.receive(chunks, expected=expected)
        return batch.commit()[0]
