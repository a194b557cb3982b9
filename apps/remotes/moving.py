"""Fetching by C-MOVE to ourselves (PS3.4 C.4.2): the remote sends by an association of its own to this server."""

from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import Element, Field
from apps.dicom.network.requestor import contexts_of
from apps.remotes.finding import request
from apps.remotes.intake import Intake, Unit
from apps.remotes.retrieving import STUDY_ROOT_MOVE, Conversation, identifier_of


def is_accepted(association: Association) -> bool:
    return bool(contexts_of(association, STUDY_ROOT_MOVE))


def move(association: Association, unit: Unit, intake: Intake) -> None:
    """Have what is asked for sent to the AE title that calls. How far it is, is what the remote says.

    Raises NetworkError, RemoteFailed, RemoteRefused, and what ends the intake.
    """
    context = contexts_of(association, STUDY_ROOT_MOVE)[0]
    message_id = association.message_id
    command = request(Field.C_MOVE, STUDY_ROOT_MOVE, message_id) | {Element.MOVE_DESTINATION: association.calling}
    association.send(context, command, encode(identifier_of(unit), context.transfer_syntax))
    before = intake.moved

    def take(message: Message) -> None:
        done = (Element.COMPLETED, Element.WARNING, Element.FAILED)
        intake.moved = before + sum(message.command.number(element) for element in done)

    Conversation(association, context, Field.C_MOVE, message_id).hold(take, intake)
