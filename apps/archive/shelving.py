"""Putting a batch into the storage and the index: durable files first, then one transaction (DESIGN: decision 4).

What is to become of each object is decided inside the transaction, which nobody else brings or removes the same object
in; the file of one that turns out to be there already goes again. Threads that store at the same time share one
transaction (`grouped`).
"""

import fcntl
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.archive import events, indexing
from apps.archive import statements as sql
from apps.archive.events import Brought
from apps.archive.grouped import Grouped
from apps.archive.intake import Prepared
from apps.archive.memory import Memory, Stale
from apps.archive.models import Quarantined
from apps.archive.outcomes import KNOWN, OF_POLICY, STORED, DuplicatePolicy, Identity, Origin, Status, Verdict
from apps.archive.statements import KnownInstance
from apps.archive.storage import Kept, staging
from apps.audit.models import Event
from apps.audit.record import Entry, record
from apps.core import requests
from apps.core.errors import Unavailable
from apps.core.requests import Exchange
from apps.saying import say

logger = logging.getLogger(__name__)

IN_INDEX: Final = frozenset({Status.STORED, Status.OVERWRITTEN})
ACTIONS: Final = {Status.REFUSED: Event.Action.REFUSE, Status.QUARANTINED: Event.Action.QUARANTINE}
# Of what no request has brought.
NOWHERE: Final = Exchange("", 0.0)


@dataclass(slots=True)
class Shelved:
    """What became of a batch."""

    verdicts: list[Verdict]
    study_pks: set[int] = field(default_factory=set)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """A batch whose files are kept, with what is to be written of it. `exchange` is the request that brought it."""

    batch: Sequence[Prepared]
    origin: Origin
    policy: DuplicatePolicy
    kept: Kept
    keys: Mapping[Identity, str]
    exchange: Exchange


def shelve(batch: Sequence[Prepared], origin: Origin, policy: DuplicatePolicy) -> Shelved:
    """Store these objects, whose identities differ from one another. All is durable when it returns.

    What comes in other threads at the same time shares the transaction: don't call it inside one. Raises OutOfSpace or
    Unavailable; then nothing of the batch is in the index.
    """
    try:
        with staging().kept([prepared.staged for prepared in batch]) as kept:
            keys = dict(zip((prepared.identity for prepared in batch), kept.keys, strict=True))
            return _together(Submission(batch, origin, policy, kept, keys, requests.current() or NOWHERE))
    except DatabaseError as error:
        raise Unavailable(say("The index can't be written now; try again.")) from error


def forget_all() -> None:
    """Forget what this process has stored last."""
    _memory.forget()


def _write_all(submissions: Sequence[Submission]) -> list[Shelved]:
    """Write these in one transaction. Raises DatabaseError, Unavailable, OutOfSpace."""
    try:
        return _transact(submissions)
    except (Stale, IntegrityError):
        logger.info("Another process has stored something of the same studies; done again.")
        _memory.forget()
    try:
        return _transact(submissions)
    except Stale as error:
        raise Unavailable(say("The study is changed by somebody else at this moment; try again.")) from error


def _transact(submissions: Sequence[Submission]) -> list[Shelved]:
    with site_writer(), transaction.atomic(), connection.cursor() as cursor:
        for practice_id, study_uid in sorted(_places(submissions)):
            sql.lock_study(cursor, practice_id, study_uid)
        writer = indexing.Writer(cursor, _memory, timezone.now())
        written = [_Shelving(writer, submission) for submission in submissions]
        shelved = [each.write() for each in written]
        writer.finish()
        events.tell_within_store(cursor, [brought for each in written for brought in each.brought()])
        with requests.at_work(NOWHERE):
            record(cursor, [entry for each in written for entry in each.entries()])
    writer.remember()
    return shelved


_memory: Final = Memory()
# So many batches share a transaction at the most.
_together: Final = Grouped(_write_all, most=16)


def _places(submissions: Sequence[Submission]) -> set[tuple[int, str]]:
    return {
        (submission.origin.practice_id, prepared.identity.study_instance_uid)
        for submission in submissions
        for prepared in submission.batch
    }


