"""From what has arrived to what is to go: arrivals become deliveries in the transaction that removes them.

Several nodes may do it at the same time: each takes the arrivals that no other has at hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.archive.models import Instance, Study
from apps.archive.shelving import site_writer
from apps.routing import loops
from apps.routing.deciding import Known, RuleBook, Sorting, rule_books
from apps.routing.models import Arrival, Delivery, Outgoing, OutgoingState, When
from apps.routing.rules import Facts

# Studies that one round looks at, arrivals of one that a transaction takes, instances that a statement names.
STUDIES: Final = 50
ARRIVALS: Final = 500
PAGE: Final = 500
NO_RULES: Final = RuleBook()


def expand(now: datetime | None = None) -> int:
    """Let the rules look at what has arrived; gives how many studies had something to be looked at.

    As many again may wait where it is STUDIES.
    """
    practice_ids = list(Arrival.objects.order_by().values_list("practice_id", flat=True).distinct())
    if not practice_ids:
        return 0
    books = rule_books(practice_ids)
    settled = (now or timezone.now()) - timedelta(seconds=settings.STUDY_SETTLES)
    studies = _due(books, settled)
    for study in studies:
        _expand(study, books.get(study.practice_id, NO_RULES), settled)
    return len(studies)


def _due(books: Mapping[int, RuleBook], settled: datetime) -> list[Study]:
    """Studies that are complete, and those with something that is to go at once."""
    at_once = [practice_id for practice_id, book in books.items() if book.sends_at_once]
    due = Q(is_settled=True) | Q(study__updated_at__lte=settled) | Q(is_seen=False, practice__in=at_once)
    pks = Arrival.objects.filter(due).order_by().values_list("study_id", flat=True).distinct()[:STUDIES]
    fields = ("practice_id", "study_instance_uid", "referring_physician_key", "updated_at")
    return list(Study.objects.filter(pk__in=list(pks)).only(*fields))


def _expand(study: Study, book: RuleBook, settled: datetime) -> None:
    """Sort some of the study's arrivals, unless another node has them; the next round takes the rest."""
    is_settled = study.updated_at <= settled
    with site_writer(), transaction.atomic():
        free = Arrival.objects.select_for_update(skip_locked=True).filter(study=study)
        arrivals = list(free.order_by("pk")[:ARRIVALS])
        complete = [arrival.pk for arrival in arrivals if is_settled or arrival.is_settled]
        sorting = Sorting(book)
        if book.rules:
            _sort(sorting, study, arrivals, frozenset(complete))
        for (rule_pk, remote_id), members in sorting.parcels.items():
            _put_out(study, book, rule_pk, remote_id, members)
        Arrival.objects.filter(pk__in=complete).delete()
        Arrival.objects.filter(pk__in=[each.pk for each in arrivals], is_seen=False).update(is_seen=True)


def _sort(sorting: Sorting, study: Study, arrivals: Sequence[Arrival], complete: frozenset[int]) -> None:
    rows = _rows(study, [uid for arrival in arrivals for uid in arrival.sop_instance_uids.split()])
    for arrival in arrivals:
        whens = [When.STABLE] if arrival.pk in complete else []
        if not arrival.is_seen:
            whens.append(When.AT_ONCE)
        sources = loops.sources(arrival, sorting.book.places)
        at = timezone.localtime(arrival.arrived_at)
        for uid in arrival.sop_instance_uids.split():
            for key, sop_class, modality, station in rows.get(uid, ()):
                facts = Facts(
                    sop_class, modality, station, study.referring_physician_key, at,
                    arrival.calling_title, arrival.remote_id,
                )  # fmt: skip
                sorting.add(Known(key, uid), facts, whens, sources)


_Row = tuple[int, str, str, str]


def _rows(study: Study, uids: Sequence[str]) -> dict[str, list[_Row]]:
    """What the index knows of these instances: key, SOP class, modality, station name."""
    found: dict[str, list[_Row]] = {}
    columns = ("sop_instance_uid", "pk", "sop_class_uid", "series__modality", "series__station_name")
    for page in _pages(uids):
        rows = Instance.objects.filter(series__study=study, sop_instance_uid__in=page).order_by("pk")
        for uid, *row in rows.values_list(*columns):
            found.setdefault(uid, []).append((row[0], row[1], row[2], row[3]))
    return found


def _put_out(study: Study, book: RuleBook, rule_pk: int, remote_id: int, members: Sequence[Known]) -> None:
    """Write down that these are to go, but for what has gone there already, or is to."""
    new = [each for page in _pages(members) for each in _without_known(remote_id, page)]
    if not new:
        return
    outgoing = _outgoing(study, rule_pk, remote_id, book.priority(rule_pk))
    deliveries = [
        Delivery(outgoing=outgoing, instance_key=each.key, sop_instance_uid=each.sop_instance_uid) for each in new
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=PAGE)
    Outgoing.objects.filter(pk=outgoing.pk).update(total=F("total") + len(new))


def _without_known(remote_id: int, members: Sequence[Known]) -> list[Known]:
    known = Delivery.objects.filter(instance_key__in=[each.key for each in members], outgoing__remote=remote_id)
    keys = set(known.exclude(outgoing__state=OutgoingState.CANCELLED).values_list("instance_key", flat=True))
    return [each for each in members if each.key not in keys]


def _outgoing(study: Study, rule_pk: int, remote_id: int, priority: int) -> Outgoing:
    """What waits untried for the same place by the same rule, so that it shares an association; else a new row."""
    waiting = Outgoing.objects.select_for_update(skip_locked=True).filter(
        study=study, remote=remote_id, rule=rule_pk, state=OutgoingState.WAITING, attempts=0, priority=priority
    )
    return waiting.order_by("pk").first() or Outgoing.objects.create(
        practice_id=study.practice_id, study=study, study_instance_uid=study.study_instance_uid,
        rule_id=rule_pk, remote_id=remote_id, priority=priority,
    )  # fmt: skip


_Item = TypeVar("_Item")


def _pages(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))
