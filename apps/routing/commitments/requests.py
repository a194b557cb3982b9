"""The transactions of storage commitment: made for a study that was sent, asked again for days, and answered."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.archive.models import Instance, Study
from apps.dicom.network.command import Status
from apps.dicom.uids import new_uid
from apps.jobs.models import Job, State
from apps.jobs.queue import enqueue
from apps.remotes.models import Remote
from apps.routing.commitments.models import TEXT_LENGTH, CommitmentRequest, RequestState
from apps.routing.commitments.reports import MOST_REFERENCES, Report, words
from apps.routing.models import Outgoing
from apps.saying import say

ASK: Final = "commitment-request"
CLEAR: Final = "commitment-clear"
# For so long nobody else asks: more than calling a destination and hearing it out takes.
CLAIMED: Final = timedelta(minutes=5)
# Who said that it would look is given so long before it is asked again.
ANSWER_WITHIN: Final = timedelta(hours=2)
PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
GIVEN_UP_AFTER: Final = timedelta(days=7)
KEPT: Final = timedelta(days=90)
_AT_ONCE: Final = 500


def want(study: Study, remote: Remote) -> None:
    """Have the destination asked, in the caller's transaction, once the study has been sent there."""
    parameters = {"study": study.pk, "remote": remote.pk}
    job = enqueue(ASK, parameters, practice=study.practice_id, key=f"{study.pk} {remote.pk}")
    # One that waits until it is time to ask again goes now.
    Job.objects.filter(pk=job.pk, state=State.QUEUED, not_before__gt=timezone.now()).update(
        not_before=timezone.now(), sent_at=None
    )


def on_sent(outgoing: Outgoing) -> None:
    """Have the destination asked where the rule deletes afterwards, in the transaction that notes the sending."""
    if outgoing.rule is not None and outgoing.rule.deletes and outgoing.study is not None:
        want(outgoing.study, outgoing.remote)


def want_cleared(study_pk: int, practice_id: int) -> None:
    """Have a worker see whether the study may be deleted here now, in the caller's transaction."""
    enqueue(CLEAR, {"study": study_pk}, practice=practice_id, key=str(study_pk))


def of(study: Study, remote: Remote) -> list[CommitmentRequest]:
    """The transactions by which the destination is asked about the study as it is now, made where there are none."""
    here = CommitmentRequest.objects.filter(study=study, remote=remote, study_version=study.version)
    if not here.exists():
        CommitmentRequest.objects.bulk_create(_made(study, remote), ignore_conflicts=True)
    return list(here.select_related("remote").order_by("part"))


def claim(request: CommitmentRequest) -> bool:
    """Whether it is now the caller's to ask: nobody else does for a while."""
    now = timezone.now()
    rows = CommitmentRequest.objects.filter(pk=request.pk, state__in=open_states(), next_try_at__lte=now)
    return bool(rows.update(next_try_at=now + CLAIMED))


def open_states() -> tuple[RequestState, ...]:
    """The states in which there is something left to ask or to hear."""
    return RequestState.WAITING, RequestState.ASKED


def accepted(request: CommitmentRequest) -> None:
    """Note that the destination has taken the request; where its report has come already, that stands."""
    with transaction.atomic():
        row = _locked().get(pk=request.pk)
        if row.state not in open_states() or row.transaction_uid != request.transaction_uid:
            return
        row.state, row.attempts, row.error = _unless_given_up(row, RequestState.ASKED), row.attempts + 1, ""
        if row.state == RequestState.GIVEN_UP:
            row.error = say("{name} takes the request and never says what it keeps.", name=row.remote.name)
        row.next_try_at = timezone.now() + ANSWER_WITHIN
        row.save()


def failed(request: CommitmentRequest, reason: str, *, is_declined: bool = False) -> None:
    """Note that it could not be asked, and when it is tried next: later each time.

    One that was declined is another transaction the next time (PS3.4 J.3.2: a Transaction UID is used once).
    """
    with transaction.atomic():
        row = _locked().get(pk=request.pk)
        if row.state not in open_states():
            return
        _put_off(row, reason)
        if is_declined:
            row.transaction_uid, row.state = new_uid(), _unless_given_up(row, RequestState.WAITING)
        row.save()


