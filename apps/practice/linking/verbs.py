"""What people decide about whose a study is: on record, to be undone, and never overruled by the server."""

from typing import Final

from django.db import transaction

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, NotFound, Refused
from apps.practice.linking import deciding, log
from apps.practice.linking.creating import lead_of
from apps.practice.linking.deciding import View
from apps.practice.linking.log import Ruling
from apps.practice.models import How, Lead, Match, MatchDecision, MatchState, Rejection, Verdict
from apps.practice.models.leads import KEEPING
from apps.practice.models.matches import DECIDING
from apps.saying import say

# Others of the patient's studies that are looked at at once after a rejection; a job looks at more.
LOOKED_AT_ONCE: Final = 50

NO_LEAD: Final = say("There is no such lead in the practice of this study.")
REFUSED: Final = say("You may not decide whose studies these are: that takes the permission to merge patients.")
OTHERS: Final = say("Somebody has decided about this study already. Whoever may decide about matches can change that.")
NOTHING: Final = say("Nobody has decided about this study: there is nothing to undo.")
LATER: Final = say("Something was decided after this. Undo that first.")


def link(
    principal: Principal,
    study: Study,
    lead: Lead,
    *,
    how: How = How.PERSON,
    reason: str = "",
    source: str = "",
    seen: int | None = None,
) -> Match:
    """Say that the study is this lead's; with `How.DECLARED`, on the word of whoever sent it.

    A person's word holds for the patient's other studies too, where no person has decided and the demographics are the
    same. What is declared is linked unless the images clearly say somebody else: then people are asked.
    `seen` is the match's version that was decided upon. Raises Refused, NotFound for a lead of another practice or one
    that is gone, Conflict where somebody else has decided in the meantime or, for a declaration, otherwise.
    """
    _check(principal, study, how)
    if lead.practice_id != study.practice_id or lead.deleted_at is not None:
        raise NotFound(NO_LEAD)
    view = deciding.look(study, [lead.pk])
    with transaction.atomic():
        match = log.held(study, seen)
        standing = log.standing_of(match)
        if standing is not None and how in (How.DECLARED, standing.how):
            if not _says(standing, lead) and how == How.DECLARED:
                raise Conflict(OTHERS)
            if _says(standing, lead) and _is_linked(match, lead):
                return match
        decision = _write(
            match, Ruling(Verdict.LINK, how, principal, lead, reason, source, view.weighed(lead.pk)), view
        )
        if how == How.PERSON:
            same = {study.patient_id, study.original_patient_id}
            Rejection.objects.filter(patient__in=same, lead=lead).delete()
            _carry(match, decision, view)
    return match


def unlink(principal: Principal, study: Study, *, reason: str = "", source: str = "", seen: int | None = None) -> Match:
    """Take a link back: the study waits for a person then, and the server won't link it. Raises Refused, Conflict."""
    return _decide(principal, study, Verdict.UNLINK, None, reason, source, seen)


def reject(
    principal: Principal, study: Study, lead: Lead, *, reason: str = "", source: str = "", seen: int | None = None
) -> Match:
    """Say that the study's patient is not this lead; remembered for all of the patient's studies.

    Raises Refused, NotFound for a lead of another practice, Conflict.
    """
    if lead.practice_id != study.practice_id:
        raise NotFound(NO_LEAD)
    match = _decide(principal, study, Verdict.REJECT, lead, reason, source, seen)
    _look_again(match, lead)
    return match


def say_no_lead(
    principal: Principal, study: Study, *, reason: str = "", source: str = "", seen: int | None = None
) -> Match:
    """Say that the study is no lead's: a test object, a stranger. Holds like a link. Raises Refused, Conflict."""
    return _decide(principal, study, Verdict.NO_LEAD, None, reason, source, seen)


