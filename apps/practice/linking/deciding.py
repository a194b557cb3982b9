"""The server's own look at a study: whose it is among the leads, as far as that is certain.

A person's decision stands, and so does what the sender declared; but where the images have come to say somebody else
than they did then, or the lead is gone, people are asked again: nothing is shown under a name that is in doubt.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.practice.linking import candidates, evidence, log, patients, persons, weighing
from apps.practice.linking.log import Outcome, Ruling
from apps.practice.linking.persons import Shown
from apps.practice.linking.weighing import Found, Weighed
from apps.practice.matching.deciding import Outcome as Decided
from apps.practice.models import How, Lead, Match, MatchDecision, MatchState, Rejection, Verdict
from apps.saying import say

# As the record names it.
WORKER: Final = "matching"
SOURCE: Final = "images"
# One key of the keyboard for each.
MOST_SHOWN: Final = 9

GONE: Final = say("The lead whose it was is no longer there.")
CORRECTED: Final = say("The patient was corrected since somebody decided whose this is.")
DECLARED: Final = say("Whoever sent it named this lead, but the images say somebody else.")
UNLINKED: Final = say("Somebody said that it may be another one's.")
REJECTED: Final = say(
    "Somebody said that this patient is not one of the leads that fit; so nobody else is linked by itself."
)
TWO_ANSWERS: Final = say("People have decided differently about this patient's studies.")
OTHER_THAN_PLANNED: Final = say("It was planned for a lead who differs from the images' patient.")


@dataclass(frozen=True, slots=True)
class View:
    """All that is known of whose a study may be, before it is decided."""

    study: Study
    shown: Shown
    leads: dict[int, Lead]
    found: Found
    rejected: frozenset[int]
    appointed: int | None
    weights: int
    is_by_appointment: bool = False

    def weighed(self, lead_pk: int | None) -> Weighed | None:
        """The evidence for one of the leads."""
        return next((each for each in self.found.weighed if each.lead_pk == lead_pk), None)

    def listed(self, first: int | None = None) -> tuple[Weighed, ...]:
        """Those that people may choose from, with one of them first."""
        named = [each for each in self.found.weighed if each.lead_pk == first]
        others = [each for each in self.found.ranked if each.lead_pk not in self.rejected | {first}]
        return tuple(named + others)[:MOST_SHOWN]

    def review(self, *notes: str, how: How = How.MACHINE, first: int | None = None) -> Outcome:
        """That a person must decide."""
        said = tuple(dict.fromkeys((*notes, *self.found.notes)))
        shown = self.listed(first)
        return Outcome(MatchState.REVIEW, how, self.shown.digest, notes=said, candidates=shown, weights=self.weights)

    def linked(self, lead: Lead, how: How) -> Outcome:
        """That it is this lead's."""
        weighed = self.weighed(lead.pk)
        return Outcome(MatchState.LINKED, how, self.shown.digest, lead, weighed, weights=self.weights)

    def nobody(self, how: How) -> Outcome:
        """That it is no lead's."""
        return Outcome(MatchState.NO_LEAD, how, self.shown.digest, weights=self.weights)


def match(study: Study) -> Match:
    """Look whose the study is, and write it down. Doing it again changes nothing."""
    view = look(study)
    patients.remember(study, view.shown)
    with transaction.atomic():
        row = log.held(study)
        standing = log.standing_of(row)
        answers = [] if standing else _said(view)
        match answers:
            case [said]:
                follow(row, said, view)
            case [_, *_]:
                log.looked(row, view.review(TWO_ANSWERS), _worker(study), SOURCE)
            case _:
                log.looked(row, outcome(view, standing), _worker(study), SOURCE)
    return row


def look(study: Study, named: Collection[int] = (), *, refused: Collection[int] = ()) -> View:
    """What is known, with the `named` leads among those that are weighed and the `refused` left out. Writes nothing."""
    shown = persons.shown(study)
    planned = evidence.appointed(study)
    besides = {*named, *_named_before(study), *([planned] if planned else [])}
    leads = candidates.leads_by(study.practice_id, shown.keys, besides)
    same = {study.patient_id, study.original_patient_id}
    rejected = {*refused, *Rejection.objects.filter(patient__in=same).values_list("lead", flat=True)}
    scale = weighing.scale(study.practice_id)

    def weigh(expected: Collection[int] = ()) -> Found:
        return weighing.weigh(shown.person, leads, scale, rejected=rejected, expected=expected, named=besides)

    found, is_expected = weigh(), False
    if found.outcome is Decided.REVIEW and (there := evidence.expected(study, [each.lead_pk for each in found.ranked])):
        found = weigh(there)
        is_expected = found.outcome is Decided.LINKED
    by_pk = {lead.pk: lead for lead in leads}
    return View(study, shown, by_pk, found, frozenset(rejected), planned, scale.version, is_expected)


