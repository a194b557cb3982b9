"""Deleting a study here once every destination of a rule that says so has committed itself to keep all of it."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import lifecycle
from apps.archive.models import Correction, Study
from apps.core.errors import Conflict
from apps.routing.commitments import requests
from apps.routing.commitments.models import CommitmentRequest, RequestState
from apps.routing.models import Arrival, Outgoing, OutgoingState, Rule
from apps.saying import say

WAY: Final = "storage commitment"
NEEDED: Final = frozenset({Permission.VIEW, Permission.DELETE})


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a study stays here, in the words of who looks; `for_now` says that it is worth looking again later."""

    why: str
    for_now: bool = False


def clear(study: Study) -> Kept | None:
    """Delete the study, on record, if nothing speaks against it; else say what does."""
    rows = CommitmentRequest.objects.filter(study=study, study_version=study.version)
    rule = _rule(study, rows)
    kept = _against(study) if rule else Kept(say("Not every destination of the rule has committed itself yet."), True)
    if rule is not None and kept is None:
        kept = _delete(study, rule, rows)
    if kept is not None:
        requests.note(rows, kept.why)
    return kept


def _rule(study: Study, rows: QuerySet[CommitmentRequest]) -> Rule | None:
    """A rule that deletes, by which the study has gone, and all of whose destinations have committed themselves."""
    states: dict[int, set[str]] = {}
    for remote_id, state in rows.values_list("remote_id", "state"):
        states.setdefault(remote_id, set()).add(state)
    sure = {remote_id for remote_id, found in states.items() if found == {RequestState.COMMITTED}}
    deleting = Rule.objects.filter(is_active=True, deletes=True, outgoing__study=study).distinct()
    for rule in deleting.prefetch_related("destinations"):
        wanted = {remote.pk for remote in rule.destinations.all()}
        if wanted and wanted <= sure:
            return rule
    return None


def _against(study: Study) -> Kept | None:
    """What else the study is needed for here."""
    if Arrival.objects.filter(study=study).exists():
        return Kept(say("More of it has just arrived."), True)
    unsent = Outgoing.objects.filter(study=study).exclude(state__in=(OutgoingState.SENT, OutgoingState.CANCELLED))
    waiting = unsent.select_related("remote").first()
    if waiting is not None:
        return Kept(say("It still has to go to {name}.", name=waiting.remote.name), True)
    if label := study.labels.first():
        return Kept(say("It has the label {name}: what somebody has marked stays here.", name=label.name))
    if study.has_other_patient:
        return Kept(say("It came with several Patient IDs: somebody has to look at it first."))
    return None


def _delete(study: Study, rule: Rule, rows: QuerySet[CommitmentRequest]) -> Kept | None:
    chosen = list(rows.values_list("pk", flat=True))
    who = Principal.worker(study.practice_id, f"rule {rule.name}", NEEDED)
    try:
        lifecycle.delete_study(who, study.study_instance_uid, way=WAY, version=study.version)
    except Conflict as error:
        return Kept(error.detail, True)
    requests.cleared(CommitmentRequest.objects.filter(pk__in=chosen))
    return None


def was_changed(study: Study, remote_id: int) -> bool:
    """Whether the study was corrected after it was sent there: the destination has it as it was before."""
    sent = Outgoing.objects.filter(study=study, remote=remote_id, state=OutgoingState.SENT).order_by("tried_since")
    since = sent.values_list("tried_since", flat=True).first()
    if since is None:
        return True
    whose = {study.patient_id, study.original_patient_id} - {None}
    about = Q(study=study) | Q(patient__in=whose) | Q(into__in=whose)
    later = Q(made_at__gte=since) | Q(undone_at__gte=since)
    return Correction.objects.filter(about, later, practice=study.practice_id).exists()
