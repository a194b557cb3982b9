"""The job of a batch: file after file into the archive, in groups that share a commit, each noted with what it became.

What is noted is not done again: an attempt that was killed is gone on with, and the files of the group that it was at
count as known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from apps.accounts.principal import Principal
from apps.archive import store
from apps.archive.outcomes import Outcome, Status
from apps.archive.store import BATCH_BYTES, BATCH_COUNT, Origin
from apps.core.errors import FoveaError
from apps.jobs.handle import JobHandle
from apps.practice.batches import reading, receiving
from apps.practice.batches.facts import Facts, Said
from apps.practice.batches.reading import Found
from apps.practice.batches.registering import IN_ARCHIVE, Registered, Registrar
from apps.practice.batches.staging import Folder, Plan
from apps.practice.models import Batch, BatchFile, FileOutcome, Lead, XrayType
from apps.practice.models.batches import DETAIL_LENGTH, FILE_NAME_LENGTH
from apps.practice.xrays import receiving as of_xrays
from apps.practice.xrays.facts import Declared
from apps.practice.xrays.receiving import BATCH_WAY, NO_IMAGE
from apps.saying import say
from apps.uploads.entries import Broken, Candidate, Kind, Other, Passed, Problem

OUTCOMES: Final = {
    Status.STORED: FileOutcome.STORED,
    Status.OVERWRITTEN: FileOutcome.STORED,
    Status.KNOWN: FileOutcome.KNOWN,
    Status.QUARANTINED: FileOutcome.QUARANTINED,
    Status.REFUSED: FileOutcome.REFUSED,
}
# Errors of this status and above are not the file's: the job is tried again.
TRANSIENT: Final = 500
# Why a file was passed over, as it is noted.
PASSED_OVER: Final = {
    Kind.NOT_DICOM: say("Passed over: not DICOM."),
    Kind.DIRECTORY: say("Passed over: DICOMDIR."),
    Kind.LINK: say("Passed over: link to elsewhere."),
}
LEFTOVER: Final = say("Left in the folder by an operating system.")
NO_LEAD_NOW: Final = say("Its lead has been taken away since: say whose it is in the review of matches.")


def run(handle: JobHandle, batch: Batch, principal: Principal) -> dict[str, Any]:
    """Store the files of the batch that are not done with. The upload is gone when it returns.

    Raises between two files what the handle does to stop; Conflict where the upload is gone; OutOfSpace, Unavailable.
    """
    folder = Folder(batch.folder)
    plan = folder.plan()
    if not batch.total:
        batch.total = _counted(folder, plan)
        batch.save(update_fields=["total"])
    work = _Work(handle, batch, principal, Said.of_json(plan.facts, plan.named))
    work.all(reading.files(folder, plan))
    folder.discard()
    return dict(batch.files.order_by().values_list("outcome").annotate(Count("pk")))


def _counted(folder: Folder, plan: Plan) -> int:
    """How many files there are; an archive that can't be read counts as one, and is told of when its turn comes."""
    total = 0
    for file in plan.files:
        with folder.file(file.number).open("rb") as stream:
            try:
                total += receiving.files_in(stream)
            except Broken:
                total += 1
    return total


class Metered:
    """Pieces of a file, and how many bytes they were."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class _Received:
    """A DICOM file that waits for its group's commit."""

    found: Found
    size: int
    declared: Declared


