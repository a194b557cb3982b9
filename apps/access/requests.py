"""Access requests: somebody who works in the practice asks to see what they know of; an administrator decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.access import finding, granting, people
from apps.access.models import SHORTEST_REASON, AccessRequest, Kind
from apps.accounts import authentication
from apps.accounts.models import Grant
from apps.accounts.permissions import Scope
from apps.accounts.principal import Principal
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.core.languages import in_english
from apps.saying import say

MOST_WAITING: Final = 10
MOST_DAYS: Final = 366
State = AccessRequest.State


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see, why, and for how many days."""

    kind: Kind
    value: str
    reason: str
    days: int


def ask(who: Principal, asked: Asked) -> AccessRequest:
    """Ask in the active practice. The answer is the same whether there is such a study or not: nobody looks.

    Raises Refused for who doesn't work there, Invalid, and Conflict for one request too many.
    """
    practice_id = people.workplace(who)
    _check(asked)
    if AccessRequest.objects.filter(user=who.user_id, state=State.WAITING).count() >= MOST_WAITING:
        raise Conflict(
            say(
                "{most_waiting} of your requests wait for an answer. Ask for more when they are decided.",
                most_waiting=MOST_WAITING,
            )
        )
    with transaction.atomic():
        request = AccessRequest.objects.create(
            practice_id=practice_id,
            user_id=who.user_id,
            kind=asked.kind,
            value=asked.value.strip(),
            reason=asked.reason.strip(),
            days=asked.days,
        )
        _tell(Action.ACCESS_ASKED, who, request, "asked", asked.reason)
    return request


def approve(who: Principal, pk: int, *, days: int | None = None, answer: str = "") -> AccessRequest:
    """Let the asker look at what the request names for these days, or for those that were asked for.

    By Patient ID that is what comes later, too. Raises NotFound, Refused for one's own request, and Conflict for one
    that is decided or names nothing.
    """
    with transaction.atomic():
        request = _held(who, pk)
        days = request.days if days is None else days
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(say("Give a number of days from 1 to {most_days}.", most_days=MOST_DAYS))
        until = timezone.now() + timedelta(days=days)
        grants = list(_grants(who, request, until))
        if not grants:
            raise Conflict(say("Nothing that is stored has this number. Refuse the request, or wait until it comes."))
        request.grants.set(grants)
        request.until = until
        _decide(who, request, State.APPROVED, answer)
        _tell(Action.ACCESS_DECIDED, who, request, f"approved for {request.user.username}", answer)
    authentication.forget_all()
    return request


def refuse(who: Principal, pk: int, *, answer: str) -> AccessRequest:
    """Say no, and why. Raises NotFound, Refused for one's own request, and Conflict for one that is decided."""
    with transaction.atomic():
        request = _held(who, pk)
        if len(answer.strip()) < SHORTEST_REASON:
            raise Invalid(
                say(
                    "Say why, in {shortest_reason} characters at least: the asker reads it.",
                    shortest_reason=SHORTEST_REASON,
                )
            )
        _decide(who, request, State.REFUSED, answer)
        _tell(Action.ACCESS_DECIDED, who, request, f"refused to {request.user.username}", answer)
    return request


def _check(asked: Asked) -> None:
    if not asked.value.strip():
        raise Invalid(say("Name the study or the patient by its number."))
    if len(asked.reason.strip()) < SHORTEST_REASON:
        raise Invalid(say("Say why, in {shortest_reason} characters at least.", shortest_reason=SHORTEST_REASON))
    if not 1 <= asked.days <= MOST_DAYS:
        raise Invalid(say("Ask for 1 to {most_days} days.", most_days=MOST_DAYS))


def _held(who: Principal, pk: int) -> AccessRequest:
    """The waiting request, held until the transaction ends, for somebody who decides about it."""
    rows = AccessRequest.objects.select_for_update(of=("self",)).select_related("user", "practice")
    request = rows.visible_to(who).filter(pk=pk).first()
    if request is None:
        raise NotFound(say("There is no such request."))
    if request.user_id == who.user_id:
        raise Refused(say("You can't decide about your own request. Ask a colleague."))
    if request.state != State.WAITING:
        raise Conflict(
            say("This request has been decided already: {state}.", state=in_english(State(request.state).label))
        )
    return request


def _grants(who: Principal, request: AccessRequest, until: datetime) -> Iterator[Grant]:
    for scope, subject in _subjects(request):
        yield granting.give(
            request.user_id,
            request.practice_id,
            scope,
            subject,
            origin=Grant.Origin.REQUEST,
            until=until,
            by=who.user_id,
            reason=f"{request}: {request.reason}",
        )


def _subjects(request: AccessRequest) -> list[tuple[Scope, str]]:
    """What grants are to reach."""
    meant = request.practice_id, request.kind, request.value
    if request.kind == Kind.PATIENT:
        found = finding.patients(*meant).values_list("identity", flat=True)[: finding.MOST_PATIENTS]
        return [(Scope.PATIENT, identity) for identity in found]
    uids = finding.studies(*meant).values_list("study_instance_uid", flat=True)[: finding.MOST_STUDIES]
    return [(Scope.STUDY, uid) for uid in uids]


def _decide(who: Principal, request: AccessRequest, state: AccessRequest.State, answer: str) -> None:
    request.state, request.answer = state, answer.strip()
    request.decided_by_id, request.decided_at = who.user_id, timezone.now()
    request.save(update_fields=["state", "answer", "decided_by", "decided_at", "until"])


def _tell(action: str, who: Principal, request: AccessRequest, what: str, reason: str) -> None:
    """Patient IDs and accession numbers stay off the record: the patient's pseudonym stands for them."""
    meant = finding.patients(request.practice_id, request.kind, request.value)
    identity = meant.values_list("identity", flat=True).first()
    tell(
        Action(action),
        principal=who,
        practice_id=request.practice_id,
        study_instance_uid=request.value if request.kind == Kind.STUDY else "",
        patient=pseudonym(request.practice_id, identity) if identity else "",
        detail=f"access request {request.pk} by {in_english(Kind(request.kind).label)}: {what}",
        reason=reason,
    )