def _named_before(study: Study) -> set[int]:
    """The leads that people, or whoever sent it, have said it is."""
    said = MatchDecision.objects.filter(match__study=study, verdict=Verdict.LINK, undone_at=None, lead__isnull=False)
    return set(said.order_by().values_list("lead", flat=True))


def outcome(view: View, standing: MatchDecision | None) -> Outcome:
    """What the study's match comes to, with what somebody has decided about it."""
    if standing is None:
        return _of_server(view)
    match standing.verdict:
        case Verdict.LINK:
            return _of_link(view, standing)
        case Verdict.NO_LEAD:
            is_same = standing.demographics == view.shown.digest
            return view.nobody(How(standing.how)) if is_same else view.review(CORRECTED)
        case Verdict.UNLINK:
            return view.review(UNLINKED, how=How.PERSON)
        case Verdict.REJECT:
            found = _of_server(view)
            return view.review(REJECTED) if found.state == MatchState.LINKED else found
        case _:
            return _of_server(view)


def _said(view: View) -> list[MatchDecision]:
    """One decision for each answer that stands for the patient's other studies; those for a lead who is gone don't."""
    others = MatchDecision.objects.filter(
        match__study__patient=view.study.patient_id, undone_at=None, how=How.PERSON, follows=None
    ).exclude(match__study=view.study.pk)
    last: dict[int, MatchDecision] = {}
    for each in others.select_related("lead").order_by("-pk")[: log.MOST_STUDIES]:
        last.setdefault(each.match_id, each)
    answers: dict[tuple[str, int | None], MatchDecision] = {}
    for each in last.values():
        if each.demographics == view.shown.digest and _holds(each):
            answers.setdefault((each.verdict, each.lead_id), each)
    return list(answers.values())


def _holds(said: MatchDecision) -> bool:
    if said.verdict == Verdict.LINK:
        return said.lead is not None and said.lead.deleted_at is None
    return said.verdict == Verdict.NO_LEAD


def follow(row: Match, said: MatchDecision, view: View) -> None:
    """Let a decision about another study of the patient hold for this one too."""
    by = _worker(row.study, said.by)
    weighed = view.weighed(said.lead_id)
    ruling = Ruling(Verdict(said.verdict), How.PERSON, by, said.lead, said.reason, SOURCE, weighed, follows=said)
    log.write(row, ruling, view.linked(said.lead, How.PERSON) if said.lead else view.nobody(How.PERSON))


def _of_link(view: View, standing: MatchDecision) -> Outcome:
    """A link stands while its lead is there and the images don't come to say somebody else."""
    how = How(standing.how)
    lead = view.leads.get(standing.lead_id or 0)
    if lead is None:
        return view.review(GONE, how=how)
    weighed = view.weighed(lead.pk)
    is_same = standing.demographics == view.shown.digest
    if (how == How.PERSON and is_same) or weighed is None or not weighed.clashes:
        return view.linked(lead, how)
    return view.review(DECLARED if is_same else CORRECTED, *weighed.clashes, how=how, first=lead.pk)


def _of_server(view: View) -> Outcome:
    """What the images and the appointments say, where nobody has decided."""
    planned = view.leads.get(view.appointed or 0)
    if planned is not None and planned.pk not in view.rejected:
        return _of_appointment(view, planned)
    match view.found.outcome, view.found.best:
        case Decided.LINKED, Weighed() as best:
            how = How.APPOINTMENT if view.is_by_appointment else How.MACHINE
            return view.review(REJECTED) if view.rejected else view.linked(view.leads[best.lead_pk], how)
        case Decided.REVIEW, _:
            return view.review()
    return view.nobody(How.MACHINE)


def _of_appointment(view: View, planned: Lead) -> Outcome:
    """The step's lead, unless the images say somebody else, or are certain of another one."""
    weighed, best = view.weighed(planned.pk), view.found.best
    is_other = view.found.outcome is Decided.LINKED and best is not None and best.lead_pk != planned.pk
    clashes = weighed.clashes if weighed else ()
    if is_other or clashes:
        return view.review(OTHER_THAN_PLANNED, *clashes, first=planned.pk)
    return view.linked(planned, How.APPOINTMENT)


def _worker(study: Study, on_behalf_of: str = "") -> Principal:
    return Principal.worker(study.practice_id, WORKER, on_behalf_of=on_behalf_of)
