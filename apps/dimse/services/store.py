"""C-STORE as its SCP (PS3.4 B): what a remote sends becomes an object of the practice whose AE title it called."""

from apps.accounts.permissions import Permission
from apps.archive.outcomes import Origin
from apps.dicom.network.association import Message
from apps.dicom.network.command import Status
from apps.dimse.session import Session
from apps.remotes.models import Service
from apps.remotes.receiving import WAY, Received, receive

NOT_ALLOWED = Received(Status.NOT_AUTHORISED, "This node may not store here.")


def answer(session: Session, message: Message) -> None:
    """Store the object of a C-STORE-RQ and say what became of it. Durable before a success is told.

    Raises Gone, TimedOut, Aborted, ProtocolError.
    """
    received = _received(session, message)
    session.association.send(message.context, received.answer(message.command))


def _received(session: Session, message: Message) -> Received:
    admitted = session.admitted
    may_upload = session.principal.may_in(Permission.UPLOAD, admitted.practice_id)
    if Service.STORE not in admitted.services or not may_upload:
        for _ in session.association.data_set():
            pass
        return NOT_ALLOWED
    principal = session.principal
    origin = Origin(
        WAY, admitted.practice_id, principal.username, session.request_id, principal.user_id or None,
        admitted.remote_id, admitted.title,
    )  # fmt: skip
    return receive(session.association, message, origin, admitted.duplicates)
