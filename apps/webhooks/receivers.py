"""What becomes an event: studies that settle, matches that are written, jobs that end, reports that are signed,
critical findings."""

from typing import Any, Final

from django.db import transaction

from apps.archive.models import Study
from apps.jobs.models import Job, State
from apps.practice.models import Match, MatchState
from apps.reports.critical import What
from apps.reports.models import CriticalFinding, Signature
from apps.webhooks import interest, kinds, outbox

OF_MATCH: Final = {
    MatchState.LINKED: kinds.STUDY_MATCHED,
    MatchState.REVIEW: kinds.STUDY_NEEDS_REVIEW,
    MatchState.NO_LEAD: kinds.STUDY_UNMATCHED,
    MatchState.PENDING: kinds.STUDY_UNMATCHED,
}


def on_settled(*, study: Study, **_: Any) -> None:
    """A study is complete, as far as one can tell."""
    if study.practice_id in interest.practices(kinds.STUDY_STABLE):
        outbox.put(study.practice_id, kinds.STUDY_STABLE, study.study_instance_uid, of_study(study))


def on_match_written(*, match: Match, **_: Any) -> None:
    """A study has another lead, or another state of its match."""
    kind = OF_MATCH[MatchState(match.state)]
    if match.practice_id not in interest.practices(kind):
        return
    uid = match.study.study_instance_uid
    data = {
        "studyInstanceUid": uid,
        "matchId": match.pk,
        "state": str(match.state),
        "leadId": match.lead_id if match.state == MatchState.LINKED else None,
        "how": str(match.how),
    }
    outbox.put(match.practice_id, kind, uid, data)


def on_job_ending(*, job: Job, state: State, **_: Any) -> None:
    """A job has ended that somebody asked for, or one has failed."""
    if job.practice_id not in interest.practices(kinds.JOB_FINISHED):
        return
    if job.requested_by_id is None and state != State.FAILED:
        return
    # In a savepoint: a job has ended whether this can be written or not.
    with transaction.atomic():
        error = Job.objects.filter(pk=job.pk).values_list("error", flat=True).first() or ""
        data = {
            "jobId": job.pk,
            "kind": job.kind,
            "state": str(state.value),
            "error": error,
            "requestedById": job.requested_by_id,
        }
        outbox.put(job.practice_id, kinds.JOB_FINISHED, f"job {job.pk}", data)


def on_report_signed(*, signature: Signature, **_: Any) -> None:
    """A report was signed, and what leaves of it is stored; in the transaction that notes it."""
    study = signature.report.study
    kind = kinds.REPORT_SIGNED if signature.number == 1 else kinds.REPORT_AMENDED
    if study.practice_id not in interest.practices(kind):
        return
    data = {
        "studyInstanceUid": study.study_instance_uid,
        "reportId": signature.report_id,
        "signature": signature.number,
        "digest": signature.digest,
        "pdfDigest": signature.pdf_digest,
        "pdfInstanceUid": signature.pdf_instance_uid,
        "reportInstanceUid": signature.sr_instance_uid,
        "signedById": signature.signed_by_id,
    }
    outbox.put(study.practice_id, kind, study.study_instance_uid, data)


OF_FINDING: Final = {
    What.RAISED: kinds.CRITICAL_RAISED,
    What.ESCALATED: kinds.CRITICAL_ESCALATED,
    What.ACKNOWLEDGED: kinds.CRITICAL_ACKNOWLEDGED,
}


def on_critical(*, finding: CriticalFinding, what: What, **_: Any) -> None:
    """Something was done about a critical finding; in the transaction that notes it."""
    study, kind = finding.study, OF_FINDING[what]
    if study.practice_id not in interest.practices(kind):
        return
    data = {
        "studyInstanceUid": study.study_instance_uid,
        "criticalFindingId": finding.pk,
        "urgency": str(finding.urgency),
        "escalations": finding.escalations,
        "raisedById": finding.raised_by_id,
        "acknowledgedById": finding.acknowledged_by_id,
    }
    outbox.put(study.practice_id, kind, study.study_instance_uid, data)


def of_study(study: Study) -> dict[str, Any]:
    """What a study's events say of it."""
    return {
        "studyInstanceUid": study.study_instance_uid,
        "modalities": [each for each in study.modalities.split("\\") if each],
        "series": study.series_count,
        "instances": study.instance_count,
    }
