"""What a person may do to a job: cancel it, or have it tried again."""

from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.core.errors import Conflict, NotFound, Refused
from apps.jobs.events import tell_ended
from apps.jobs.models import Job, State
from apps.jobs.queue import send
from apps.saying import say


def cancel(who: Caller, job_id: int) -> Job:
    """Cancel a queued job at once; ask a running one to stop. Raises as `changeable`, and Conflict for an ended one."""
    job = changeable(who, job_id)
    now = timezone.now()
    rows = Job.objects.filter(pk=job.pk)
    cancelled = {"state": State.CANCELLED, "cancel_requested": True, "finished_at": now}
    with transaction.atomic():
        if rows.filter(state=State.QUEUED).update(**cancelled):
            tell_ended(job, State.CANCELLED)
            return rows.get()
    if rows.filter(state=State.RUNNING).update(cancel_requested=True):
        return rows.get()
    raise Conflict(say("This job has already ended."))


def retry(who: Caller, job_id: int) -> Job:
    """Queue a failed or cancelled job again, with all its attempts. Raises as `changeable`, Conflict for another."""
    job = changeable(who, job_id)
    try:
        with transaction.atomic():
            restarted = _restart(job)
    except IntegrityError as error:
        raise Conflict(say("The same work is queued already.")) from error
    if not restarted:
        raise Conflict(say("Only a job that failed or was cancelled can be tried again."))
    return Job.objects.get(pk=job.pk)


def changeable(who: Caller, job_id: int) -> Job:
    """The job, for whoever asked for it and for administrators of its practice. Raises NotFound and Refused."""
    principal = principal_of(who)
    job = Job.objects.visible_to(principal).filter(pk=job_id).first()
    if principal is None or job is None:
        raise NotFound(say("There is no such job."))
    is_own = job.requested_by_id is not None and job.requested_by_id == principal.user_id
    if not is_own and not principal.may_in_all_of(Permission.ADMINISTER, job.practice_id):
        raise Refused(say("A job is for whoever asked for it, and for administrators, to stop or to have tried again."))
    return job


def _restart(job: Job) -> bool:
    now = timezone.now()
    ended = Job.objects.filter(pk=job.pk, state__in=(State.FAILED, State.CANCELLED))
    restarted = ended.update(
        state=State.QUEUED,
        attempts=0,
        not_before=now,
        sent_at=now,
        cancel_requested=False,
        error="",
        progress_done=0,
        progress_total=None,
        progress_text="",
        started_at=None,
        finished_at=None,
    )
    if restarted:
        transaction.on_commit(partial(send, job.pk, job.kind), robust=True)
    return bool(restarted)
