"""C-MOVE as its SCP (PS3.4 C.4.2): what is asked for goes to a node that the practice knows, by C-STORE."""

from collections import Counter
from contextlib import closing

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.retrieve import StoredInstance
from apps.audit import record
from apps.audit.record import Action, tell
from apps.dicom.network.association import Message
from apps.dicom.network.command import Element, Status
from apps.dimse.services.retrieving import Declined, asked_for
from apps.dimse.services.sub_operations import SubOperations
from apps.dimse.session import Session
from apps.remotes.delivering import deliver
from apps.remotes.models import Protocol, Remote, Service
from apps.remotes.sending import Originator, Outcome
from apps.saying import say

WAY = "C-MOVE"


def answer(session: Session, message: Message) -> None:
    """Send what a C-MOVE asks for to its Move Destination. Raises NetworkError for the requestor's association."""
    try:
        instances = asked_for(session, message, Service.MOVE, Permission.SEND)
        destination = destination_of(session, message.command.text(Element.MOVE_DESTINATION))
    except Declined as declined:
        session.association.send(message.context, declined.answer(message))
        return
    operations = SubOperations(session, message, len(instances))
    account = Account(destination)
    try:
        _move(session, message, instances, operations, account)
    finally:
        account.tell(session.principal)
    operations.finish()


def destination_of(session: Session, title: str) -> Remote:
    """The node of the practice with this AE title; the caller itself, where several have it. Raises Declined."""
    known = Remote.objects.filter(
        practice_id=session.admitted.practice_id, protocol=Protocol.DIMSE, is_active=True, title=title
    )
    reachable = [remote for remote in known if remote.host and remote.port]
    if not title or not reachable:
        raise Declined(Status.MOVE_DESTINATION_UNKNOWN, say("The move destination is not known here."))
    return next((remote for remote in reachable if remote.pk == session.admitted.remote_id), reachable[0])


class Account:
    """What went to a destination, for the record: of each study, how many instances, and of how many nothing came."""

    def __init__(self, destination: Remote) -> None:
        self.destination = destination
        self._taken: Counter[tuple[int, str]] = Counter()
        self._failed: Counter[tuple[int, str]] = Counter()

    def note(self, stored: StoredInstance, outcome: Outcome) -> None:
        counter = self._failed if outcome is Outcome.FAILED else self._taken
        counter[stored.practice_id, stored.study_instance_uid] += 1

    def tell(self, principal: Principal) -> None:
        """Put it on record (PS3.15 A.5.3.7)."""
        with transaction.atomic():
            for counter, outcome in (
                (self._taken, record.Outcome.SUCCESS),
                (self._failed, record.Outcome.MINOR_FAILURE),
            ):
                for (practice_id, study), count in counter.items():
                    tell(
                        Action.SEND,
                        principal=principal,
                        practice_id=practice_id,
                        study_instance_uid=study,
                        count=count,
                        detail=self.destination.name,
                        outcome=outcome,
                        source=WAY,
                    )


def _move(
    session: Session, message: Message, instances: list[StoredInstance], operations: SubOperations, account: Account
) -> None:
    originator = Originator(session.admitted.title, message.command.message_id)
    if instances:
        operations.tell_pending()
    called = session.admitted.called
    with closing(deliver(account.destination, instances, title=called, originator=originator)) as delivered:
        for stored, sent in delivered:
            account.note(stored, sent.outcome)
            operations.note(stored, sent)
            if operations.is_cancelled():
                return
