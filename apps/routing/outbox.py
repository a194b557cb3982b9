"""What is to go, by hand: sent, sent again, cancelled; and how much waits for whom.

Whether somebody may do this is for the edges to ask; what is done here is on record under their name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import Instance, Study
from apps.archive.shelving import site_writer
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid
from apps.remotes.models import Remote
from apps.routing.models import Delivery, DeliveryState, Outgoing, OutgoingState, Priority
from apps.saying import say

SOURCE = "routing"
OPEN = (OutgoingState.WAITING, OutgoingState.SENDING)
PAGE = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one destination: how many studies are in which state, and since when the oldest of those to go waits."""

    remote_id: int
    waiting: int
    sending: int
    failed: int
    oldest: datetime | None


def send(study: Study, remote: Remote, by: Principal, priority: Priority = Priority.NORMAL) -> Outgoing:
    """Have all of a study sent to a remote of its practice, as soon as the router comes to it.

    Raises Invalid for a remote of another practice or a study without instances.
    """
    if study.practice_id != remote.practice_id:
        raise Invalid(say("The study and the remote belong to different practices."))
    with site_writer(), transaction.atomic():
        outgoing = Outgoing.objects.create(
            practice_id=study.practice_id, remote=remote, study=study, study_instance_uid=study.study_instance_uid,
            asked_by_id=by.user_id or None, priority=priority,
        )  # fmt: skip
        outgoing.total = _add_all(outgoing)
        if not outgoing.total:
            raise Invalid(say("The study has no instances any more."))
        outgoing.save(update_fields=["total"])
        _tell(outgoing, by, f"asked to send to {remote.name}")
    return outgoing


def resend(outgoing: Outgoing, by: Principal) -> Outgoing:
    """Have it sent again: what was not taken, and all of it where all was taken. Other attempts count anew.

    Raises Conflict while it waits or is being sent, and where the study was deleted.
    """
    with site_writer(), transaction.atomic():
        row = Outgoing.objects.select_for_update(of=("self",)).select_related("remote").get(pk=outgoing.pk)
        if row.state in OPEN:
            raise Conflict(say("It is on its way already."))
        if row.study_id is None:
            raise Conflict(say("The study is no longer here."))
        _begin_anew(row, by)
        _tell(row, by, f"asked to send again to {row.remote.name}")
    return row


def cancel(outgoing: Outgoing, by: Principal) -> Outgoing:
    """Send no more of it; an instance that is being sent still arrives. Raises Conflict where it has ended."""
    with site_writer(), transaction.atomic():
        row = Outgoing.objects.select_for_update(of=("self",)).select_related("remote").get(pk=outgoing.pk)
        if row.state not in OPEN:
            raise Conflict(say("It has ended already."))
        row.state, row.owner, row.lease_until = OutgoingState.CANCELLED, "", None
        row.save(update_fields=["state", "owner", "lease_until"])
        _tell(row, by, f"cancelled sending to {row.remote.name}")
    return row


def counts(remote_ids: Iterable[int] | None = None) -> list[Counts]:
    """How each destination stands that anything waits or has failed for; of these remotes, or of all."""
    rows = Outgoing.objects.filter(state__in=(*OPEN, OutgoingState.FAILED))
    if remote_ids is not None:
        rows = rows.filter(remote__in=remote_ids)
    found = rows.order_by().values("remote_id").annotate(
        waiting=Count("pk", filter=Q(state=OutgoingState.WAITING)),
        sending=Count("pk", filter=Q(state=OutgoingState.SENDING)),
        failed=Count("pk", filter=Q(state=OutgoingState.FAILED)),
        oldest=Min("created_at", filter=Q(state__in=OPEN)),
    )  # fmt: skip
    return [Counts(**row) for row in found.order_by("remote_id")]


def _add_all(outgoing: Outgoing) -> int:
    """Every instance of the study becomes a delivery; gives how many."""
    rows = Instance.objects.filter(series__study=outgoing.study_id).order_by("series__series_number", "series", "pk")
    deliveries = (
        Delivery(outgoing=outgoing, instance_key=key, sop_instance_uid=uid)
        for key, uid in rows.values_list("pk", "sop_instance_uid").iterator(PAGE)
    )
    return len(Delivery.objects.bulk_create(deliveries, batch_size=PAGE))


def _begin_anew(row: Outgoing, by: Principal) -> None:
    left = row.deliveries.exclude(state__in=(DeliveryState.TAKEN, DeliveryState.WARNED))
    again = left if left.exists() else row.deliveries.all()
    again.update(state=DeliveryState.WAITING, tries=0, status=None, reason="")
    taken = row.deliveries.filter(state__in=(DeliveryState.TAKEN, DeliveryState.WARNED)).count()
    row.taken, row.recorded, row.parked = taken, taken, 0
    row.warned = row.deliveries.filter(state=DeliveryState.WARNED).count()
    row.state, row.attempts, row.last_error, row.sent_at = OutgoingState.WAITING, 0, "", None
    row.not_before = row.tried_since = timezone.now()
    row.asked_by_id = by.user_id or None
    row.save()


def _tell(row: Outgoing, by: Principal, what: str) -> None:
    """The asking; what then leaves is on record by itself, when it has left."""
    tell(
        Action.CONFIGURATION, principal=by, practice_id=row.practice_id, study_instance_uid=row.study_instance_uid,
        detail=what, source=SOURCE, count=row.total,
    )  # fmt: skip
