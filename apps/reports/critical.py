"""Critical findings: raised, told again while nobody acknowledges them, and acknowledged; each step on record."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.rights import denied
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound
from apps.reports import events
from apps.reports.models import CriticalFinding, CriticalStep, Report, Urgency
from apps.saying import Sentence, say

RAISES: Final = Permission.REPORT
READS: Final = Permission.VIEW
# Of one study, at a time.
MOST_OPEN: Final = 20
# How often one is told again; then it stays open, and is told no more.
MOST_ESCALATIONS: Final = 20
# In one round of the clock.
AT_ONCE: Final = 100
NO_FINDING: Final = say("There is no such critical finding.")


class What(StrEnum):
    """What was done about a finding."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Raised:
    """What somebody must know: `urgency` says how soon, `recipient` (a user's key) who; None for all who may look at
    the study. `report` is the key of the report that says it."""

    urgency: Urgency
    text: str
    recipient: int | None = None
    report: int | None = None


def raise_finding(who: Principal, study: Study, raised: Raised, *, source: str = "") -> CriticalFinding:
    """Let those know who must. Raises Refused, Invalid with what is wrong, and Conflict where MOST_OPEN are open."""
    if not Study.objects.visible_to(who, RAISES).filter(pk=study.pk).exists():
        raise denied(who, RAISES, study.study_instance_uid)
    text = _checked(study, raised)
    now = timezone.now()
    with transaction.atomic():
        _check_room(study)
        finding = CriticalFinding.objects.create(
            study=study, report_id=raised.report, urgency=raised.urgency, text=text, recipient_id=raised.recipient,
            raised_by_id=who.user_id or None, raised_at=now, due_at=now + patience(raised.urgency),
        )  # fmt: skip
        _note(finding, What.RAISED, say("Raised."), who)
        _on_record(who, finding, What.RAISED, source)
    return finding


def acknowledge(who: Principal, pk: int, how: str, *, source: str = "") -> CriticalFinding:
    """Say that who must know does: by whom is `who`, `how` such as "by telephone". Nobody is told again.

    Raises NotFound, Invalid for a text that is too long, and Conflict where it was acknowledged before.
    """
    if len(how := " ".join(how.split())) > TEXT_LENGTH:
        raise Invalid(errors=[("how", say("At most {most} characters.", most=TEXT_LENGTH))])
    with transaction.atomic():
        rows = CriticalFinding.objects.visible_to(who, READS).select_for_update(of=("self",))
        finding = rows.select_related("study").defer("study__found", "study__original_found").filter(pk=pk).first()
        if finding is None:
            raise NotFound(NO_FINDING)
        if finding.acknowledged_at is not None:
            raise Conflict(say("Somebody has acknowledged this finding already."))
        finding.acknowledged_at, finding.acknowledged_by_id, finding.how = timezone.now(), who.user_id or None, how
        finding.save(update_fields=["acknowledged_at", "acknowledged_by", "how"])
        _note(finding, What.ACKNOWLEDGED, say("Acknowledged: {how}", how=how) if how else say("Acknowledged."), who)
        _on_record(who, finding, What.ACKNOWLEDGED, source)
    return finding


def escalate(**_: Any) -> int:
    """Tell again, to more people, what nobody has acknowledged in time; gives how many. Several at once do no harm."""
    now = timezone.now()
    due = CriticalFinding.objects.filter(acknowledged_at=None, due_at__lte=now, escalations__lt=MOST_ESCALATIONS)
    return sum(_escalate(pk) for pk in due.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])


def _escalate(pk: int) -> bool:
    """Whether it was this round that told it."""
    now = timezone.now()
    with transaction.atomic():
        urgency = CriticalFinding.objects.filter(pk=pk).values_list("urgency", flat=True).first()
        still = CriticalFinding.objects.filter(pk=pk, acknowledged_at=None, due_at__lte=now)
        if urgency is None or not still.update(escalations=F("escalations") + 1, due_at=now + patience(urgency)):
            return False
        finding = CriticalFinding.objects.select_related("study").defer("study__found").get(pk=pk)
        _note(finding, What.ESCALATED, say("Nobody has acknowledged it in time: told again."), None)
        tell(
            Action.EDIT, actor="clock", practice_id=finding.study.practice_id,
            study_instance_uid=finding.study.study_instance_uid, detail=_detail(finding, What.ESCALATED),
        )  # fmt: skip
    return True


def patience(urgency: str) -> timedelta:
    """How long one of this urgency may wait to be acknowledged, and between two times that it is told."""
    return timedelta(minutes=settings.CRITICAL_MINUTES[urgency])


def _checked(study: Study, raised: Raised) -> str:
    text = raised.text.strip()
    if not text or len(text) > TEXT_LENGTH:
        raise _wrong("text", say("Say what was found, in at most {most} characters.", most=TEXT_LENGTH))
    if raised.report and not Report.objects.filter(pk=raised.report, study=study).exists():
        raise _wrong("report", say("This report is not one of the study."))
    if raised.recipient and not _sees(raised.recipient, study):
        raise _wrong("recipient", say("This user may not look at the study."))
    return text


def _sees(user_id: int, study: Study) -> bool:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and Study.objects.visible_to(Principal.of(user), READS).filter(pk=study.pk).exists()


def _check_room(study: Study) -> None:
    Study.objects.select_for_update().only("pk").get(pk=study.pk)
    if CriticalFinding.objects.filter(study=study, acknowledged_at=None).count() >= MOST_OPEN:
        raise Conflict(say("{most} critical findings of this study are open: acknowledge some first.", most=MOST_OPEN))


def _note(finding: CriticalFinding, what: What, text: Sentence, who: Principal | None) -> None:
    """Write the step down, and tell it."""
    by = (who.user_id or None) if who else None
    CriticalStep.objects.create(finding=finding, at=timezone.now(), what=text[:TEXT_LENGTH], by_id=by)
    events.critical_told.send(sender=CriticalFinding, finding=finding, what=what)


def _on_record(who: Principal, finding: CriticalFinding, what: What, source: str) -> None:
    """Without what was found: the record names no diagnosis."""
    study = finding.study
    tell(
        Action.EDIT, principal=who, practice_id=study.practice_id, study_instance_uid=study.study_instance_uid,
        detail=_detail(finding, what), source=source,
    )  # fmt: skip


def _detail(finding: CriticalFinding, what: What) -> str:
    return f"critical finding {finding.pk} {what}"


def _wrong(field: str, reason: Sentence) -> Invalid:
    return Invalid(reason, [(field, reason)])
