"""C-ECHO: whether somebody is there (PS3.4 A)."""

from apps.dicom.network.association import Message
from apps.dicom.network.command import Status
from apps.dimse.session import Session


def answer(session: Session, message: Message) -> None:
    """Answer with Success."""
    session.association.send(message.context, message.command.answer(Status.SUCCESS))
