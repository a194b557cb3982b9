"""Putting a batch into the storage and the index: durable files first, then one transaction (DESIGN: decision 4).

What is to become of each object is decided twice: before its file is made durable, and again inside the transaction,
because another sender may have brought or removed the same object in between.
"""

import fcntl
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.archive import indexing
from apps.archive import statements as sql
from apps.archive.intake import Prepared
from apps.archive.models import Quarantined
from apps.archive.outcomes import KNOWN, OF_POLICY, STORED, DuplicatePolicy, Identity, Origin, Status, Verdict
from apps.archive.statements import KnownInstance
from apps.archive.storage import Kept, staging
from apps.audit.models import Event
from apps.audit.record import Entry, record
from apps.core.errors import Unavailable

logger = logging.getLogger(__name__)

WITH_FILE: Final = frozenset({Status.STORED, Status.OVERWRITTEN, Status.QUARANTINED})
IN_INDEX: Final = frozenset({Status.STORED, Status.OVERWRITTEN})

Index = dict[tuple[str, str, str], KnownInstance]


@dataclass(slots=True)
class Shelved:
    """What became of a batch."""

    verdicts: list[Verdict]
    study_pks: set[int] = field(default_factory=set)
    size: int = 0


def shelve(batch: Sequence[Prepared], origin: Origin, policy: DuplicatePolicy) -> Shelved:
    """Store these objects, whose identities differ from one another. All is durable when it returns.

    Raises OutOfSpace or Unavailable; then nothing of the batch is in the index.
    """
    try:
        return _shelve(batch, origin, policy)
    except DatabaseError as error:
        raise Unavailable("The index can't be written now; try again.") from error


def _shelve(batch: Sequence[Prepared], origin: Origin, policy: DuplicatePolicy) -> Shelved:
    with connection.cursor() as cursor:
        verdicts = _decide(batch, _known(cursor, origin, batch), policy)
    chosen = [prepared for prepared, verdict in zip(batch, verdicts, strict=True) if verdict.status in WITH_FILE]
    with staging().kept([prepared.staged for prepared in chosen]) as kept:
        keys = dict(zip((prepared.identity for prepared in chosen), kept.keys, strict=True))
        with site_writer(), transaction.atomic(), connection.cursor() as cursor:
            for study_uid in sorted({prepared.identity.study_instance_uid for prepared in batch}):
                sql.lock_study(cursor, origin.practice_id, study_uid)
            shelved = _Writer(cursor, origin, keys, kept).write(batch, policy)
    for prepared in batch:
        prepared.staged.discard()
    return shelved


@contextmanager
def site_writer() -> Iterator[None]:
    """One writer at a time on SQLite, in the order of asking: its own waiting polls, and sleeps between the polls."""
    if connection.vendor != "sqlite":
        yield
        return
    with (settings.DATA / "writer.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _known(cursor: CursorWrapper, origin: Origin, batch: Sequence[Prepared]) -> Index:
    uids = [prepared.identity.sop_instance_uid for prepared in batch]
    return {
        (known.study_instance_uid, known.series_instance_uid, known.sop_instance_uid): known
        for known in sql.known_instances(cursor, origin.practice_id, uids)
    }


def _place(identity: Identity) -> tuple[str, str, str]:
    return identity.study_instance_uid, identity.series_instance_uid, identity.sop_instance_uid


def _decide(batch: Sequence[Prepared], index: Index, policy: DuplicatePolicy) -> list[Verdict]:
    """The same SOP Instance UID in another series is another object: it is stored beside the first."""

    def verdict(prepared: Prepared) -> Verdict:
        known = index.get(_place(prepared.identity))
        if known is None:
            return STORED
        return KNOWN if known.digest == prepared.staged.digest else OF_POLICY[policy]

    return [verdict(prepared) for prepared in batch]


@dataclass(slots=True)
class _Writer:
    """One transaction's work: what is decided for good, and written."""

    cursor: CursorWrapper
    origin: Origin
    keys: dict[Identity, str]
    kept: Kept

    def write(self, batch: Sequence[Prepared], policy: DuplicatePolicy) -> Shelved:
        index = _known(self.cursor, self.origin, batch)
        verdicts = _decide(batch, index, policy)
        decided = list(zip(batch, verdicts, strict=True))
        if any(verdict.status in WITH_FILE and prepared.identity not in self.keys for prepared, verdict in decided):
            raise Unavailable("The same object was deleted while it was stored; try again.")
        self._drop_unneeded(decided)
        for prepared, verdict in decided:
            if verdict.status is Status.QUARANTINED:
                self._quarantine(prepared)
        coming = [prepared for prepared, verdict in decided if verdict.status in IN_INDEX]
        studies = self._index(coming, index) if coming else set()
        self._record(decided)
        return Shelved(verdicts, studies, sum(prepared.staged.size for prepared in coming))

    def _drop_unneeded(self, decided: list[tuple[Prepared, Verdict]]) -> None:
        """Files that another sender has made superfluous since they were kept."""
        for prepared, verdict in decided:
            if verdict.status not in WITH_FILE and prepared.identity in self.keys:
                self.kept.drop([self.keys[prepared.identity]])

    def _quarantine(self, prepared: Prepared) -> None:
        identity, key = prepared.identity, self.keys[prepared.identity]
        _, made = Quarantined.objects.get_or_create(
            practice_id=self.origin.practice_id,
            sop_instance_uid=identity.sop_instance_uid,
            digest=prepared.staged.digest,
            defaults={
                "study_instance_uid": identity.study_instance_uid,
                "series_instance_uid": identity.series_instance_uid,
                "patient_name": indexing.patient_name(prepared),
                "reason": "Its SOP Instance UID is that of a stored object with other content.",
                "file_key": key,
                "size": prepared.staged.size,
                "source": self.origin.way,
            },
        )
        if not made:
            self.kept.drop([key])

    def _index(self, coming: list[Prepared], index: Index) -> set[int]:
        replaced = {
            prepared.identity: index[_place(prepared.identity)]
            for prepared in coming
            if _place(prepared.identity) in index
        }
        if replaced:
            sql.delete_instances(self.cursor, [known.pk for known in replaced.values()])
            self.kept.drop([known.file_key for known in replaced.values()])
        writer = indexing.Writer(self.cursor, self.origin, self.keys, replaced, timezone.now())
        return writer.write(coming)

    def _record(self, decided: list[tuple[Prepared, Verdict]]) -> None:
        """One event for each study and status: PS3.15 A.5.3, DICOM Instances Transferred."""
        counts: dict[tuple[str, Status], int] = {}
        for prepared, verdict in decided:
            key = prepared.identity.study_instance_uid, verdict.status
            counts[key] = counts.get(key, 0) + 1
        record(self.cursor, [self._entry(study, status, count) for (study, status), count in counts.items()])

    def _entry(self, study_uid: str, status: Status, count: int) -> Entry:
        action = {Status.REFUSED: Event.Action.REFUSE, Status.QUARANTINED: Event.Action.QUARANTINE}
        return Entry(
            action=action.get(status, Event.Action.IMPORT),
            actor=self.origin.actor,
            practice_id=self.origin.practice_id,
            source=self.origin.way,
            study_instance_uid=study_uid,
            count=count,
            detail=status.value,
            request_id=self.origin.request_id,
        )
