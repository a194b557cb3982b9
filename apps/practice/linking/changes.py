"""Leads that changed, and whose studies that concerns: noted as they come, looked at many at a time by one job."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apps.archive.models import Study
from apps.jobs.queue import enqueue_settling
from apps.practice.linking import deciding
from apps.practice.matching import blocking
from apps.practice.models import Candidate, LeadChange, LeadKey, Match, Matching, PatientKey
from apps.practice.models.matches import BY_SERVER

MATCH: Final = "practice-match"
LEADS: Final = "practice-match-leads"
EVERYTHING: Final = "practice-match-all"
SOON: Final = timedelta(seconds=1)
NOTED_TOGETHER: Final = 1000
# A common name leads to many patients: so that one round stays short.
LEADS_TOGETHER: Final = 20
STUDIES_TOGETHER: Final = 100

# How many studies were looked at, of how many; None while that is not known.
Say = Callable[[int, int | None], None]


def note(practice_id: int, lead_pks: Collection[int]) -> None:
    """Note that these leads are new, changed or gone, and ask for one job, however many there are."""
    state, _ = Matching.objects.get_or_create(practice_id=practice_id)
    now, pks = timezone.now(), iter(sorted(lead_pks))
    while some := list(islice(pks, NOTED_TOGETHER)):
        rows = [LeadChange(practice_id=practice_id, lead_id=pk, noticed_at=now) for pk in some]
        LeadChange.objects.bulk_create(
            rows, update_conflicts=True, update_fields=["noticed_at"], unique_fields=["lead"]
        )
    kind = LEADS if state.swept_at else EVERYTHING
    enqueue_settling(kind, {str(practice_id): {"practice": practice_id}}, practice=practice_id, delay=SOON)


def drain(practice_id: int, say: Say) -> int:
    """Look at the studies that the noted leads concern; gives how many. What is noted meanwhile is looked at too."""
    looked = 0
    noted = LeadChange.objects.filter(practice=practice_id).order_by("pk")
    while rows := list(noted[:LEADS_TOGETHER]):
        for pk in _concerned(practice_id, [row.lead_id for row in rows]):
            looked += _look(pk)
            say(looked, None)
        for row in rows:
            # One that was noted again since stays noted.
            LeadChange.objects.filter(pk=row.pk, noticed_at=row.noticed_at).delete()
    return looked


def sweep(practice_id: int, say: Say) -> int:
    """Look at every study that nobody has looked at yet, the newest first; gives how many."""
    began = timezone.now()
    Matching.objects.get_or_create(practice_id=practice_id)
    # What was noted before is looked at with all the rest, unless that was looked at long ago.
    if not Matching.objects.filter(practice=practice_id, swept_at__isnull=False).exists():
        LeadChange.objects.filter(practice=practice_id, noticed_at__lt=began).delete()
    looked = _look_at(Study.objects.filter(practice=practice_id, match=None), say)
    Matching.objects.filter(practice=practice_id).update(swept_at=timezone.now())
    return looked


def again(practice_id: int, say: Say, *, linked: bool = False) -> int:
    """Look anew at every study that no person has decided about, with the newest weights; gives how many.

    What the server itself has linked is looked at only where `linked` says so.
    """
    undecided = Q(match__how__in=BY_SERVER)
    if not linked:
        undecided &= Q(match__lead=None)
    looked = sweep(practice_id, say)
    return looked + _look_at(Study.objects.filter(undecided, practice=practice_id), lambda n, _: say(looked + n, None))


def _concerned(practice_id: int, lead_pks: Sequence[int]) -> list[int]:
    """Studies that are these leads', may be, or whose patient shares a key with them."""
    mine: set[int] = set(Match.objects.filter(lead__in=lead_pks).values_list("study_id", flat=True))
    mine |= set(Match.objects.filter(decisions__lead__in=lead_pks).values_list("study_id", flat=True))
    mine |= set(Candidate.objects.filter(lead__in=lead_pks).values_list("match__study_id", flat=True))
    keys = set(LeadKey.objects.filter(lead__in=lead_pks).values_list("key", flat=True))
    held = PatientKey.objects.filter(practice=practice_id, key__in=sorted(keys)).order_by()
    usable = blocking.usable(dict(held.values_list("key").annotate(Count("pk")))) if keys else []
    patients = set(held.filter(key__in=usable).values_list("patient", flat=True))
    free = Q(match=None) | Q(match__how__in=BY_SERVER)
    theirs = Study.objects.filter(free, patient__in=sorted(patients)).order_by()
    return sorted(mine | set(theirs.values_list("pk", flat=True)))


def _look_at(studies: QuerySet[Study], say: Say) -> int:
    looked = 0
    for pk in _newest_first(studies):
        looked += _look(pk)
        say(looked, None)
    return looked


def _newest_first(studies: QuerySet[Study]) -> Iterator[int]:
    """Their keys, some at a time, so that what is looked at meanwhile may leave the set."""
    before: int | None = None
    while True:
        rest = studies if before is None else studies.filter(pk__lt=before)
        pks = list(rest.order_by("-pk").values_list("pk", flat=True)[:STUDIES_TOGETHER])
        if not pks:
            return
        yield from pks
        before = pks[-1]


def _look(pk: int) -> int:
    study = Study.objects.filter(pk=pk).first()
    if study is not None:
        deciding.match(study)
    return int(study is not None)
