"""Family access as the practice's staff handle it: invite, give the code, accept or refuse, revoke."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.access import granting, secret, steps
from apps.access.models import SHORTEST_REASON, UNVERIFIED, Invitation, State
from apps.accounts import authentication
from apps.accounts.models import Grant
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.archive import rights
from apps.archive.models import Study
from apps.core.errors import Conflict, Invalid, Refused
from apps.core.languages import in_english
from apps.saying import say

# For how long a link and a code are good.
ANSWER_WITHIN: Final = timedelta(days=7)
CODE_GOOD_FOR: Final = timedelta(hours=24)
CODE_TRIES: Final = 5
LONGEST: Final = timedelta(days=731)
MOST_STUDIES: Final = 50
# Of a practice, not yet answered: more than it can look after.
MOST_OPEN: Final = 500


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is to see the studies, how they are reached, and what they are to the patient."""

    name: str
    contact: str
    relation: Invitation.Relation


def invite(who: Principal, uids: Sequence[str], person: Invited, until: datetime) -> tuple[Invitation, str]:
    """Invite a person to look at these studies of one patient until then, at most two years from now.

    Gives the invitation and the secret of its link, which can't be had again. Raises NotFound or Refused for a study
    that `who` may not share, Invalid and Conflict.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise Invalid(say("The access must end in the future, within two years."))
    studies = _shareable(who, uids)
    first = studies[0]
    if any(study.patient_id != first.patient_id for study in studies):
        raise Invalid(say("These studies are not of one patient. Invite to those of one at a time."))
    if Invitation.objects.filter(practice=first.practice_id, state__in=UNVERIFIED).count() >= MOST_OPEN:
        raise Conflict(
            say(
                "{most_open} invitations have not been answered. Revoke those that no longer count.",
                most_open=MOST_OPEN,
            )
        )
    link, digest = secret.new_link()
    with transaction.atomic():
        invitation = Invitation.objects.create(
            practice_id=first.practice_id,
            patient=first.patient,
            name=person.name,
            contact=person.contact,
            relation=person.relation,
            until=until,
            answer_by=min(until, now + ANSWER_WITHIN),
            digest=digest,
            invited_by_id=who.user_id,
        )
        invitation.studies.set(studies)
        steps.keep(invitation, who.user_id)
        steps.put_on_record(invitation, who)
    return invitation, link


def new_code(who: Principal, pk: int) -> tuple[Invitation, str]:
    """A code to be told to the person by another way than the link. One that was given before is worth nothing now.

    Raises NotFound, and Conflict for an invitation that needs no code any more.
    """
    with transaction.atomic():
        invitation = _held(who, pk)
        steps.be_in(invitation, UNVERIFIED)
        code, invitation.code_digest = secret.new_code(invitation.pk)
        invitation.code_until = min(invitation.until, timezone.now() + CODE_GOOD_FOR)
        invitation.answer_by = max(invitation.answer_by, invitation.code_until)
        invitation.tries_left = CODE_TRIES
        invitation.save(update_fields=["code_digest", "code_until", "answer_by", "tries_left"])
        steps.keep(invitation, who.user_id, say("A code was given out."))
        steps.put_on_record(invitation, who, what="code given out")
    return invitation, code


def accept(who: Principal, pk: int, *, note: str = "") -> Invitation:
    """Let the person, whose identity was verified, look at the studies. Raises NotFound, Conflict, Refused."""
    with transaction.atomic():
        invitation = _held(who, pk)
        steps.be_in(invitation, (State.VERIFIED,))
        _be_another(who, invitation)
        studies = list(invitation.studies.only("study_instance_uid", "practice"))
        if invitation.user_id is None or not studies:
            raise Conflict(say("The account or the studies are gone. Refuse this invitation and make another one."))
        invitation.grants.set([_grant(who, invitation, study) for study in studies])
        steps.take(invitation, State.ACCEPTED, who.user_id, note)
        steps.put_on_record(invitation, who, reason=note)
    authentication.forget_all()
    return invitation


def refuse(who: Principal, pk: int, *, reason: str) -> Invitation:
    """Let the person see nothing. Raises Invalid without a reason, NotFound, Conflict, Refused."""
    with transaction.atomic():
        invitation = _held(who, pk)
        _check_reason(reason)
        steps.be_in(invitation, (State.VERIFIED,))
        _be_another(who, invitation)
        steps.take(invitation, State.REFUSED, who.user_id, reason)
        steps.put_on_record(invitation, who, reason=reason)
    return invitation


def revoke(who: Principal, pk: int, *, reason: str) -> Invitation:
    """End the invitation and whatever it gave. Raises Invalid without a reason, NotFound, Conflict for an ended one."""
    with transaction.atomic():
        invitation = _held(who, pk)
        _check_reason(reason)
        steps.be_in(invitation, (*UNVERIFIED, State.VERIFIED, State.ACCEPTED))
        granting.end(invitation.grants.all())
        steps.take(invitation, State.REVOKED, who.user_id, reason)
        steps.put_on_record(invitation, who, reason=reason)
    authentication.forget_all()
    return invitation


def expire() -> None:
    """Put an end to the invitations whose time is over; their grants have ended by themselves."""
    for pk in Invitation.objects.lapsed().order_by("pk").values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            invitation = steps.locked(Invitation.objects.all(), pk)
            if invitation.is_lapsed:
                steps.take(invitation, State.EXPIRED, None)
                steps.put_on_record(invitation, "clock")


def _shareable(who: Principal, uids: Sequence[str]) -> list[Study]:
    """These studies of the active practice. Raises Invalid, and NotFound or Refused as `rights.denied` says."""
    wanted = list(dict.fromkeys(uids))
    if not 1 <= len(wanted) <= MOST_STUDIES:
        raise Invalid(say("Name one study at least and {most_studies} at most.", most_studies=MOST_STUDIES))
    rows = Study.objects.visible_to(who, Permission.SHARE).filter(practice=who.practice_id)
    found = rows.filter(study_instance_uid__in=wanted).defer("found").select_related("patient")
    known = {study.study_instance_uid: study for study in found}
    for uid in wanted:
        if uid not in known:
            raise rights.denied(who, Permission.SHARE, uid)
    return [known[uid] for uid in wanted]


def _held(who: Principal, pk: int) -> Invitation:
    return steps.locked(Invitation.objects.visible_to(who), pk)


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(say("Say why, in {shortest_reason} characters at least.", shortest_reason=SHORTEST_REASON))


def _be_another(who: Principal, invitation: Invitation) -> None:
    if who.user_id == invitation.user_id:
        raise Refused(say("You can't decide about your own access. Ask a colleague."))


def _grant(who: Principal, invitation: Invitation, study: Study) -> Grant:
    assert invitation.user_id is not None
    return granting.give(
        invitation.user_id,
        study.practice_id,
        Scope.STUDY,
        study.study_instance_uid,
        origin=Grant.Origin.FAMILY,
        until=invitation.until,
        by=who.user_id,
        reason=f"Invitation {invitation.pk}: {in_english(Invitation.Relation(invitation.relation).label)}",
    )
