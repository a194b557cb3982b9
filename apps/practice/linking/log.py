"""The decisions about a study as a log: the last that stands counts, and a match is what it comes to."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH, Study
from apps.audit.record import Action, tell
from apps.core.errors import Conflict
from apps.core.languages import in_english
from apps.practice import events
from apps.practice.linking.weighing import Weighed
from apps.practice.models import Candidate, How, Lead, Match, MatchDecision, MatchState, Verdict
from apps.saying import say

# Of one patient; nobody has as many studies.
MOST_STUDIES: Final = 500
CHANGED_MEANWHILE: Final = say("Somebody else has decided about this study in the meantime. Look at it again.")

State = tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a match comes to, with the evidence for it; `candidates` are for people to choose from."""

    state: MatchState
    how: How
    demographics: str
    lead: Lead | None = None
    evidence: Weighed | None = None
    notes: tuple[str, ...] = ()
    candidates: tuple[Weighed, ...] = ()
    weights: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody decides, before it is written down."""

    verdict: Verdict
    how: How
    by: Principal
    lead: Lead | None = None
    reason: str = ""
    source: str = ""
    evidence: Weighed | None = None
    follows: MatchDecision | None = None
    weights: int = field(default=0)


def held(study: Study, seen: int | None = None) -> Match:
    """The study's match, held with those of the same patient's other studies until the transaction ends.

    `seen` is the version that whoever decides has looked at. Raises Conflict where it is another one by now.
    """
    Match.objects.get_or_create(study=study, defaults={"practice_id": study.practice_id})
    rows = Match.objects.select_for_update().filter(study__patient=study.patient_id).order_by("pk")
    match = next((row for row in rows[:MOST_STUDIES] if row.study_id == study.pk), None)
    match = match or Match.objects.select_for_update().get(study=study)
    match.study = study
    if seen is not None and seen != match.version:
        raise Conflict(CHANGED_MEANWHILE)
    return match


def standing_of(match: Match) -> MatchDecision | None:
    """The last decision of a person, or declaration, that nobody has undone."""
    made = match.decisions.filter(undone_at=None).exclude(verdict=Verdict.LOOKED)
    return made.select_related("lead", "follows").order_by("-pk").first()


def write(match: Match, ruling: Ruling, outcome: Outcome) -> MatchDecision:
    """Add a decision to the log, let the match be what it comes to, and put both on record.

    `outcome` is what the match comes to; the caller has the match held.
    """
    decision = MatchDecision.objects.create(
        match=match,
        verdict=ruling.verdict,
        state=outcome.state,
        lead=ruling.lead,
        how=ruling.how,
        by=ruling.by.username,
        user_id=ruling.by.user_id or None,
        reason=ruling.reason[:TEXT_LENGTH],
        follows=ruling.follows,
        weights=ruling.weights,
        demographics=outcome.demographics,
        **_evidence(ruling.evidence),
    )
    _settle(match, outcome, ruling.by.user_id or None)
    told = _words(ruling.verdict, ruling.lead, outcome)
    _tell(ruling.by, match, told, ruling.reason, ruling.source)
    return decision


def looked(match: Match, outcome: Outcome, by: Principal, source: str) -> Match:
    """Let the match be what the server has found, and write that down where it is another state or lead than before."""
    before = _state(match)
    is_new = before != (outcome.state, outcome.lead.pk if outcome.lead else None, outcome.how)
    if not is_new:
        return _save(match, outcome)
    ruling = Ruling(
        Verdict.LOOKED, outcome.how, by, outcome.lead, source=source, evidence=outcome.evidence, weights=outcome.weights
    )
    write(match, ruling, outcome)
    return match


def undo(match: Match, decision: MatchDecision, by: Principal, source: str) -> None:
    """Let a decision no longer stand; what the match comes to then is for the caller to find."""
    decision.undone_at, decision.undone_by = timezone.now(), by.username
    decision.save(update_fields=["undone_at", "undone_by"])
    decision.rejections.all().delete()
    match.version += 1
    match.save(update_fields=["version"])
    _tell(by, match, f"undone: {in_english(Verdict(decision.verdict).label).lower()}", "", source)


def _settle(match: Match, outcome: Outcome, user_id: int | None) -> None:
    is_decided = outcome.state in (MatchState.LINKED, MatchState.NO_LEAD)
    match.version += 1
    match.decided_by_id = user_id if is_decided else None
    match.decided_at = timezone.now() if is_decided else None
    match.changed_at = timezone.now()
    _save(match, outcome)
    events.match_written.send(sender=Match, match=match)
    told: dict[str, Any] = {"practice_id": match.practice_id, "study_pks": {match.study_id}}
    transaction.on_commit(partial(events.matched.send_robust, sender=Match, **told), robust=True)


def _save(match: Match, outcome: Outcome) -> Match:
    match.state, match.how, match.lead = outcome.state, outcome.how, outcome.lead
    match.notes, match.weights, match.demographics = list(outcome.notes), outcome.weights, outcome.demographics
    weighed = outcome.evidence
    match.score = weighed.score if weighed else None
    match.probability = weighed.probability if weighed else None
    match.explanation = list(weighed.explanation) if weighed else []
    match.save()
    _list(match, outcome.candidates)
    return match


def _list(match: Match, candidates: tuple[Weighed, ...]) -> None:
    match.candidates.all().delete()
    Candidate.objects.bulk_create(
        Candidate(
            match=match,
            lead_id=each.lead_pk,
            rank=rank,
            score=each.score,
            probability=each.probability,
            explanation=list(each.explanation),
            notes=list(each.notes),
            is_doubtful=each.is_doubtful,
        )
        for rank, each in enumerate(candidates, 1)
    )


def _evidence(weighed: Weighed | None) -> dict[str, Any]:
    return {"score": weighed.score, "explanation": list(weighed.explanation)} if weighed else {}


def _state(match: Match) -> State:
    return match.state, match.lead_id, match.how


def _words(verdict: Verdict, lead: Lead | None, outcome: Outcome) -> str:
    """What was decided, for the record: leads by number."""
    whom = f", lead {lead.pk}" if lead else ""
    state = in_english(outcome.state.label).lower()
    became = f"; now {state}" if verdict not in (Verdict.LINK, Verdict.NO_LEAD) else ""
    how = in_english(outcome.how.label).lower()
    return f"{in_english(verdict.label).lower()} ({how}){whom}{became}"


def _tell(by: Principal, match: Match, detail: str, reason: str, source: str) -> None:
    tell(
        Action.MATCH,
        principal=by,
        practice_id=match.practice_id,
        study_instance_uid=match.study.study_instance_uid,
        detail=detail,
        reason=reason,
        source=source,
    )
