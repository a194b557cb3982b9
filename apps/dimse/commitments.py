"""Storage commitment (PS3.4 J): what was asked is kept, the outcome is looked up, and telling it is tried for days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.archive.models import Instance
from apps.archive.storage import site_objects
from apps.core.errors import Conflict
from apps.dicom.network.command import Status
from apps.dimse.models import TEXT_LENGTH, Commitment, CommitmentState
from apps.jobs.queue import enqueue
from apps.remotes.admission import Admitted
from apps.saying import say

KIND: Final = "storage_commitment"
# The association that asked is given the first try; the worker has the next ones.
FIRST: Final = timedelta(seconds=3)
# For so long nobody else tries: more than calling a remote can take.
CLAIMED: Final = timedelta(minutes=3)
PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(days=7)
KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 500

Reference = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is kept here of what was asked about, and what is not, with the Failure Reason (PS3.3 C.14)."""

    kept: tuple[Reference, ...]
    failed: tuple[tuple[Reference, int], ...]


def ask(admitted: Admitted, transaction_uid: str, references: Sequence[Reference]) -> Commitment:
    """Keep a request, durably. One that is asked again is told again.

    Raises Conflict for a Transaction UID that the remote has used for other instances.
    """
    with transaction.atomic():
        commitment, is_new = Commitment.objects.select_for_update().get_or_create(
            remote_id=admitted.remote_id,
            transaction_uid=transaction_uid,
            defaults={
                "practice_id": admitted.practice_id,
                "called": admitted.called,
                "references": list(references),
                "instances": len(references),
            },
        )
        if not is_new:
            if sorted(map(tuple, commitment.references)) != sorted(references):
                raise Conflict(say("This Transaction UID was used for other instances."))
            _ask_again(commitment)
        enqueue_telling(commitment, FIRST)
    return commitment


def try_again(commitment: Commitment) -> None:
    """Tell the outcome anew, as somebody asks for; the counting begins again."""
    with transaction.atomic():
        _ask_again(commitment)
        enqueue_telling(commitment)


def _ask_again(commitment: Commitment) -> None:
    commitment.state, commitment.attempts, commitment.error = CommitmentState.WAITING, 0, ""
    commitment.asked_at = commitment.next_try_at = timezone.now()
    commitment.save(update_fields=["state", "attempts", "error", "asked_at", "next_try_at"])


def enqueue_telling(commitment: Commitment, delay: timedelta = timedelta(0)) -> None:
    """Have a worker tell the outcome, in the caller's transaction."""
    parameters = {"commitment": commitment.pk}
    enqueue(KIND, parameters, practice=commitment.practice_id, key=str(commitment.pk), delay=delay)


def claim(commitment: Commitment) -> bool:
    """Whether it is now the caller's to tell the outcome: nobody else does for a while."""
    now = timezone.now()
    due = Commitment.objects.filter(pk=commitment.pk, state=CommitmentState.WAITING, next_try_at__lte=now)
    return bool(due.update(next_try_at=now + CLAIMED))


def told(pk: int) -> None:
    """Note that the remote has been told."""
    waiting = Commitment.objects.filter(pk=pk, state=CommitmentState.WAITING)
    waiting.update(state=CommitmentState.TOLD, told_at=timezone.now(), error="")


def failed(commitment: Commitment, reason: str) -> None:
    """Note that the remote could not be told, and when it is tried next: later each time, and for days."""
    commitment.refresh_from_db(fields=["attempts", "asked_at"])
    now = timezone.now()
    if now - commitment.asked_at > GIVEN_UP_AFTER:
        commitment.state = CommitmentState.GIVEN_UP
    pause = min(PAUSE * 2 ** min(commitment.attempts, 10), LONGEST_PAUSE)
    commitment.attempts += 1
    commitment.error = reason[:TEXT_LENGTH]
    commitment.next_try_at = now + pause
    commitment.save(update_fields=["state", "attempts", "error", "next_try_at"])


def check(commitment: Commitment) -> Checked:
    """Look up what is kept here of the practice's: in the index, and as a file of the size that the index says."""
    kept: list[Reference] = []
    missed: list[tuple[Reference, int]] = []
    for start in range(0, len(commitment.references), _AT_ONCE):
        some = [(sop_class, uid) for sop_class, uid in commitment.references[start : start + _AT_ONCE]]
        for reference, reason in _checked(commitment.practice_id, some):
            if reason is None:
                kept.append(reference)
            else:
                missed.append((reference, reason))
    Commitment.objects.filter(pk=commitment.pk).update(failed=len(missed))
    return Checked(tuple(kept), tuple(missed))


def on_minute(**_: object) -> None:
    """Ask anew for jobs that were lost, and remove requests that came to their end long ago."""
    forgotten = Commitment.objects.filter(state=CommitmentState.WAITING, next_try_at__lt=timezone.now() - CLAIMED)
    for commitment in forgotten[:_AT_ONCE]:
        enqueue_telling(commitment)
    old = Commitment.objects.exclude(state=CommitmentState.WAITING).filter(asked_at__lt=timezone.now() - KEPT)
    Commitment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_AT_ONCE])).delete()


def _checked(practice_id: int, references: Sequence[Reference]) -> Iterator[tuple[Reference, int | None]]:
    """Each of them with the reason why it is not kept, None where it is."""
    uids = [uid for _, uid in references]
    rows = Instance.objects.filter(series__study__practice_id=practice_id, sop_instance_uid__in=uids)
    known: dict[str, list[tuple[str, str, int]]] = {}
    for uid, sop_class, key, size in rows.values_list("sop_instance_uid", "sop_class_uid", "file_key", "size"):
        known.setdefault(uid, []).append((sop_class, key, size))
    for sop_class, uid in references:
        yield (sop_class, uid), _reason(sop_class, known.get(uid, []))


def _reason(sop_class: str, rows: Sequence[tuple[str, str, int]]) -> int | None:
    if not rows:
        return Status.NO_SUCH_OBJECT_INSTANCE
    if sop_class not in {row[0] for row in rows}:
        return Status.CLASS_INSTANCE_CONFLICT
    is_whole = all(site_objects().size(key) == size for _, key, size in rows)
    return None if is_whole else Status.PROCESSING_FAILURE
