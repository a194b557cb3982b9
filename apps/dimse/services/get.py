"""C-GET as its SCP (PS3.4 C.4.3): what is asked for comes back on the same association, by C-STORE."""

from collections import Counter

from apps.accounts.permissions import Permission
from apps.archive.retrieve import StoredInstance
from apps.audit import access
from apps.core.errors import FoveaError
from apps.dicom.network.association import Message
from apps.dicom.network.command import Status
from apps.dimse.services.retrieving import Declined, asked_for
from apps.dimse.services.sub_operations import SubOperations
from apps.dimse.session import Session
from apps.remotes.models import Service
from apps.remotes.sending import Sender


def answer(session: Session, message: Message) -> None:
    """Send what a C-GET asks for, each instance in a context that the peer has as its SCP. Raises NetworkError."""
    try:
        instances = asked_for(session, message, Service.GET, Permission.DOWNLOAD)
        _note(session, instances)
    except Declined as declined:
        session.association.send(message.context, declined.answer(message))
        return
    sender = Sender(session.association)
    operations = SubOperations(session, message, len(instances))
    for stored in instances:
        if operations.is_cancelled():
            break
        operations.note(stored, sender.send(stored))
        if message.command.message_id in sender.cancelled:
            operations.cancel()
    operations.finish()


def _note(session: Session, instances: list[StoredInstance]) -> None:
    """Put on record what will be given. Raises Declined: what can't be on record isn't given."""
    counts = Counter((stored.practice_id, stored.study_instance_uid) for stored in instances)
    try:
        for (practice_id, study), count in counts.items():
            access.note(session.principal, practice_id, study, "instances", count)
    except FoveaError as error:
        raise Declined(Status.CANNOT_UNDERSTAND, error.detail) from error