def answered(practice_id: int, remote_id: int, report: Report) -> bool:
    """Take a destination's report; whether it is about a transaction of ours that it was asked about.

    It is committed where all instances are. Else it is asked again later, as a new transaction: many archives look
    before they are done with what they were sent.
    """
    with transaction.atomic():
        own = _locked().filter(practice=practice_id, remote=remote_id)
        row = own.filter(transaction_uid=report.transaction_uid).first()
        if row is None:
            return False
        if row.state in open_states():
            _settle(row, report)
    return True


def ask_again(request: CommitmentRequest) -> bool:
    """Ask once more, now, as somebody wishes; the days count anew. Whether there is anything to ask for."""
    with transaction.atomic():
        row = _locked().get(pk=request.pk)
        if row.study is None or row.state == RequestState.COMMITTED:
            return False
        row.state, row.attempts, row.error, row.transaction_uid = RequestState.WAITING, 0, "", new_uid()
        row.created_at = row.next_try_at = timezone.now()
        row.save()
        want(row.study, row.remote)
    return True


def note(rows: QuerySet[CommitmentRequest], text: str) -> None:
    """Write down why the study is still here."""
    rows.exclude(note=text[:TEXT_LENGTH]).update(note=text[:TEXT_LENGTH])


def cleared(rows: QuerySet[CommitmentRequest]) -> None:
    """Note that the study was deleted here."""
    rows.update(deleted_at=timezone.now(), note="")


def on_minute(**_: object) -> None:
    """Forget transactions that came to their end long ago."""
    old = CommitmentRequest.objects.exclude(state__in=open_states()).filter(created_at__lt=timezone.now() - KEPT)
    CommitmentRequest.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_AT_ONCE])).delete()


def _locked() -> QuerySet[CommitmentRequest]:
    return CommitmentRequest.objects.select_for_update(of=("self",)).select_related("remote", "study")


def _settle(row: CommitmentRequest, report: Report) -> None:
    missing = {(sop_class, uid) for sop_class, uid in row.references} - report.kept
    row.failed, row.answered_at = len(missing), timezone.now()
    if missing:
        _put_off(row, _missed(row, missing, report))
        row.transaction_uid, row.state = new_uid(), _unless_given_up(row, RequestState.WAITING)
        row.save()
        return
    row.state, row.error = RequestState.COMMITTED, ""
    row.save()
    if row.study_id is not None:
        want_cleared(row.study_id, row.practice_id)


def _missed(row: CommitmentRequest, missing: set[tuple[str, str]], report: Report) -> str:
    reasons = sorted({words(report.failed.get(uid, Status.PROCESSING_FAILURE)) for _, uid in missing})
    return f"{row.remote.name} does not promise to keep {len(missing)} of {row.instances}: {', '.join(reasons)}."


def _put_off(row: CommitmentRequest, reason: str) -> None:
    row.next_try_at = timezone.now() + min(PAUSE * 2 ** min(row.attempts, 12), LONGEST_PAUSE)
    row.attempts += 1
    row.error = reason[:TEXT_LENGTH]
    row.state = _unless_given_up(row, row.state)


def _unless_given_up(row: CommitmentRequest, state: str) -> str:
    return RequestState.GIVEN_UP if timezone.now() - row.created_at > GIVEN_UP_AFTER else state


def _made(study: Study, remote: Remote) -> Iterator[CommitmentRequest]:
    rows = Instance.objects.filter(series__study=study).order_by("pk")
    references = list(rows.values_list("sop_class_uid", "sop_instance_uid"))
    for part, start in enumerate(range(0, len(references), MOST_REFERENCES)):
        yield _part(study, remote, part, references[start : start + MOST_REFERENCES])


def _part(study: Study, remote: Remote, part: int, references: Sequence[tuple[str, str]]) -> CommitmentRequest:
    return CommitmentRequest(
        practice_id=study.practice_id,
        remote=remote,
        study=study,
        study_instance_uid=study.study_instance_uid,
        study_version=study.version,
        part=part,
        transaction_uid=new_uid(),
        references=[list(each) for each in references],
        instances=len(references),
    )
