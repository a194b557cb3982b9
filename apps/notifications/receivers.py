"""What the rest of the server tells, turned into news for those whom it concerns. In workers, or after a commit."""

from typing import Any, Final

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.archive.outcomes import Origin, Status
from apps.jobs.models import State
from apps.jobs.queue import enqueue
from apps.notifications import audience, personal, sending
from apps.notifications.kinds import RULES, Kind
from apps.notifications.models import Notification
from apps.notifications.telling import News, tell
from apps.notifications.wording import QUARANTINE
from apps.practice.models import Match, MatchState
from apps.reports.critical import What
from apps.reports.models import CriticalFinding, Signature

QUARANTINED: Final = "notification-quarantine"
# Of their failing nobody is told, by what may have failed.
OWN: Final = (sending.SEND, personal.TEST, QUARANTINED)


def on_settled(*, study: Study, **_: Any) -> None:
    """A study is complete for now."""
    users = audience.of_study(study, RULES[Kind.NEW_STUDY].permission)
    tell(News(Kind.NEW_STUDY, study.practice_id, str(study.pk), study.pk), users)


def on_matched(*, practice_id: int, study_pks: set[int], **_: Any) -> None:
    """Matching has looked, or somebody has decided."""
    waiting = Match.objects.filter(study__in=study_pks, state=MatchState.REVIEW, practice=practice_id).count()
    if waiting:
        users = audience.of_practice(practice_id, RULES[Kind.NEEDS_REVIEW].permission)
        tell(News(Kind.NEEDS_REVIEW, practice_id, times=waiting), users)


def on_stored(*, statuses: list[Status], origin: Origin, **_: Any) -> None:
    """Something came that may be in quarantine: a job tells of it, since the sender waits here."""
    if Status.QUARANTINED in statuses:
        enqueue(QUARANTINED, {"practice": origin.practice_id}, practice=origin.practice_id, key=str(origin.practice_id))


def tell_quarantined(practice_id: int) -> int:
    """Tell who decides about quarantine; gives how many."""
    return tell(News(Kind.NEEDS_REVIEW, practice_id, QUARANTINE), audience.of_practice(practice_id, Permission.EDIT))


def on_ended(*, job_pk: int, kind: str, state: State, practice_id: int | None, **told: Any) -> None:
    """A job has ended for good: whoever asked for it and the administrators are told where it failed."""
    if state != State.FAILED or kind in OWN:
        return
    asked = told.get("requested_by_id")
    users = {asked} if asked else set()
    if practice_id is None:
        users |= set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    else:
        users |= audience.of_practice(practice_id, RULES[Kind.JOB_FAILED].permission)
    tell(News(Kind.JOB_FAILED, practice_id, kind, job_pk, {"job": kind}), users)


def on_noteworthy(*, kind: str, practice_id: int | None, values: dict[str, Any], key: str = "", **_: Any) -> None:
    """An app beside this one tells something. Raises ValueError for a kind that there isn't."""
    known = Kind(kind)
    permission = RULES[known].permission
    users = audience.of_site(permission) if practice_id is None else audience.of_practice(practice_id, permission)
    tell(News(known, practice_id, key, values=values), users)


def on_report_signed(*, signature: Signature, **_: Any) -> None:
    """A report was signed, again where it was amended: who sees its study is told, but for who signed it."""
    study = signature.report.study
    users = audience.of_study(study, RULES[Kind.REPORT_SIGNED].permission) - {signature.signed_by_id or 0}
    tell(News(Kind.REPORT_SIGNED, study.practice_id, f"signature {signature.pk}", signature.report_id), users)


def on_critical(*, finding: CriticalFinding, what: What, **_: Any) -> None:
    """Somebody must know: the recipient or all who see the study and, when nobody has acknowledged it in time, those
    who sign reports and administer too. Once it is acknowledged it waits for nobody, and who raised it is told."""
    study, key = finding.study, f"{finding.pk}/{what}/{finding.escalations}"
    news = News(Kind.CRITICAL, study.practice_id, key, finding.pk, {"what": what.value})
    if what == What.ACKNOWLEDGED:
        told = Notification.objects.filter(kind=Kind.CRITICAL, practice=study.practice_id, subject=finding.pk)
        told.filter(seen_at=None).update(seen_at=finding.acknowledged_at)
    tell(news, _who_must_know(finding, what))


def _who_must_know(finding: CriticalFinding, what: What) -> set[int]:
    """Not whoever has just done it."""
    study = finding.study
    if what == What.ACKNOWLEDGED:
        return {finding.raised_by_id or 0} - {0, finding.acknowledged_by_id}
    users = {finding.recipient_id} if finding.recipient_id else _all_with(study, Permission.VIEW)
    if what == What.RAISED:
        return users - {finding.raised_by_id or 0}
    return users | _all_with(study, Permission.SIGN) | audience.of_practice(study.practice_id, Permission.ADMINISTER)


def _all_with(study: Study, permission: Permission) -> set[int]:
    """Who has the permission for the study, also who has stored it."""
    return audience.of_study(study, permission) | audience.of_practice(study.practice_id, permission)


def on_nearly_full(*, practice_id: int, used: int, quota: int, **_: Any) -> None:
    """The practice has used nine tenths of what it may store."""
    percent = 100 * used // quota if quota else 100
    users = audience.of_practice(practice_id, RULES[Kind.QUOTA].permission)
    tell(News(Kind.QUOTA, practice_id, values={"percent": percent}), users)