@contextmanager
def site_writer() -> Iterator[None]:
    """One writer at a time on SQLite, in the order of asking: its own waiting polls, and sleeps between the polls."""
    if connection.vendor != "sqlite":
        yield
        return
    with (settings.DATA / "writer.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Shelving:
    """One batch's part of a transaction: what is decided, and written."""

    def __init__(self, writer: indexing.Writer, submission: Submission) -> None:
        self._writer = writer
        self._submission = submission
        self._origin = submission.origin
        self._kept = submission.kept
        self._decided: list[tuple[Prepared, Verdict]] = []
        self._coming: dict[int, list[str]] = {}
        # An attempt that was rolled back may have decided otherwise.
        self._kept.dropped.clear()

    def write(self) -> Shelved:
        verdicts: dict[Identity, Verdict] = {}
        shelved = Shelved([])
        for members in _by_series(self._submission.batch):
            known = self._known(members)
            found = {each.identity: self._verdict(each, known) for each in members}
            coming = [each for each in members if found[each.identity].status in IN_INDEX]
            if coming:
                study_pk = self._index(coming, known)
                shelved.study_pks.add(study_pk)
                self._coming.setdefault(study_pk, []).extend(each.identity.sop_instance_uid for each in coming)
                shelved.size += sum(each.staged.size for each in coming)
            verdicts |= found
        shelved.verdicts = [verdicts[each.identity] for each in self._submission.batch]
        self._decided = list(zip(self._submission.batch, shelved.verdicts, strict=True))
        for each, verdict in self._decided:
            self._put_aside(each, verdict)
        return shelved

    def _known(self, members: Sequence[Prepared]) -> dict[str, KnownInstance]:
        """The same SOP Instance UID in another series is another object: it is stored beside the first."""
        uids = members[0].identity
        sop_uids = [each.identity.sop_instance_uid for each in members]
        return self._writer.known(self._origin.practice_id, uids.study_instance_uid, uids.series_instance_uid, sop_uids)

    def _verdict(self, prepared: Prepared, known: Mapping[str, KnownInstance]) -> Verdict:
        same = known.get(prepared.identity.sop_instance_uid)
        if same is None:
            return STORED
        return KNOWN if same.digest == prepared.staged.digest else OF_POLICY[self._submission.policy]

    def _index(self, coming: Sequence[Prepared], known: Mapping[str, KnownInstance]) -> int:
        uids = [each.identity.sop_instance_uid for each in coming]
        replaced = {uid: known[uid] for uid in uids if uid in known}
        self._kept.drop([each.file_key for each in replaced.values()])
        return self._writer.add(coming, self._origin, self._submission.keys, replaced)

    def _put_aside(self, prepared: Prepared, verdict: Verdict) -> None:
        """What does not come into the index waits in quarantine, or goes again."""
        key = self._submission.keys[prepared.identity]
        is_needed = verdict.status in IN_INDEX
        if verdict.status is Status.QUARANTINED:
            is_needed = self._quarantine(prepared, key)
        if not is_needed:
            self._kept.drop([key])

    def _quarantine(self, prepared: Prepared, key: str) -> bool:
        """Whether it is new there."""
        identity = prepared.identity
        _, made = Quarantined.objects.get_or_create(
            practice_id=self._origin.practice_id,
            sop_instance_uid=identity.sop_instance_uid,
            digest=prepared.staged.digest,
            defaults={
                "study_instance_uid": identity.study_instance_uid,
                "series_instance_uid": identity.series_instance_uid,
                "patient_name": indexing.patient_name(prepared),
                "reason": say("Its SOP Instance UID is that of a stored object with other content."),
                "file_key": key,
                "size": prepared.staged.size,
                "source": self._origin.way,
            },
        )
        return made

    def brought(self) -> list[Brought]:
        """What of the batch is new, by study."""
        origin, address = self._origin, self._submission.exchange.address
        return [Brought(study_pk, tuple(uids), origin, address) for study_pk, uids in self._coming.items()]

    def entries(self) -> list[Entry]:
        """One event for each study and status: PS3.15 A.5.3, DICOM Instances Transferred."""
        counts: dict[tuple[str, Status], int] = {}
        for prepared, verdict in self._decided:
            key = prepared.identity.study_instance_uid, verdict.status
            counts[key] = counts.get(key, 0) + 1
        return [self._entry(study, status, count) for (study, status), count in counts.items()]

    def _entry(self, study_uid: str, status: Status, count: int) -> Entry:
        exchange = self._submission.exchange
        return Entry(
            action=ACTIONS.get(status, Event.Action.IMPORT),
            actor=self._origin.actor,
            practice_id=self._origin.practice_id,
            source=self._origin.way,
            study_instance_uid=study_uid,
            count=count,
            detail=status.value,
            request_id=self._origin.request_id or exchange.request_id,
            address=exchange.address,
            via=exchange.via,
            patient=self._writer.patient(self._origin.practice_id, study_uid),
        )


def _by_series(batch: Sequence[Prepared]) -> list[list[Prepared]]:
    found: dict[tuple[str, str], list[Prepared]] = {}
    for each in batch:
        found.setdefault((each.identity.study_instance_uid, each.identity.series_instance_uid), []).append(each)
    return list(found.values())
