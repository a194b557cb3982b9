"""What a person may do to a film: stop its conversion, have it tried again, and forget it."""

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Refused
from apps.jobs import control
from apps.jobs.models import State
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.video.keeping import Folder
from apps.video.models import Video
from apps.video.receiving import KIND


def cancel(who: Principal, video: Video) -> Video:
    """Stop it: at once while it waits, at its next step while it runs.

    Raises Refused for who neither sent it nor administers the practice, Conflict for one that has ended.
    """
    decide(who, video)
    if video.job is None:
        raise Conflict(say("This video's conversion has already ended."))
    control.cancel(who, video.job.pk)
    return _again(video)


def retry(who: Principal, video: Video) -> Video:
    """Convert it once more. Raises Refused, and Conflict while it goes on, where it is stored, or its file is gone."""
    decide(who, video)
    with transaction.atomic():
        row = Video.objects.select_for_update(of=("self",)).select_related("job").get(pk=video.pk)
        if row.state not in (State.FAILED, State.CANCELLED):
            raise Conflict(say("Only a video that failed or was cancelled can be tried again."))
        if not row.has_file:
            raise Conflict(say("The video's file is not kept any more: send it again."))
        if row.job is None:
            row.job = enqueue(KIND, principal=who, practice=row.practice_id)
        else:
            control.retry(who, row.job.pk)
        row.kept_until, row.last_state, row.code, row.reason = None, "", "", ""
        row.path, row.plan, row.report = "", None, None
        row.save(update_fields=["job", "kept_until", "last_state", "code", "reason", "path", "plan", "report"])
    return _again(video)


def forget(who: Principal, video: Video) -> None:
    """Remove its row, and its file if that is still here. The object that it became stays in the archive.

    Raises Refused, and Conflict while its conversion goes on.
    """
    decide(who, video)
    with transaction.atomic():
        row = Video.objects.select_for_update(of=("self",)).select_related("job").get(pk=video.pk)
        if not row.is_ended:
            raise Conflict(say("This video is being converted: cancel that first."))
        detail = f"video {row.pk} ({row.last_state or row.state}) forgotten"
        tell(Action.DELETE, principal=who, practice_id=row.practice_id, detail=detail)
        row.delete()
    Folder(video.folder).discard()


def decide(who: Principal, video: Video) -> None:
    """Raises Refused for who neither sent it nor administers all of the practice."""
    is_own = video.requested_by_id is not None and video.requested_by_id == who.user_id
    if not is_own and not who.may_in_all_of(Permission.ADMINISTER, video.practice_id):
        raise Refused(say("A video is for whoever sent it, and for administrators, to stop, try again or remove."))


def _again(video: Video) -> Video:
    return Video.objects.select_related("job").get(pk=video.pk)
