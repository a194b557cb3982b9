"""Storage commitment as its user (PS3.4 J.3.3): the report of a destination, on an association that it has opened."""

from apps.dicom.network.association import Message
from apps.dimse.session import Session
from apps.routing.commitments import taking


def answer(session: Session, message: Message) -> None:
    """Take an N-EVENT-REPORT: only of what its sender was asked about. Raises NetworkError."""
    admitted = session.admitted
    taking.take(session.association, message, practice_id=admitted.practice_id, remote_id=admitted.remote_id)