class _Work:
    """One attempt."""

    def __init__(self, handle: JobHandle, batch: Batch, principal: Principal, said: Said) -> None:
        self._handle = handle
        self._batch = batch
        self._principal = principal
        self._said = said
        self._origin = Origin(BATCH_WAY, batch.practice_id, principal.username, "", principal.user_id or None)
        self._registrar = Registrar(principal, self._origin)
        self._leads = Lead.objects.alive().filter(practice=batch.practice_id).in_bulk(said.leads)
        self._done = set(batch.files.values_list("key", flat=True))

    def all(self, files: Iterator[Found]) -> None:
        goes_on = True
        while goes_on:
            received: list[_Received] = []
            with store.Batch(self._origin) as group:
                goes_on = self._fill(group, files, received)
                outcomes = group.commit()
            self._note_group(received, outcomes)

    def _fill(self, group: store.Batch, files: Iterator[Found], received: list[_Received]) -> bool:
        """Take files until the group is worth a commit; False when there are no more."""
        size = 0
        for found in files:
            if found.key in self._done:
                continue
            done = len(self._done) + len(received)
            self._handle.progress(done, max(self._batch.total, done), "Storing the files")
            if isinstance(found.entry, Candidate):
                size += self._receive(group, found, found.entry, received)
            else:
                self._note([self._other(found)])
            if len(received) >= BATCH_COUNT or size >= BATCH_BYTES:
                return True
        return False

    def _receive(self, group: store.Batch, found: Found, entry: Candidate, received: list[_Received]) -> int:
        """Take a DICOM file in; how many bytes of it wait for the commit."""
        chunks = Metered(entry.chunks)
        try:
            group.receive(chunks)
        except Broken as error:
            self._note([self._row(found, FileOutcome.REFUSED, str(error))])
            return 0
        received.append(_Received(found, chunks.size, self._declared(found)))
        return chunks.size

    def _note_group(self, received: Sequence[_Received], outcomes: Sequence[Outcome]) -> None:
        registered = self._registrar.register(outcomes, [each.declared for each in received])
        self._note(
            [self._stored(*each) for each in zip(received, outcomes, registered, strict=True)],
        )

    def _stored(self, received: _Received, outcome: Outcome, registered: Registered) -> BatchFile:
        found, is_kept = received.found, outcome.status in IN_ARCHIVE
        is_orphaned = self._facts(found).lead_id is not None and received.declared.lead is None
        detail = outcome.reason or registered.conflict or (NO_LEAD_NOW if is_orphaned else "")
        if is_kept and registered.xray is None:
            detail = NO_IMAGE
        row = self._row(found, OUTCOMES[outcome.status], detail, received.size)
        row.xray = registered.xray
        row.study_instance_uid = outcome.study_instance_uid
        return row

    def _other(self, found: Found) -> BatchFile:
        """What is no DICOM object: a picture is stored as one, all else says why it is not."""
        match found.entry:
            case Passed(kind=kind):
                return self._row(found, FileOutcome.SKIPPED, PASSED_OVER[kind])
            case Problem(reason=reason):
                return self._row(found, FileOutcome.REFUSED, reason)
            case Other(chunks=chunks) if not found.is_leftover:
                return self._picture(found, Metered(chunks))
        return self._row(found, FileOutcome.SKIPPED, LEFTOVER)

    def _picture(self, found: Found, chunks: Metered) -> BatchFile:
        try:
            taken = of_xrays.take(self._principal, self._origin, chunks, self._declared(found))
        except Broken as error:
            return self._row(found, FileOutcome.REFUSED, str(error), chunks.size)
        except FoveaError as error:
            if error.status >= TRANSIENT:
                raise
            return self._row(found, FileOutcome.REFUSED, error.detail, chunks.size)
        outcome = FileOutcome.PICTURE if taken.is_new else FileOutcome.KNOWN
        row = self._row(found, outcome, taken.conflict, chunks.size)
        row.xray = taken.xray
        row.study_instance_uid = taken.outcome.study_instance_uid
        return row

    def _facts(self, found: Found) -> Facts:
        return self._said.of(found.name, *found.aliases)

    def _declared(self, found: Found) -> Declared:
        facts = self._facts(found)
        lead = self._leads.get(facts.lead_id) if facts.lead_id else None
        kind = XrayType(facts.xray_type) if facts.xray_type else None
        return Declared(lead, kind, facts.date_taken, facts.teeth, facts.notes, facts.user_id)

    def _row(self, found: Found, outcome: FileOutcome, detail: str = "", size: int | None = None) -> BatchFile:
        return BatchFile(
            batch=self._batch,
            key=found.key,
            name=found.name[-FILE_NAME_LENGTH:],
            size=found.size if size is None else size,
            outcome=outcome,
            detail=detail[:DETAIL_LENGTH],
        )

    def _note(self, rows: Sequence[BatchFile]) -> None:
        # Another attempt that was believed dead may have noted some of them.
        BatchFile.objects.bulk_create(rows, ignore_conflicts=True)
        self._done.update(row.key for row in rows)
