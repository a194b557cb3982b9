"""Deciding about quarantined objects: one takes the stored object's place, or goes."""

from collections.abc import Iterator

from django.db import transaction

from apps.accounts.principal import Principal
from apps.archive.models import Quarantined
from apps.archive.outcomes import DuplicatePolicy, Origin, Outcome, Status
from apps.archive.shelving import site_writer
from apps.archive.storage import PIECE, site_objects, staging
from apps.archive.store import Batch
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core.errors import Conflict, NotFound
from apps.saying import say


def accept(principal: Principal, pk: int) -> Outcome:
    """Put the quarantined object in the place of the stored one. Raises NotFound; Conflict when it can't be stored."""
    held = _held(principal, pk)
    origin = Origin("quarantine", held.practice_id, principal.username, user_id=principal.user_id or None)
    with Batch(origin, DuplicatePolicy.OVERWRITE) as batch:
        batch.receive(_bytes(held))
        (outcome,) = batch.commit()
    if outcome.status is Status.REFUSED:
        raise Conflict(say("The object can't be stored: {reason}", reason=outcome.reason))
    _let_go(principal, held, "accepted")
    return outcome


def discard(principal: Principal, pk: int) -> None:
    """Remove the quarantined object; the stored one stays. Raises NotFound."""
    _let_go(principal, _held(principal, pk), "discarded")


def _held(principal: Principal, pk: int) -> Quarantined:
    held = Quarantined.objects.visible_to(principal).filter(pk=pk).first()
    if held is None:
        raise NotFound(say("There is no such object in quarantine."))
    return held


def _bytes(held: Quarantined) -> Iterator[bytes]:
    for offset in range(0, held.size, PIECE):
        yield site_objects().read(held.file_key, offset, min(PIECE, held.size - offset))


def _let_go(principal: Principal, held: Quarantined, decision: str) -> None:
    with staging().kept([]) as kept, site_writer(), transaction.atomic():
        kept.drop([held.file_key])
        Quarantined.objects.filter(pk=held.pk).delete()
        tell(
            Event.Action.QUARANTINE,
            principal=principal,
            practice_id=held.practice_id,
            source="quarantine",
            study_instance_uid=held.study_instance_uid,
            detail=decision,
        )