def undo(principal: Principal, decision: MatchDecision, *, source: str = "") -> Match:
    """Take a decision back, with what other studies of the patient took over from it; the server looks at them again.

    Raises Refused, and Conflict for one that is undone, or after which something else was decided.
    """
    decision = decision.follows or decision
    study = decision.match.study
    _check(principal, study, How.PERSON)
    with transaction.atomic():
        match = log.held(study)
        standing = log.standing_of(match)
        if standing is None or standing.pk != decision.pk:
            raise Conflict(LATER if standing else NOTHING)
        log.undo(match, standing, principal, source)
        followers = standing.followers.filter(undone_at=None).select_related("match__study").order_by("match")
        freed = [study]
        for follower in followers[: log.MOST_STUDIES]:
            log.undo(follower.match, follower, principal, source)
            freed.append(follower.match.study)
        for each in freed:
            deciding.match(each)
    return Match.objects.select_related("study", "lead").get(pk=match.pk)


def undo_last(principal: Principal, study: Study, *, source: str = "", seen: int | None = None) -> Match:
    """Take back what was last decided about the study. Raises Refused, and Conflict where nobody has decided."""
    _check(principal, study, How.PERSON)
    with transaction.atomic():
        standing = log.standing_of(log.held(study, seen))
        if standing is None:
            raise Conflict(NOTHING)
        return undo(principal, standing, source=source)


def create_lead_of(principal: Principal, study: Study, *, source: str = "", seen: int | None = None) -> Match:
    """Make a lead of what the images say of their patient, and link the study to it.

    Raises Refused, Conflict, and Invalid where the images don't say enough.
    """
    _check(principal, study, How.PERSON)
    with transaction.atomic():
        log.held(study, seen)
        lead = lead_of(principal, study, source=source)
        return link(principal, study, lead, source=source)


def _decide(
    principal: Principal, study: Study, verdict: Verdict, lead: Lead | None, reason: str, source: str, seen: int | None
) -> Match:
    _check(principal, study, How.PERSON)
    named = [lead.pk] if lead else []
    view = deciding.look(study, named, refused=named)
    with transaction.atomic():
        match = log.held(study, seen)
        evidence = view.weighed(lead.pk) if lead else None
        decision = _write(match, Ruling(verdict, How.PERSON, principal, lead, reason, source, evidence), view)
        if lead is not None:
            Rejection.objects.update_or_create(patient_id=study.patient_id, lead=lead, defaults={"decision": decision})
        if verdict == Verdict.NO_LEAD:
            _carry(match, decision, view)
    return match


def _write(match: Match, ruling: Ruling, view: View) -> MatchDecision:
    """Write the decision down with what it comes to."""
    made = MatchDecision(verdict=ruling.verdict, how=ruling.how, lead=ruling.lead, demographics=view.shown.digest)
    return log.write(match, ruling, deciding.outcome(view, made))


def _carry(match: Match, decision: MatchDecision, view: View) -> None:
    """Let a decision hold for the patient's other studies that no person has decided, and that say the same of them."""
    others = Match.objects.filter(study__patient=match.study.patient_id, demographics=view.shown.digest)
    undecided = others.exclude(pk=match.pk).select_related("study").order_by("pk")
    for other in undecided[: log.MOST_STUDIES]:
        if log.standing_of(other) is None:
            deciding.follow(other, decision, view)


def _look_again(match: Match, lead: Lead) -> None:
    """The patient's other studies that the server has linked to a lead whom the patient isn't, or would propose."""
    others = Match.objects.filter(study__patient=match.study.patient_id).exclude(pk=match.pk)
    concerned = others.filter(lead=lead) | others.filter(candidates__lead=lead)
    for other in concerned.select_related("study").distinct().order_by("pk")[:LOOKED_AT_ONCE]:
        deciding.match(other.study)


def _says(standing: MatchDecision, lead: Lead) -> bool:
    return standing.verdict == Verdict.LINK and standing.lead_id == lead.pk


def _is_linked(match: Match, lead: Lead) -> bool:
    return match.state == MatchState.LINKED and match.lead_id == lead.pk


def _check(principal: Principal, study: Study, how: How) -> None:
    """Whether the principal may decide: a person by `DECIDING`, who declares by what brings images in."""
    if how == How.PERSON and principal.may_in_all_of(DECIDING, study.practice_id):
        return
    if how == How.DECLARED and principal.may_in(KEEPING, study.practice_id):
        return
    raise Refused(REFUSED)
