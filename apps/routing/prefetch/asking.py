"""Asking an archive for the priors of one patient, and choosing what is fetched of them."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.remotes.asking import Query
from apps.remotes.failures import RemoteFailed
from apps.remotes.reaching import usable
from apps.remotes.searching import search
from apps.routing.prefetch.choosing import Wanted, choose
from apps.routing.prefetch.models import Outcome, PrefetchAnswer, PrefetchSource
from apps.worklist.identity import Person

WORKER: Final = "prefetch"
SOURCE: Final = "prefetch"
MOST_ATTEMPTS: Final = 8
SHORTEST_REST: Final = timedelta(minutes=1)
LONGEST_REST: Final = timedelta(hours=1)
# Beyond any search: what was claimed by a worker that died is asked again then.
CLAIMED: Final = timedelta(minutes=5)
_WILD: Final = frozenset("*?")


def worker(practice_id: int) -> Principal:
    """As whom archives are asked and fetched from."""
    return Principal.worker(practice_id, WORKER, frozenset({Permission.VIEW, Permission.FETCH}))


def next_waiting(source: PrefetchSource) -> PrefetchAnswer | None:
    """The patient whose turn it is, claimed: those who are here come first."""
    now = timezone.now()
    due = source.answers.filter(outcome=Outcome.WAITING, not_before__lte=now).order_by("-is_urgent", "pk")
    for answer in due.select_related("prefetch__step")[:3]:
        mine = PrefetchAnswer.objects.filter(pk=answer.pk, outcome=Outcome.WAITING, not_before=answer.not_before)
        if mine.update(not_before=now + CLAIMED, attempts=F("attempts") + 1):
            answer.attempts += 1
            return answer
    return None


def ask(answer: PrefetchAnswer, source: PrefetchSource) -> bool:
    """Ask for one patient and note what is chosen. Returns whether the archive answered; it rests where it didn't."""
    prefetch = answer.prefetch
    try:
        if not prefetch.patient_id.strip() or _WILD & set(prefetch.patient_id):
            _note(answer, Outcome.NOTHING, detail="Without a Patient ID, or by one with * or ?, nobody is looked for.")
            return True
        who = worker(source.practice_id)
        remote = usable(who, source.remote_id, Permission.FETCH)
        query = Query(patient_id=prefetch.patient_id, study_date_from=_since(source.years))
        found = search(who, remote, query, source=SOURCE)
    except FoveaError as error:
        _fail(answer, source, error)
        return not isinstance(error, RemoteFailed)
    PrefetchSource.objects.filter(pk=source.pk).exclude(failures=0).update(failures=0, rests_until=None)
    choice = choose(_wanted(answer, source), found.studies)
    facts = asdict(choice) | {"studies": list(choice.studies), "asked_at": timezone.now()}
    detail = "" if found.is_complete else "The archive has more than were looked at."
    _note(answer, Outcome.CHOSEN if choice.studies else Outcome.NOTHING, detail=detail, **facts)
    return True


def _wanted(answer: PrefetchAnswer, source: PrefetchSource) -> Wanted:
    prefetch = answer.prefetch
    others = prefetch.answers.exclude(pk=answer.pk).exclude(outcome=Outcome.FAILED)
    elsewhere = {uid for studies in others.values_list("studies", flat=True) for uid in studies}
    own = {prefetch.step.study_instance_uid} if prefetch.step else set()
    return Wanted(
        person=Person(prefetch.patient_id, prefetch.issuer, prefetch.patient_name, prefetch.patient_birth_date),
        modalities=frozenset(prefetch.modalities.split()),
        words=frozenset(prefetch.words.split()) | frozenset(source.body_parts.casefold().split()),
        only=frozenset(source.modalities.split()),
        most_studies=source.most_studies,
        most_instances=source.most_instances,
        not_these=frozenset(elsewhere | own),
    )


def _fail(answer: PrefetchAnswer, source: PrefetchSource, error: FoveaError) -> None:
    """Try again later where that may help, and let the archive rest so long; else leave it to people."""
    is_passing = isinstance(error, RemoteFailed)
    if not is_passing or answer.attempts >= MOST_ATTEMPTS:
        _note(answer, Outcome.FAILED, detail=error.detail[:400], asked_at=timezone.now())
    else:
        _note(answer, Outcome.WAITING, detail=error.detail[:400], not_before=timezone.now())
    if is_passing:
        rest = min(LONGEST_REST, SHORTEST_REST * 2 ** min(source.failures, 10))
        until = timezone.now() + rest
        PrefetchSource.objects.filter(pk=source.pk).update(failures=F("failures") + 1, rests_until=until)


def _note(answer: PrefetchAnswer, outcome: Outcome, **facts: object) -> None:
    PrefetchAnswer.objects.filter(pk=answer.pk).update(outcome=outcome, changed_at=timezone.now(), **facts)


def _since(years: int) -> date:
    """The same day so many years ago."""
    today = timezone.localdate()
    return today.replace(year=today.year - years, day=min(today.day, 28))
